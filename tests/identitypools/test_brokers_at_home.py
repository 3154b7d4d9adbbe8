"""The whole way over sockets to another security token service with a complete policy engine: ours, as a second
installation would run it. It fetches discovery and keys from the issuer, as any other would.
"""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from identity.core import clock
from identity.iam import oidc_keys, roles
from identity.iam.models import OidcProvider
from identity.identitypools import broker_tokens, brokers, pools
from identity.identitypools.models import Broker
from identity.wire import callers
from identity.wire.errors import AccessDenied
from tests.identitypools import world
from tests.identitypools.world import arn_of, given

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db(transaction=True)]

NOTES = "arn:aws:s3:::notes"


@pytest.fixture
def base(live_server: Any, settings: Any) -> str:
    oidc_keys.forget()
    settings.IDENTITY = {
        **settings.IDENTITY,
        "BASE_URL": live_server.url,
        "FETCH_PRIVATE": ("localhost", "127.0.0.1"),
    }
    url: str = live_server.url
    return url


@pytest.fixture
def broker(base: str, make_pool: Any) -> Broker:
    """Users may do all with S3 by their role; the broker bounds them to their own notes."""
    pool_id = make_pool()
    issuer = broker_tokens.issuer()
    OidcProvider.objects.create(url=issuer, client_ids=[pool_id])
    name = issuer.partition("://")[2]
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::000000000000:oidc-provider/{name}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{name}:aud": pool_id},
            "ForAnyValue:StringEquals": {f"{name}:amr": ["authenticated"]},
        },
    }
    role = roles.create("there", {"Version": "2012-10-17", "Statement": [trust]})
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    roles.put_policy(role, "rights", {"Version": "2012-10-17", "Statement": [everything]})
    own = {
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": f"{NOTES}/${{cognito-identity.amazonaws.com:sub}}/*",
    }
    made = Broker(
        pool=pools.get(pool_id),
        endpoint=base,
        authenticated_role=role.arn,
        guest_role=role.arn,
        session_policy=json.dumps({"Version": "2012-10-17", "Statement": [own]}),
    )
    brokers.save(made)
    return made


def allowed(credentials: dict[str, Any], resource: str) -> bool:
    """What an API of the second installation's would answer."""
    asked = callers.current()
    key = asked.find_key(credentials["AccessKeyId"], credentials["SessionToken"], clock.now())
    try:
        asked.authorize(key.caller, "s3:GetObject", resource, {})
    except AccessDenied:
        return False
    return True


def test_the_session_policy_holds_each_to_their_own_prefix(
    anyone: Any, user_pool: world.UserPool, broker: Broker
) -> None:
    ana, bob = (given(anyone, broker.pool_id, user_pool.logins(name)) for name in ("ana", "bob"))

    assert arn_of(ana["Credentials"]).endswith(":assumed-role/there/CognitoIdentityCredentials")
    assert allowed(ana["Credentials"], f"{NOTES}/{ana['IdentityId']}/x")
    assert not allowed(ana["Credentials"], f"{NOTES}/{bob['IdentityId']}/x")
    assert not allowed(ana["Credentials"], f"{NOTES}/x")
    assert allowed(bob["Credentials"], f"{NOTES}/{bob['IdentityId']}/x")


def test_the_roles_trust_is_asked(anyone: Any, broker: Broker) -> None:
    """It wants people who are signed in; a guest's token says otherwise."""
    with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException):
        given(anyone, broker.pool_id)


def test_another_pools_audience_opens_nothing(
    anyone: Any, user_pool: world.UserPool, make_pool: Any, broker: Broker
) -> None:
    other = Broker(
        pool=pools.get(make_pool()), endpoint=broker.endpoint, authenticated_role=broker.authenticated_role
    )
    brokers.save(other)

    with pytest.raises(anyone.exceptions.InvalidIdentityPoolConfigurationException):
        given(anyone, other.pool_id, user_pool.logins())


def test_the_admin_tries_it_out(broker: Broker) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss", "boss@example.com", "x"))

    page = boss.post(
        "/admin/identity_identitypools/broker/",
        {"action": "try_out", "_selected_action": [broker.pk]},
        follow=True,
    ).content.decode()

    assert f"{broker.authenticated_role}: credentials ASIA" in page
