"""Every registered operation, called with input that no honest client sends, answers an error of its model: 0 × 500."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from identity.wire import service
from identity.wire.service import Operation, Service
from tests import aws, conftest
from tests.wire import hostile

KEY = (conftest.ADMIN_KEY_ID, conftest.ADMIN_SECRET)
PASSWORD = "Passw0rd!"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
COMMON = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "InternalErrorException",
    "NotImplementedException",
    "RequestEntityTooLargeException",
    "SerializationException",
    "UnrecognizedClientException",
    "ValidationException",
}
COMMON_QUERY = {
    "AccessDenied",
    "InvalidParameterValue",
    "MalformedInput",
    "RequestEntityTooLarge",
    "ValidationError",
}
DEVELOPER = "login.hostile"
REAL = {
    # What the service answers although its model leaves it out.
    "iam:CreateRole": {"NoSuchEntity"},
    "iam:GetAccessKeyLastUsed": {"NoSuchEntity"},
}
Given = dict[str, dict[str, Any]]

CASES = [(name, operation.name) for name, found in service.services().items() for operation in found]


@contextmanager
def sandbox() -> Iterator[None]:
    """Whatever happens inside is undone. Marked as a test case's own block, as the code that commits on its own expects."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def given(admin_key: tuple[str, str], service_name: str) -> Given:
    """A small world for the service's operations: values that exist, by the names of the members that take them.

    Under the service's name those of all its operations, under an operation's those of it alone.
    """
    return WORLDS[service_name]()


def user_pools_given() -> Given:
    return {"cognito-idp": user_pool_values(*make_pool())}


def identity_pools_given() -> Given:
    pool_id = make_identity_pool(*make_pool())
    return {"cognito-identity": identity_values(pool_id), **developer_values(pool_id)}


def sync_given() -> Given:
    return {"cognito-sync": {}}


def iam_given() -> Given:
    return {"iam": iam_values()}


def sts_given() -> Given:
    from identity.iam import roles

    roles.create("hostile", TRUST)
    return {"sts": sts_values()}


WORLDS: dict[str, Callable[[], Given]] = {
    "cognito-idp": user_pools_given,
    "cognito-identity": identity_pools_given,
    "cognito-sync": sync_given,
    "iam": iam_given,
    "sts": sts_given,
}


def client(name: str) -> Any:
    return aws.client(name, access_key=KEY[0], secret=KEY[1])


def make_pool() -> tuple[str, str]:
    """A pool with a client, two users, a group, a resource server and a domain."""
    cognito = client("cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="hostile", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows)
    for name in ("ana", "ben"):
        email = {"Name": "email", "Value": f"{name}@example.com"}
        cognito.admin_create_user(
            UserPoolId=pool_id, Username=name, UserAttributes=[email], MessageAction="SUPPRESS"
        )
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password=PASSWORD, Permanent=True)
    cognito.create_group(UserPoolId=pool_id, GroupName="staff")
    scope = {"ScopeName": "read", "ScopeDescription": "read"}
    cognito.create_resource_server(UserPoolId=pool_id, Identifier="notes", Name="notes", Scopes=[scope])
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="hostile")
    return pool_id, made["UserPoolClient"]["ClientId"]


def user_pool_values(pool_id: str, client_id: str) -> dict[str, Any]:
    signed_in = client("cognito-idp").initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return {
        "UserPoolId": pool_id,
        "ClientId": client_id,
        "Username": "ana",
        "Password": PASSWORD,
        "PreviousPassword": PASSWORD,
        "ProposedPassword": "Other-Passw0rd",
        "AccessToken": signed_in["AccessToken"],
        "RefreshToken": signed_in["RefreshToken"],
        "Token": signed_in["RefreshToken"],
        "GroupName": "staff",
        "Identifier": "notes",
        "Domain": "hostile",
        "ConfirmationCode": "123456",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ana", "PASSWORD": PASSWORD},
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeResponses": {"USERNAME": "ana", "NEW_PASSWORD": "Other-Passw0rd"},
        "Session": "AYABe" + "A" * 100,
    }


