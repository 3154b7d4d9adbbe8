"""What only several connections show: two calls at once about one person. On PostgreSQL; SQLite has one writer."""

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connection

from identity.iam import revocations
from identity.identitypools import keys, linking, merging, pools
from identity.identitypools.models import Identity, Login, SigningKey
from tests.identitypools import world
from tests.identitypools.world import arn_of
from tests.races import at_once, wait_for

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="TEST_BACKEND=postgres is not set"),
]


@pytest.fixture
def pool(cognito_identity: Any, user_pool: world.UserPool, second: world.UserPool, make_pool: Any) -> str:
    pool_id: str = make_pool(CognitoIdentityProviders=[user_pool.entry(), second.entry()])
    roles = {"authenticated": world.role("known", pool_id).arn}
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    return pool_id


def test_of_many_first_calls_with_one_login_one_identity_comes(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    logins = user_pool.logins()

    outcomes = at_once(*[lambda: anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]] * 12)

    assert set(outcomes) == {Identity.objects.get().pk}
    assert Login.objects.count() == 1


def test_a_guest_who_signs_in_twice_at_once_stays_one(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    guest = anyone.get_id(IdentityPoolId=pool)["IdentityId"]
    logins = user_pool.logins()

    def sign_in() -> str:
        answered: str = anyone.get_credentials_for_identity(IdentityId=guest, Logins=logins)["IdentityId"]
        return answered

    assert set(at_once(*[sign_in] * 8)) == {guest}


def test_of_two_people_who_take_one_guest_at_once_one_gets_it(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    guest = anyone.get_id(IdentityPoolId=pool)["IdentityId"]
    people = [user_pool.logins("ana"), second.logins("ben")]

    outcomes = at_once(
        *[
            lambda logins=logins: anyone.get_credentials_for_identity(IdentityId=guest, Logins=logins)
            for logins in people
        ]
    )

    (refused,) = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refused, anyone.exceptions.NotAuthorizedException)
    assert Login.objects.get().identity_id == guest


def test_merges_from_both_sides_end_in_one(
    anyone: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    one, other = user_pool.logins("ana"), second.logins("ana too")
    older = anyone.get_id(IdentityPoolId=pool, Logins=one)["IdentityId"]
    anyone.get_id(IdentityPoolId=pool, Logins=other)

    outcomes = at_once(*[lambda: anyone.get_id(IdentityPoolId=pool, Logins=one | other)["IdentityId"]] * 8)

    assert set(outcomes) == {older}
    assert Login.objects.filter(identity_id=older).count() == 2


def test_the_first_tokens_of_a_region_are_signed_by_one_key(db: None) -> None:
    outcomes = at_once(*[lambda: keys.sign({"sub": "x"}, region="us-east-1")] * 6)

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert SigningKey.objects.count() == 1


def test_of_changes_to_a_pool_from_one_state_one_wins(pool: str) -> None:
    read = [pools.get(pool) for _ in range(4)]

    outcomes = at_once(*[lambda each=each: pools.set_roles(each, {}) for each in read])

    assert outcomes.count(None) == 1


DEVELOPER = "login.notes"


@pytest.fixture
def developers_pool(cognito_identity: Any, user_pool: world.UserPool, make_pool: Any) -> str:
    pool_id: str = make_pool(DeveloperProviderName=DEVELOPER)
    roles = {"authenticated": world.role("known", pool_id).arn}
    cognito_identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    return pool_id


def identity_of(cognito_identity: Any, pool_id: str, user: str) -> str:
    found: str = cognito_identity.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, Logins={DEVELOPER: user}
    )["IdentityId"]
    return found


def codes(outcomes: list[Any]) -> set[str]:
    """The modelled errors among the outcomes; anything else that was raised fails the test here."""
    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert all(isinstance(each, ClientError) for each in refused), refused
    return {each.response["Error"]["Code"] for each in refused}


def assert_logins_lead_somewhere_usable() -> None:
    for login in Login.objects.select_related("identity"):
        assert login.identity.state == "authenticated"


def test_of_many_first_words_about_one_user_one_identity_comes(
    cognito_identity: Any, developers_pool: str
) -> None:
    outcomes = at_once(*[lambda: identity_of(cognito_identity, developers_pool, "ana")] * 8)

    assert set(outcomes) == {Identity.objects.get().pk}
    assert Login.objects.count() == 1


def test_one_user_is_linked_to_one_of_two_guests(
    anyone: Any, cognito_identity: Any, developers_pool: str
) -> None:
    guests = [anyone.get_id(IdentityPoolId=developers_pool)["IdentityId"] for _ in range(2)]

    outcomes = at_once(
        *[
            lambda guest=guest: cognito_identity.get_open_id_token_for_developer_identity(
                IdentityPoolId=developers_pool, IdentityId=guest, Logins={DEVELOPER: "ana"}
            )
            for guest in guests
        ]
    )

    assert codes(outcomes) == {"DeveloperUserAlreadyRegisteredException"}
    assert Login.objects.count() == 1


def test_users_merged_into_each_other_at_once_are_one(cognito_identity: Any, developers_pool: str) -> None:
    for user in ("ana", "ben"):
        identity_of(cognito_identity, developers_pool, user)

    def merge(source: str, destination: str) -> str:
        merged: str = cognito_identity.merge_developer_identities(
            IdentityPoolId=developers_pool,
            DeveloperProviderName=DEVELOPER,
            SourceUserIdentifier=source,
            DestinationUserIdentifier=destination,
        )["IdentityId"]
        return merged

    outcomes = at_once(*[lambda: merge("ana", "ben"), lambda: merge("ben", "ana")] * 3)

    assert codes(outcomes) == set()
    (winner,) = Identity.objects.filter(state="authenticated")
    assert set(outcomes) == {winner.pk}
    assert winner.logins.count() == 2


def test_linking_merging_and_deleting_at_once_leave_nothing_broken(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    one, other = user_pool.logins("ana"), second.logins("ana too")
    guest = anyone.get_id(IdentityPoolId=pool)["IdentityId"]
    known = anyone.get_id(IdentityPoolId=pool, Logins=one)["IdentityId"]
    third = anyone.get_id(IdentityPoolId=pool, Logins=other)["IdentityId"]

    def delete(*ids: str) -> Any:
        answered = cognito_identity.delete_identities(IdentityIdsToDelete=list(ids))
        assert "InternalServerError" not in str(answered)
        return answered

    outcomes = at_once(
        lambda: anyone.get_id(IdentityPoolId=pool, Logins=one | other),
        lambda: anyone.get_credentials_for_identity(IdentityId=guest, Logins=one),
        lambda: delete(known),
        lambda: delete(third, guest),
        lambda: anyone.get_id(IdentityPoolId=pool, Logins=other),
        lambda: anyone.unlink_identity(IdentityId=known, Logins=one, LoginsToRemove=[user_pool.provider]),
    )

    assert codes(outcomes) <= {"NotAuthorizedException", "ResourceNotFoundException"}
    assert_logins_lead_somewhere_usable()


def test_whoever_gets_credentials_while_the_last_login_is_taken_away_has_ended_ones(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    logins = user_pool.logins("ana")
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]

    def ask() -> Any:
        return anyone.get_credentials_for_identity(IdentityId=known, Logins=logins)

    def unlink() -> None:
        anyone.unlink_identity(IdentityId=known, Logins=logins, LoginsToRemove=[user_pool.provider])

    outcomes = at_once(ask, unlink, ask, ask, unlink)

    assert codes(outcomes) <= {"NotAuthorizedException"}
    assert Identity.objects.get(pk=known).state == "disabled"
    revocations.forget()
    for given in outcomes:
        if isinstance(given, dict) and "Credentials" in given and given["IdentityId"] == known:
            with pytest.raises(ClientError, match="ExpiredToken"):
                arn_of(given["Credentials"])


def test_guests_of_a_pool_that_is_being_deleted_are_refused_or_gone(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    logins = user_pool.logins("ana")

    outcomes = at_once(
        *[lambda: anyone.get_id(IdentityPoolId=pool)] * 4,
        lambda: cognito_identity.delete_identity_pool(IdentityPoolId=pool),
        *[lambda: anyone.get_id(IdentityPoolId=pool, Logins=logins)] * 4,
        lambda: cognito_identity.delete_identity_pool(IdentityPoolId=pool),
    )

    assert codes(outcomes) <= {"ResourceNotFoundException"}
    assert not Identity.objects.exists()


def test_tags_set_at_once_are_all_there(
    cognito_identity: Any, user_pool: world.UserPool, second: world.UserPool, pool: str
) -> None:
    arn = f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{pool}"

    outcomes = at_once(
        *[
            lambda name=name: cognito_identity.tag_resource(ResourceArn=arn, Tags={name: "x"})
            for name in "abcd"
        ],
        *[
            lambda provider=provider: cognito_identity.set_principal_tag_attribute_map(
                IdentityPoolId=pool, IdentityProviderName=provider, UseDefaults=True
            )
            for provider in (user_pool.provider, second.provider)
        ],
    )

    assert codes(outcomes) == set()
    found = pools.get(pool)
    assert set(found.tags) == set("abcd")
    assert set(found.principal_tag_maps) == {user_pool.provider, second.provider}


def until_somebody_waits() -> None:
    """Until a transaction of another connection waits for a lock of this one's."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))"

    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(waiting, [connection.connection.info.backend_pid])
            return bool(cursor.fetchone()[0])

    wait_for(somebody_waits, "other transaction that waits")


def test_a_merge_and_a_deletion_of_one_identity_do_not_wait_for_each_other(
    anyone: Any,
    cognito_identity: Any,
    user_pool: world.UserPool,
    second: world.UserPool,
    pool: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The merge moves those that were merged before; the deletion takes them first, for their ids come first."""
    one, other = user_pool.logins("ana"), second.logins("ana too")
    anyone.get_id(IdentityPoolId=pool, Logins=one)
    loser = Identity.objects.get(pk=anyone.get_id(IdentityPoolId=pool, Logins=other)["IdentityId"])
    absorbed = Identity.objects.create(
        id=f"{loser.pk[:10]}00000000-0000-4000-8000-000000000000",
        pool_id=pool,
        state="disabled",
        merged_into=loser,
        created_at=loser.created_at,
        modified_at=loser.created_at,
    )
    assert absorbed.pk < loser.pk
    merge, holding = merging.merge, threading.Event()

    def merge_slowly(*args: Any, **more: Any) -> None:
        holding.set()
        until_somebody_waits()
        merge(*args, **more)

    monkeypatch.setattr(merging, "merge", merge_slowly)

    def delete() -> Any:
        assert holding.wait(10)
        return cognito_identity.delete_identities(IdentityIdsToDelete=[loser.pk])

    outcomes = at_once(lambda: anyone.get_id(IdentityPoolId=pool, Logins=one | other), delete)

    assert codes(outcomes) == set()
    assert "InternalServerError" not in str(outcomes)
    assert not Identity.objects.filter(pk=loser.pk).exists()


def test_a_login_that_is_linked_while_its_pool_is_deleted(
    anyone: Any,
    cognito_identity: Any,
    user_pool: world.UserPool,
    pool: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Linking holds the identity and then the pool, deleting the other way round: PostgreSQL gives one of them up."""
    guest, logins = anyone.get_id(IdentityPoolId=pool)["IdentityId"], user_pool.logins("ana")
    link, holding, tries = linking._link, threading.Event(), []

    def link_slowly(*args: Any) -> None:
        holding.set()
        tries.append(1)
        if len(tries) == 1:
            until_somebody_waits()
        link(*args)

    monkeypatch.setattr(linking, "_link", link_slowly)

    def delete() -> None:
        assert holding.wait(10)
        cognito_identity.delete_identity_pool(IdentityPoolId=pool)

    outcomes = at_once(lambda: anyone.get_credentials_for_identity(IdentityId=guest, Logins=logins), delete)

    assert codes(outcomes) <= {"ResourceNotFoundException"}
    assert not Identity.objects.exists()
