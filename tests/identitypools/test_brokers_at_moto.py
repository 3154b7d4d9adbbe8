"""The whole way to S3 at a moto server that enforces IAM: sign in, brokered credentials, objects.

What moto 5.2 checks: signatures, and of the role's policies actions and resources, literally but for ``*``. What it
doesn't: the web identity token, trust policies, session policies, policy variables. So a prefix is proved here by a role
for each person, chosen by rules and with the prefix written out; the rest is proved at a store that does check
(``test_brokers_at_ceph``) and at our own STS (``test_brokers_at_home``). AssumeRoleWithWebIdentity, which is unsigned, is a
server error at moto while it enforces: credentials are fetched before.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from identity.identitypools import brokers, pools
from identity.identitypools.logins import known_issuers
from identity.identitypools.models import Broker
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import given, set_roles
from tests.moto_server import MotoServer

BUCKET = "notes"
PASSWORD = "Correct-horse-7"
ADMIN = {"AccessKeyId": "AKIAEXAMPLE", "SecretKey": "before-it-enforces"}
THERE, HERE = "arn:aws:iam::123456789012", "arn:aws:iam::000000000000"


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    server = MotoServer(tmp_path_factory.mktemp("moto") / "log").start()
    yield server
    server.stop()


@pytest.fixture
def logins(cognito: Any) -> dict[str, dict[str, str]]:
    """Two people who signed in to a user pool by password: the Logins of each."""
    known_issuers.forget()
    pool_id = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    app = aws.client("cognito-idp")

    def sign_in(name: str) -> dict[str, str]:
        cognito.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=PASSWORD, Permanent=True)
        signed_in = app.initiate_auth(
            ClientId=client["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        token = signed_in["AuthenticationResult"]["IdToken"]
        return {f"cognito-idp.us-east-1.amazonaws.com/{pool_id}": token}

    return {name: sign_in(name) for name in ("ana", "bob")}


@pytest.fixture
def pool_id(cognito_identity: Any, logins: dict[str, dict[str, str]]) -> str:
    """People get a role of their own name, guests the broker's role for guests."""
    ((provider, token),) = logins["ana"].items()
    client_id = world.claims_of(token)["aud"]
    made: str = cognito_identity.create_identity_pool(
        IdentityPoolName="notes",
        AllowUnauthenticatedIdentities=True,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client_id}],
    )["IdentityPoolId"]
    found = [
        {"Claim": "cognito:username", "MatchType": "Equals", "Value": name, "RoleARN": f"{HERE}:role/{name}"}
        for name in logins
    ]
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": found}}
    set_roles(cognito_identity, made, {f"{provider}:{client_id}": mapping})
    return made


def make_role(iam: Any, name: str, prefix: str) -> str:
    """At moto, as an administrator of AWS writes it: trusting our issuer, allowing one prefix."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": f"{THERE}:oidc-provider/testserver/identity-pools"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    rights = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": f"arn:aws:s3:::{BUCKET}/{prefix}/*",
    }

    def text(statement: Any) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=text(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own-notes", PolicyDocument=text(rights))
    return arn


def test_each_reaches_their_own_prefix_and_no_other(
    moto: MotoServer, anyone: Any, logins: dict[str, dict[str, str]], pool_id: str, settings: Any
) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ("127.0.0.1",)}
    iam, store = moto.client("iam", ADMIN), moto.client("s3", ADMIN)
    store.create_bucket(Bucket=BUCKET)
    iam.create_open_id_connect_provider(
        Url="https://testserver/identity-pools", ClientIDList=[pool_id], ThumbprintList=["0" * 40]
    )
    ids = {
        name: anyone.get_id(IdentityPoolId=pool_id, Logins=proof)["IdentityId"]
        for name, proof in logins.items()
    }
    roles = {name: make_role(iam, name, identity_id) for name, identity_id in ids.items()}
    broker = Broker(
        pool=pools.get(pool_id),
        endpoint=moto.url,
        guest_role=make_role(iam, "guests", "public"),
        roles={f"{HERE}:role/{name}": arn for name, arn in roles.items()},
    )
    brokers.save(broker)
    for prefix in (*ids.values(), "public"):
        store.put_object(Bucket=BUCKET, Key=f"{prefix}/hello", Body=prefix.encode())

    people = {
        name: moto.client("s3", given(anyone, pool_id, proof)["Credentials"])
        for name, proof in logins.items()
    }
    guest = moto.client("s3", given(anyone, pool_id)["Credentials"])
    moto.enforce()

    for name, other in (("ana", "bob"), ("bob", "ana")):
        assert world.read(people[name], BUCKET, ids[name]) == ids[name]
        assert world.read(people[name], BUCKET, ids[other]) == "AccessDenied"
        assert world.read(people[name], BUCKET, "public") == "AccessDenied"
        assert people[name].put_object(Bucket=BUCKET, Key=f"{ids[name]}/mine", Body=b"")
        with pytest.raises(people[name].exceptions.ClientError, match="AccessDenied"):
            people[name].put_object(Bucket=BUCKET, Key=f"{ids[other]}/mine", Body=b"")
    assert world.read(guest, BUCKET, "public") == "public"
    assert world.read(guest, BUCKET, ids["ana"]) == "AccessDenied"
    assert world.read(store, BUCKET, "public") == "InvalidAccessKeyId"  # it does enforce
    with pytest.raises(anyone.exceptions.ExternalServiceException):
        given(anyone, pool_id)  # moto's fault, see above
    moto.enforce(after=1e9)