def make_identity_pool(user_pool_id: str, client_id: str) -> str:
    """An identity pool of that user pool, and of a developer with two users."""
    from identity.iam import roles

    roles.create("hostile", TRUST)
    identity = client("cognito-identity")
    provider = f"cognito-idp.us-east-1.amazonaws.com/{user_pool_id}"
    made = identity.create_identity_pool(
        IdentityPoolName="hostile",
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=True,
        DeveloperProviderName=DEVELOPER,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client_id}],
        IdentityPoolTags={"stage": "test"},
    )
    pool_id = str(made["IdentityPoolId"])
    for name in ("ana", "ben"):
        identity.get_open_id_token_for_developer_identity(IdentityPoolId=pool_id, Logins={DEVELOPER: name})
    return pool_id


def identity_values(pool_id: str) -> dict[str, Any]:
    identity = client("cognito-identity")
    identity_id = identity.get_id(IdentityPoolId=pool_id)["IdentityId"]
    described = identity.describe_identity_pool(IdentityPoolId=pool_id)
    return {
        "IdentityPoolId": pool_id,
        "IdentityId": identity_id,
        "IdentityPoolName": "hostile",
        "Roles": {"unauthenticated": "arn:aws:iam::000000000000:role/hostile"},
        "AllowUnauthenticatedIdentities": True,
        "DeveloperProviderName": DEVELOPER,
        "SourceUserIdentifier": "ana",
        "DestinationUserIdentifier": "ben",
        "IdentityProviderName": described["CognitoIdentityProviders"][0]["ProviderName"],
        "ResourceArn": f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{pool_id}",
        "Tags": {"stage": "live"},
        "TagKeys": ["stage"],
        "IdentityIdsToDelete": [identity_id],
    }


def developer_values(pool_id: str) -> dict[str, dict[str, Any]]:
    """What single operations take besides: their identities have a developer's user, and tokens."""
    found = client("cognito-identity").lookup_developer_identity(
        IdentityPoolId=pool_id, DeveloperUserIdentifier="ana"
    )["IdentityId"]
    mine = {"IdentityId": found, "DeveloperUserIdentifier": "ana"}
    return {
        "GetOpenIdTokenForDeveloperIdentity": {"IdentityId": found, "Logins": {DEVELOPER: "ana"}},
        "LookupDeveloperIdentity": mine,
        "UnlinkDeveloperIdentity": mine,
        "DescribeIdentity": {"IdentityId": found},
        "UnlinkIdentity": {"LoginsToRemove": [DEVELOPER]},
    }


def iam_values() -> dict[str, Any]:
    """A user with a key and an inline policy, a managed policy with two versions, a provider of each kind."""
    from tests.iam import saml_idp

    iam = client("iam")
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:*", "Resource": "*"}}
    )
    metadata = saml_idp.Idp().metadata()
    iam.create_role(RoleName="hostile", AssumeRolePolicyDocument=json.dumps(TRUST))
    user = iam.create_user(UserName="hostile")["User"]
    policy = iam.create_policy(PolicyName="hostile", PolicyDocument=document)["Policy"]
    iam.create_policy_version(PolicyArn=policy["Arn"], PolicyDocument=document)
    iam.put_user_policy(UserName="hostile", PolicyName="inline", PolicyDocument=document)
    iam.put_role_policy(RoleName="hostile", PolicyName="inline", PolicyDocument=document)
    oidc = iam.create_open_id_connect_provider(Url="https://idp.example.com", ClientIDList=["one"])
    saml = iam.create_saml_provider(Name="hostile", SAMLMetadataDocument=metadata)
    return {
        "RoleName": "hostile",
        "UserName": "hostile",
        "AccessKeyId": iam.create_access_key(UserName="hostile")["AccessKey"]["AccessKeyId"],
        "PolicyArn": policy["Arn"],
        "PolicyName": "inline",
        "VersionId": "v2",
        "PolicyDocument": document,
        "AssumeRolePolicyDocument": json.dumps(TRUST),
        "PermissionsBoundary": policy["Arn"],
        "PolicySourceArn": user["Arn"],
        "PolicyInputList": [document],
        "ActionNames": ["notes:Read"],
        "OpenIDConnectProviderArn": oidc["OpenIDConnectProviderArn"],
        "Url": "https://other.example.com",
        "SAMLProviderArn": saml["SAMLProviderArn"],
        "SAMLMetadataDocument": metadata,
        "Name": "other",
    }


