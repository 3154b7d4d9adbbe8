"""What the product is for, each use case from the app's side with unmodified clients over the socket."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import jwt
import pytest
from botocore.awsrequest import AWSRequest

from tests.clients import issuer, notes, people
from tests.iam.documents import pool_trust
from tests.site import Site

pytestmark = pytest.mark.xdist_group("site")

NOTE = {"title": "Shopping", "text": "Bread, coffee, the blue paint."}


def test_sign_in_with_a_user_pool(site: Site) -> None:
    ada = people.confirmed(site)

    tokens = notes.tokens(site, ada)

    keys = jwt.PyJWKClient(f"{site.base}/{people.POOL}/.well-known/jwks.json")
    claims = jwt.decode(
        tokens["IdToken"],
        keys.get_signing_key_from_jwt(tokens["IdToken"]).key,
        algorithms=["RS256"],
        audience=people.CLIENT,
        issuer=f"{site.base}/{people.POOL}",
    )
    assert claims["cognito:username"] == ada.username


def test_server_side_resource_with_a_token(site: Site) -> None:
    ada = people.confirmed(site)
    tokens = notes.tokens(site, ada)

    mine = profile(site, tokens["AccessToken"])
    assert (mine.status, mine.body["username"]) == (200, ada.username)
    assert profile(site, tokens["IdToken"]).status == 401
    assert profile(site, tokens["AccessToken"][:-4] + "AAAA").status == 401
    people.app(site).global_sign_out(AccessToken=tokens["AccessToken"])
    assert profile(site, tokens["AccessToken"]).status == 401


def profile(site: Site, token: str) -> notes.Answer:
    request = AWSRequest("GET", f"{site.base}/demo/profile", {"Authorization": f"Bearer {token}"})
    return notes.send(request.prepare())


@pytest.fixture
def stranger() -> Iterator[issuer.Issuer]:
    with issuer.running() as made:
        yield made


def test_third_party_token_through_an_identity_pool(site: Site, stranger: issuer.Issuer) -> None:
    pool_id, role = pool_for(site, stranger)
    identity = people.app(site, "cognito-identity")
    given = {stranger.name: stranger.token("theirs-1")}

    identity_id = identity.get_id(IdentityPoolId=pool_id, Logins=given)["IdentityId"]
    credentials = identity.get_credentials_for_identity(IdentityId=identity_id, Logins=given)["Credentials"]

    assert who_am_i(site, credentials).endswith(f"assumed-role/{role}/CognitoIdentityCredentials")
    assert identity.get_id(IdentityPoolId=pool_id, Logins=given)["IdentityId"] == identity_id


def test_third_party_tokens_of_another_app_or_key_are_refused(site: Site, stranger: issuer.Issuer) -> None:
    pool_id, _ = pool_for(site, stranger)
    identity = people.app(site, "cognito-identity")

    def refused(token: str) -> str:
        with pytest.raises(identity.exceptions.NotAuthorizedException) as caught:
            identity.get_id(IdentityPoolId=pool_id, Logins={stranger.name: token})
        return str(caught.value)

    with issuer.running() as other:
        forged = other.token("theirs-1", iss=stranger.url)
        foreign = other.token("theirs-1")
    assert "Couldn't verify signed token" in refused(forged)
    assert "Issuer doesn't match providerName" in refused(foreign)
    assert "Incorrect token audience" in refused(stranger.token("theirs-1", aud="another-app"))
    assert "Token expired" in refused(stranger.token("theirs-1", exp=1_700_000_000))


def pool_for(site: Site, provider: issuer.Issuer) -> tuple[str, str]:
    """An identity pool whose people come from somebody else's provider, all made by boto3; its id and its role."""
    iam, pools = people.admin(site, "iam"), people.admin(site, "cognito-identity")
    made = iam.create_open_id_connect_provider(
        Url=provider.url, ClientIDList=[issuer.CLIENT], ThumbprintList=["0" * 40]
    )
    pool_id = pools.create_identity_pool(
        IdentityPoolName="theirs",
        AllowUnauthenticatedIdentities=False,
        OpenIdConnectProviderARNs=[made["OpenIDConnectProviderArn"]],
    )["IdentityPoolId"]
    name, trust = f"Theirs-{pool_id[-12:]}", json.dumps(pool_trust(pool=pool_id))
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": role["Arn"]})
    return pool_id, name


