"""Identities: guests, logins linked to them, and two that turn out to be one. Source: the tables of the developer guide."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from identity.core import clock
from identity.core.models import Event
from identity.identitypools import identities, merging
from identity.identitypools.models import Identity, Login
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import refusal

pytestmark = pytest.mark.core_suite

FORBIDDEN = "Access to Identity '{}' is forbidden."
MISMATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."


@pytest.fixture
def pool(cognito_identity: Any, user_pool: world.UserPool, second: world.UserPool, make_pool: Any) -> str:
    """An identity pool of two user pools, with roles for both states."""
    pool_id: str = make_pool(CognitoIdentityProviders=[user_pool.entry(), second.entry()])
    roles = {
        "authenticated": world.role("known", pool_id).arn,
        "unauthenticated": world.role("guest", pool_id, amr="unauthenticated").arn,
    }
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    return pool_id


def get_id(anyone: Any, pool_id: str, **logins: str) -> str:
    given = {"Logins": logins} if logins else {}
    identity_id: str = anyone.get_id(IdentityPoolId=pool_id, **given)["IdentityId"]
    return identity_id


def use(anyone: Any, identity_id: str, **logins: str) -> str:
    """The identity that credentials are given to."""
    given = {"Logins": logins} if logins else {}
    answered: str = anyone.get_credentials_for_identity(IdentityId=identity_id, **given)["IdentityId"]
    return answered


def older(identity_id: str) -> None:
    Identity.objects.filter(pk=identity_id).update(created_at=clock.now() - timedelta(days=1))


def state(identity_id: str) -> tuple[str, str | None]:
    identity = Identity.objects.get(pk=identity_id)
    return identity.state, identity.merged_into_id


def tags() -> list[str]:
    happened = Event.objects.filter(tag__startswith="identitypools:identity").order_by("id")
    return [tag.rpartition(":")[2] for tag in happened.values_list("tag", flat=True)]


def test_without_logins_every_call_makes_a_guest(anyone: Any, pool: str) -> None:
    first, other = get_id(anyone, pool), get_id(anyone, pool)

    assert first != other
    assert first.startswith("us-east-1:")
    assert state(first) == ("unauthenticated", None)
    assert tags() == ["created", "created"]


def test_the_body_is_as_short_as_the_services(pool: str) -> None:
    answered = aws.call_raw("AWSCognitoIdentityService.GetId", {"IdentityPoolId": pool})

    assert len(answered.content) == 63


def test_a_login_without_its_token_makes_no_guest(pool: str, user_pool: world.UserPool) -> None:
    given = {"IdentityPoolId": pool, "Logins": {user_pool.provider: None}}

    answered = aws.call_raw("AWSCognitoIdentityService.GetId", given)

    assert answered.status_code == 400
    assert answered["x-amzn-errortype"] == "ValidationException:"
    assert not Identity.objects.exists()


def test_where_guests_are_not_allowed(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    guest = get_id(anyone, pool)
    cognito_identity.update_identity_pool(
        IdentityPoolId=pool,
        IdentityPoolName="notes",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[user_pool.entry()],
    )

    for call in (lambda: get_id(anyone, pool), lambda: use(anyone, guest)):
        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            call()
        assert refusal(refused)[1] == "Unauthenticated access is not supported for this identity pool."
    assert use(anyone, guest, **user_pool.logins()) == guest


def test_the_account_need_not_be_named_but_may(anyone: Any, user_pool: world.UserPool, pool: str) -> None:
    first = anyone.get_id(IdentityPoolId=pool, AccountId="000000000000", Logins=user_pool.logins())

    assert first["IdentityId"] == get_id(anyone, pool, **user_pool.logins())


def test_a_new_login_makes_an_identity_and_then_leads_to_it(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    first = get_id(anyone, pool, **user_pool.logins("ana"))

    assert get_id(anyone, pool, **user_pool.logins("ana")) == first
    assert get_id(anyone, pool, **user_pool.logins("ben")) != first
    assert state(first) == ("authenticated", None)


def test_the_same_user_is_another_identity_in_another_identity_pool(
    anyone: Any, user_pool: world.UserPool, pool: str, make_pool: Any
) -> None:
    assert get_id(anyone, pool, **user_pool.logins()) != get_id(anyone, make_pool(), **user_pool.logins())


def test_get_id_links_unknown_logins_to_the_known_one(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    first = get_id(anyone, pool, **user_pool.logins("ana"))

    both = get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))

    assert both == first == get_id(anyone, pool, **second.logins("ana too"))
    assert tags() == ["created", "linked"]


def test_get_id_merges_two_identities_into_the_older(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    young = get_id(anyone, pool, **user_pool.logins("ana"))
    old = get_id(anyone, pool, **second.logins("ana too"))
    older(old)

    merged = get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))

    assert merged == old == get_id(anyone, pool, **user_pool.logins("ana"))
    assert state(young) == ("disabled", old)
    assert tags() == ["created", "created", "merged"]


def test_two_users_of_one_provider_are_never_one_identity(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))

    with pytest.raises(anyone.exceptions.ResourceConflictException):
        get_id(anyone, pool, **user_pool.logins("ben"), **second.logins("ana too"))
    get_id(anyone, pool, **user_pool.logins("ben"))
    with pytest.raises(anyone.exceptions.ResourceConflictException):
        get_id(anyone, pool, **user_pool.logins("ben"), **second.logins("ana too"))


def test_a_guest_who_signs_in_keeps_the_identity(anyone: Any, user_pool: world.UserPool, pool: str) -> None:
    guest = get_id(anyone, pool)

    assert use(anyone, guest, **user_pool.logins()) == guest
    assert state(guest) == ("authenticated", None)
    assert get_id(anyone, pool, **user_pool.logins()) == guest


def test_a_guest_who_is_known_becomes_the_known_identity(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    guest = get_id(anyone, pool)
    older(guest)
    known = get_id(anyone, pool, **user_pool.logins())

    assert use(anyone, guest, **user_pool.logins()) == known
    assert state(guest) == ("disabled", known)


def test_clients_that_keep_the_guests_id_go_on_as_the_known_identity(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    guest = get_id(anyone, pool)
    known = get_id(anyone, pool, **user_pool.logins())
    use(anyone, guest, **user_pool.logins())

    assert use(anyone, guest, **user_pool.logins()) == known
    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        use(anyone, guest)
    assert refusal(refused)[1] == FORBIDDEN.format(guest)
    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        use(anyone, guest, **user_pool.logins("ben"))
    assert refusal(refused)[1] == MISMATCH


def test_ids_merged_twice_lead_to_the_last(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    guest = get_id(anyone, pool)
    middle = get_id(anyone, pool, **user_pool.logins("ana"))
    use(anyone, guest, **user_pool.logins("ana"))
    last = get_id(anyone, pool, **second.logins("ana too"))
    older(last)
    get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))

    assert state(guest) == state(middle) == ("disabled", last)
    assert use(anyone, guest, **user_pool.logins("ana")) == last


def test_an_authenticated_identity_needs_a_login_of_its_own(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    known = get_id(anyone, pool, **user_pool.logins("ana"))

    with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
        use(anyone, known)
    assert refusal(refused)[1] == FORBIDDEN.format(known)
    for strange in (user_pool.logins("ben"), second.logins("unknown")):
        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            use(anyone, known, **strange)
        assert refusal(refused)[1] == MISMATCH
    assert Login.objects.count() == 1


def test_an_authenticated_identity_takes_further_logins_and_identities(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    first = get_id(anyone, pool, **user_pool.logins("ana"))
    other = get_id(anyone, pool, **second.logins("ana too"))
    older(first)

    assert use(anyone, first, **user_pool.logins("ana"), **second.logins("ana too")) == first
    assert state(other) == ("disabled", first)


def test_the_named_identity_is_not_the_parent_if_the_other_is_older(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    named = get_id(anyone, pool, **user_pool.logins("ana"))
    other = get_id(anyone, pool, **second.logins("ana too"))
    older(other)

    assert use(anyone, named, **user_pool.logins("ana"), **second.logins("ana too")) == other


def test_at_most_twenty_logins(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "MOST_LOGINS", 1)
    get_id(anyone, pool, **user_pool.logins("ana"))

    with pytest.raises(anyone.exceptions.ResourceConflictException):
        get_id(anyone, pool, **user_pool.logins("ana"), **second.logins("ana too"))


def test_an_unknown_identity_is_not_found(anyone: Any, user_pool: world.UserPool, pool: str) -> None:
    unknown = "us-east-1:00000000-0000-4000-8000-000000000000"

    with pytest.raises(anyone.exceptions.ResourceNotFoundException) as refused:
        use(anyone, unknown, **user_pool.logins())
    assert refusal(refused)[1] == f"Identity '{unknown}' not found."


def test_a_disabled_identity_is_refused_everywhere_and_can_be_enabled_again(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    known = get_id(anyone, pool, **user_pool.logins())
    identities.disable(Identity.objects.get(pk=known))

    for call in (
        lambda: get_id(anyone, pool, **user_pool.logins()),
        lambda: use(anyone, known, **user_pool.logins()),
        lambda: get_id(anyone, pool, **user_pool.logins(), **second.logins()),
    ):
        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            call()
        assert refusal(refused)[1] == FORBIDDEN.format(known)

    identities.enable(Identity.objects.get(pk=known))
    assert use(anyone, known, **user_pool.logins()) == known


def test_a_merged_identity_is_never_enabled(anyone: Any, user_pool: world.UserPool, pool: str) -> None:
    guest = get_id(anyone, pool)
    known = get_id(anyone, pool, **user_pool.logins())
    use(anyone, guest, **user_pool.logins())

    identities.enable(Identity.objects.get(pk=guest))

    assert state(guest) == ("disabled", known)


def test_a_known_login_costs_two_queries_and_credentials_three(
    anyone: Any,
    user_pool: world.UserPool,
    pool: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    logins = user_pool.logins()
    identity_id = get_id(anyone, pool, **logins)

    with django_assert_num_queries(2):
        get_id(anyone, pool, **logins)
    with django_assert_num_queries(3):
        use(anyone, identity_id, **logins)