def sts_values() -> dict[str, Any]:
    from identity.iam import denials, policy
    from identity.iam.rights import Rights

    principal = policy.Principal(policy.PrincipalKind.USER, "arn:aws:iam::000000000000:user/ana")
    asked = policy.Request("notes:Get", "*", {"aws:SourceIp": "127.0.0.1"}, principal)
    return {
        "RoleArn": "arn:aws:iam::000000000000:role/hostile",
        "RoleSessionName": "ana",
        "PrincipalArn": "arn:aws:iam::000000000000:saml-provider/hostile",
        "SAMLAssertion": "PHNhbWxwOlJlc3BvbnNlLz4=",
        "Name": "ana",
        "AccessKeyId": "ASIA" + "A" * 16,
        "EncodedMessage": denials.encode(asked, Rights(principal), "AIDAEXAMPLE"),
        "TargetPrincipal": "arn:aws:iam::000000000000:root",
        "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"},
        "Audience": ["https://api.example.com"],
        "SigningAlgorithm": "RS256",
        "TradeInToken": "token",
    }


def call(http: Client, found: Service, operation: Operation, body: Any) -> HttpResponse:
    if found.metadata["protocol"] == "query":
        fields = {"Action": operation.name, "Version": found.metadata["apiVersion"]} | dict(flat(body))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        text = urlencode(fields, errors="surrogatepass")
        return aws.sign_and_send(
            "POST", aws.ENDPOINT, headers, text, KEY, service=found.signing_name, http=http
        )
    target = f"{found.metadata['targetPrefix']}.{operation.name}"
    text = body if isinstance(body, str) else dump(body)
    if operation.unsigned:
        return aws.call_raw(target, text, http=http)
    return aws.call_signed(found.signing_name, target, text, KEY, http=http)


def dump(body: Any) -> str:
    """JSON, with a number that Python itself refuses to write."""
    return json.dumps(body, default=str)


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from flat(item, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from flat(item, f"{prefix}.member.{number}")
    elif value is not None:
        yield prefix or "Unheard", str(value)


def code_of(response: HttpResponse) -> str:
    if response["Content-Type"] == "text/xml":
        found = re.search(rb"<Code>(.*?)</Code>", response.content)
        return found[1].decode() if found else ""
    return str(json.loads(response.content or b"{}").get("__type", ""))


def message_of(response: HttpResponse) -> str:
    return response.headers.get("x-amzn-errormessage", "") or response.content[:500].decode(errors="replace")


def fault(response: HttpResponse, allowed: set[str]) -> str | None:
    """What is wrong with an answer, or None."""
    if response.status_code == 200:
        return None
    code = code_of(response)
    if response.status_code >= 500 or code not in allowed:
        return f"{response.status_code} {code}"
    if response["x-amzn-requestid"] == "":
        return "no request id"
    return None


def allowed_codes(found: Service, operation: Operation) -> set[str]:
    shapes = {error["shape"] for error in found.model["operations"][operation.name].get("errors", ())}
    modelled = {code for shape, (code, _) in found.error_codes.items() if shape in shapes}
    return modelled | COMMON | COMMON_QUERY | REAL.get(operation.action, set())


@pytest.mark.parametrize(("service_name", "name"), CASES)
def test_hostile_input_is_answered_by_a_modelled_error(service_name, name, given):
    found = service.services()[service_name]
    operation = found.find(name)
    allowed = allowed_codes(found, operation)
    faults: dict[str, str] = {}
    answers: dict[str, str] = {}
    http = Client()

    values = given[service_name] | given.get(name, {})
    for label, body in hostile.variants(service_name, found.model, name, values):
        with sandbox():
            try:
                response = call(http, found, operation, body)
                answers[label] = message_of(response)
                answered = fault(response, allowed)
            except Exception as error:  # what the server would answer by a 500 is raised by the test client
                answered = f"raised {type(error).__name__}: {error}"[:300]
        if answered:
            faults[label] = answered

    assert faults == {}
    assert not re.search("validation error|Signature|security token", answers["good"]), (
        "never came further than here"
    )
