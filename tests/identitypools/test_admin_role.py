"""The admin's page that tells which role somebody gets, and why; and what it must never do or show."""

import logging
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission, User
from django.test import Client

from identity.core import clock
from identity.core.models import Event
from identity.iam import roles
from identity.identitypools import brokers, explaining, identities
from identity.identitypools.credentials import Circumstances
from identity.identitypools.errors import GuestsNotAllowed
from identity.identitypools.models import Broker, Identity, IdentityPool, Login
from tests.identitypools import world
from tests.identitypools.world import NOBODY, set_roles

DEVELOPER = "login.notes"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(pool_id: str) -> str:
    return f"/admin/identity_identitypools/identitypool/{quote(pool_id)}/role/"


def explained(boss: Client, pool_id: str, **filled: str) -> str:
    response = boss.post(address(pool_id), {"who": "token", **filled})
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("&quot;", '"').replace("&#x27;", "'").split())


@pytest.fixture
def pool(cognito_identity: Any, user_pool: world.UserPool, make_pool: Any) -> str:
    """A pool with a rule, default tags, and roles of which only one lets tagged sessions in."""
    pool_id: str = make_pool(DeveloperProviderName=DEVELOPER)
    gold = world.role("gold", pool_id, tags=True).arn
    rule = {"Claim": "custom:plan", "MatchType": "Equals", "Value": "gold", "RoleARN": gold}
    mapping = {
        f"{user_pool.provider}:{world.CLIENT}": {
            "Type": "Rules",
            "AmbiguousRoleResolution": "AuthenticatedRole",
            "RulesConfiguration": {"Rules": [rule]},
        }
    }
    set_roles(
        cognito_identity,
        pool_id,
        mapping,
        authenticated=world.role("plain", pool_id).arn,
        unauthenticated=world.role("guest", pool_id, amr="unauthenticated").arn,
    )
    cognito_identity.set_principal_tag_attribute_map(
        IdentityPoolId=pool_id, IdentityProviderName=user_pool.provider, UseDefaults=True
    )
    return pool_id


def test_the_role_of_a_token_and_the_way_to_it(boss: Client, user_pool: world.UserPool, pool: str) -> None:
    page = explained(boss, pool, token=user_pool.token("ana", **{"custom:plan": "gold"}))

    assert "Gets the role" in page
    assert "<code>arn:aws:iam::000000000000:role/gold</code>" in page
    assert (
        "<td>yes</td><td>Rule 1: custom:plan Equals gold gives arn:aws:iam::000000000000:role/gold</td><td>gold</td>"
        in page
    )
    assert "<code>username</code> = <code>ana</code>" in page
    assert "sts:TagSession</strong>: allowed" in page
    assert "a new one" in page


def test_a_role_whose_trust_policy_refuses_and_what_it_lacks(
    boss: Client, user_pool: world.UserPool, pool: str
) -> None:
    page = explained(boss, pool, token=user_pool.token("ana"))

    assert "Would get the role, but gets no credentials" in page
    assert (
        "<td>no</td><td>Rule 1: custom:plan Equals gold gives arn:aws:iam::000000000000:role/gold</td><td>nothing</td>"
        in page
    )
    assert "sts:AssumeRoleWithWebIdentity</strong>: allowed" in page
    assert "sts:TagSession</strong>: not allowed" in page
    assert 'Action "sts:AssumeRoleWithWebIdentity" does not cover sts:TagSession.' in page


def test_a_guest_and_a_developers_user(boss: Client, pool: str) -> None:
    guest = explained(boss, pool, who="guest")
    user = explained(boss, pool, who="developer", developer_user="ana")

    assert "role/guest</code>" in guest
    assert "two session policies" in guest
    assert "role/plain</code>" in user
    assert f"<code>{DEVELOPER}:{pool}:ana</code>" in user


def test_a_guest_is_refused_where_the_pool_has_none(boss: Client, make_pool: Any) -> None:
    pool_id = make_pool(AllowUnauthenticatedIdentities=False)
    at = Circumstances(clock.now(), {})

    with pytest.raises(GuestsNotAllowed):
        explaining.explain(IdentityPool.objects.get(pk=pool_id), None, at)
    assert GuestsNotAllowed.message in explained(boss, pool_id, who="guest")


def test_a_custom_role_is_refused_as_for_clients(boss: Client, pool: str) -> None:
    page = explained(boss, pool, who="guest", custom_role="arn:aws:iam::000000000000:role/gold")

    assert "No role: NotAuthorizedException" in page
    assert "Access to Role 'arn:aws:iam::000000000000:role/gold' is forbidden." in page