def who_am_i(site: Site, credentials: dict[str, Any]) -> str:
    sts = boto3.client(
        "sts",
        endpoint_url=site.base,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return str(sts.get_caller_identity()["Arn"])


MY_NOTES = "{ myNotes { title owner } }"
WRITE = 'mutation { createNote(title: "Shopping", text: "Bread") { owner } }'


def test_appsync_with_a_pool_token(site: Site) -> None:
    token = notes.tokens(site, people.confirmed(site))["AccessToken"]

    written = graphql(site, WRITE, {"Authorization": token})
    mine = graphql(site, MY_NOTES, {"Authorization": token})

    assert mine["data"]["myNotes"] == [{"title": "Shopping", **written["data"]["createNote"]}]
    assert graphql(site, MY_NOTES, {"Authorization": token[:-4] + "AAAA"})["errors"]
    assert graphql(site, MY_NOTES, {})["errors"][0]["errorType"] == "UnauthorizedException"


def test_appsync_with_identity_pool_credentials(site: Site) -> None:
    ada = people.confirmed(site)
    identity_id, signed_in = notes.opened(site, notes.logins(site, notes.tokens(site, ada)["IdToken"]))
    _, guest = notes.opened(site)

    written = graphql_signed(site, WRITE, signed_in)
    refused = graphql_signed(site, WRITE, guest)

    assert written["data"]["createNote"] == {"owner": identity_id}
    assert graphql_signed(site, MY_NOTES, signed_in)["data"]["myNotes"][0]["owner"] == identity_id
    assert refused["errors"][0]["errorType"] in ("Unauthorized", "UnauthorizedException")
    assert "data" not in refused or not refused["data"]


def graphql(site: Site, query: str, headers: dict[str, str]) -> Any:
    body = json.dumps({"query": query, "variables": None}).encode()
    answer = notes.send(
        AWSRequest(
            "POST",
            f"{site.base}/demo/graphql",
            {"Content-Type": "application/json", **headers},
            body,
        ).prepare()
    )
    return answer.body


def graphql_signed(site: Site, query: str, credentials: dict[str, Any]) -> Any:
    return notes.call(
        site, credentials, "graphql", method="POST", body={"query": query}, service="appsync"
    ).body


def test_guest_access(site: Site) -> None:
    identity_id, credentials = notes.opened(site)

    assert who_am_i(site, credentials).endswith("assumed-role/DemoGuest/CognitoIdentityCredentials")
    assert notes.call(site, credentials, "notes/public").status == 200
    assert notes.call(site, credentials, f"notes/{identity_id}").status == 403


def test_a_guest_who_signs_in_keeps_the_identity(site: Site) -> None:
    identity = people.app(site, "cognito-identity")
    guest, _ = notes.opened(site)
    given = notes.logins(site, notes.tokens(site, people.confirmed(site))["IdToken"])

    answer = identity.get_credentials_for_identity(IdentityId=guest, Logins=given)

    assert answer["IdentityId"] == guest
    assert "assumed-role/DemoSignedIn/" in who_am_i(site, answer["Credentials"])
    with pytest.raises(identity.exceptions.NotAuthorizedException):
        identity.get_credentials_for_identity(IdentityId=guest)


def test_the_whole_workflow_from_app_to_service(site: Site) -> None:
    """App → user pool → tokens → identity pool → credentials → service, and the service keeps others out."""
    ada = people.confirmed(site)
    given = notes.logins(site, notes.tokens(site, ada)["IdToken"])

    identity_id, credentials = notes.opened(site, given)
    written = notes.call(site, credentials, "notes/mine", method="POST", body=NOTE)
    read = notes.call(site, credentials, f"notes/{identity_id}")

    assert written.status == 201
    assert [note["title"] for note in read.body["notes"]] == [NOTE["title"]]
    _, guest = notes.opened(site)
    assert notes.call(site, guest, f"notes/{identity_id}").status == 403