def test_a_refused_token_is_refused_with_the_reason(
    boss: Client, user_pool: world.UserPool, pool: str
) -> None:
    other = world.UserPool(user_pool.id)

    assert "Invalid login token. Couldn't verify signed token." in explained(boss, pool, token=other.token())
    assert "Token is not from a supported provider" in explained(
        boss, pool, token=user_pool.token(iss="https://login.example")
    )
    assert "This is no ID token." in explained(boss, pool, token="x")
    assert "The token names no issuer." in explained(boss, pool, token=user_pool.token(iss=None))
    assert "Issuer doesn't match providerName" in explained(
        boss, pool, token=user_pool.token(iss="https://x"), provider=user_pool.provider
    )


def test_an_unknown_role_and_an_unreadable_trust_policy_are_said(
    boss: Client, cognito_identity: Any, pool: str
) -> None:
    set_roles(cognito_identity, pool, authenticated="arn:aws:iam::000000000000:role/nobody")
    assert "There is no such role." in explained(boss, pool, who="developer", developer_user="ana")

    broken = roles.create("broken", world.trust(pool, "authenticated"))
    type(broken).objects.filter(pk=broken.pk).update(trust_policy="{")
    set_roles(cognito_identity, pool, authenticated=broken.arn)
    assert "can't be read" in explained(boss, pool, who="developer", developer_user="ana")


def test_a_brokered_pools_role_is_told_as_it_is_there(boss: Client, pool: str) -> None:
    broker = Broker(pool_id=pool, endpoint="https://sts.example.com", guest_role="arn:aws:iam::1:role/guests")
    brokers.save(broker)

    guest = explained(boss, pool, who="guest")
    known = explained(boss, pool, who="developer", developer_user="ana")

    assert "sts.example.com" in guest
    assert "<code>arn:aws:iam::1:role/guests</code>" in guest
    assert "not allowed by its trust policy" not in guest
    assert "Gets the role" not in known


def test_known_identities_are_named_with_their_state(
    boss: Client, anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    token = user_pool.token("ana", **{"custom:plan": "gold"})
    known = anyone.get_id(IdentityPoolId=pool, Logins={user_pool.provider: token})["IdentityId"]

    assert f"<code>{known}</code> (authenticated)" in explained(boss, pool, token=token)

    identities.disable(Identity.objects.get(pk=known))
    page = explained(boss, pool, token=token)
    assert f"<code>{known}</code> (disabled)" in page
    assert "gets no credentials" in page


def test_nothing_is_done_stored_logged_or_shown_again(
    boss: Client, user_pool: world.UserPool, pool: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = Event.objects.count()
    token = user_pool.token("ana")

    good = explained(boss, pool, token=token)
    bad = boss.post(address(pool), {"who": "nobody", "token": token}).content.decode()

    assert not Identity.objects.exists()
    assert not Login.objects.exists()
    assert Event.objects.count() == before
    for text in (good, bad, caplog.text):
        assert token.rpartition(".")[2] not in text


def test_what_is_missing_in_the_form_is_said(boss: Client, pool: str) -> None:
    assert "Paste the token." in explained(boss, pool)
    assert "Name the user." in explained(boss, pool, who="developer")


def test_reading_the_form_does_nothing_and_the_pools_page_leads_there(boss: Client, pool: str) -> None:
    change = boss.get(f"/admin/identity_identitypools/identitypool/{quote(pool)}/change/").content.decode()
    form = boss.get(address(pool))

    assert address(pool) in change
    assert form.status_code == 200
    assert "role-answer" not in form.content.decode()
    assert boss.put(address(pool)).status_code == 405
    assert boss.get(address(NOBODY)).status_code == 404


def test_only_who_may_change_pools_may_ask(user_pool: world.UserPool, pool: str) -> None:
    viewer = User.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_identitypool"))
    changer = User.objects.create_user("changer", password="x", is_staff=True)
    changer.user_permissions.add(Permission.objects.get(codename="change_identitypool"))

    seen = logged_in(viewer).get(f"/admin/identity_identitypools/identitypool/{quote(pool)}/change/")
    assert address(pool) not in seen.content.decode()
    for client, status in ((logged_in(viewer), 403), (logged_in(changer), 200), (Client(), 302)):
        assert client.get(address(pool)).status_code == status
        assert client.post(address(pool), {"who": "guest"}).status_code == status


def test_the_form_is_protected_against_other_sites(pool: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss", "boss@example.com", "x"))

    assert client.post(address(pool), {"who": "guest"}).status_code == 403
