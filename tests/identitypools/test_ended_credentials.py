"""Credentials end with the identity that they are for: merged, emptied, disabled, deleted, or its pool gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from identity.core import clock
from identity.iam import revocations, roles
from identity.iam.models import RevokedCredentials, Role
from identity.identitypools import identities
from identity.identitypools.models import Identity
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import arn_of, set_roles

pytestmark = pytest.mark.core_suite

ROLE = "arn:aws:iam::000000000000:role/known"
DEVELOPER = "login.notes"


@pytest.fixture
def pool(cognito_identity: Any, make_pool: Any) -> str:
    pool_id: str = make_pool(AllowClassicFlow=True, DeveloperProviderName=DEVELOPER)
    set_roles(
        cognito_identity,
        pool_id,
        authenticated=world.role("known", pool_id).arn,
        unauthenticated=world.role("guest", pool_id, amr="unauthenticated").arn,
    )
    return pool_id


def credentials(anyone: Any, identity_id: str, logins: dict[str, str] | None = None) -> dict[str, Any]:
    proof = {"Logins": logins} if logins else {}
    found: dict[str, Any] = anyone.get_credentials_for_identity(IdentityId=identity_id, **proof)[
        "Credentials"
    ]
    return found


def ended(given: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="ExpiredToken"):
        arn_of(given)


@pytest.mark.parametrize(
    "end",
    [
        lambda api, anyone, it: identities.disable(Identity.objects.get(pk=it["id"])),
        lambda api, anyone, it: api.delete_identities(IdentityIdsToDelete=[it["id"]]),
        lambda api, anyone, it: api.delete_identity_pool(IdentityPoolId=it["pool"]),
        lambda api, anyone, it: anyone.unlink_identity(
            IdentityId=it["id"], Logins=it["logins"], LoginsToRemove=list(it["logins"])
        ),
    ],
    ids=["disabled", "deleted", "pool deleted", "unlinked"],
)
def test_the_identitys_credentials_end_and_nobody_elses(
    end: Callable[..., Any],
    anyone: Any,
    cognito_identity: Any,
    user_pool: world.UserPool,
    pool: str,
    make_pool: Any,
) -> None:
    logins = user_pool.logins()
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    mine = credentials(anyone, known, logins)
    other_pool = make_pool()
    set_roles(cognito_identity, other_pool, authenticated=world.role("other", other_pool).arn)
    elsewhere = anyone.get_id(IdentityPoolId=other_pool, Logins=logins)["IdentityId"]
    others = credentials(anyone, elsewhere, logins)
    assert arn_of(mine)

    end(cognito_identity, anyone, {"id": known, "pool": pool, "logins": logins})

    ended(mine)
    assert arn_of(others)


def test_a_session_that_was_chained_from_an_identitys_ends_with_it(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    known = Role.objects.get(name="known")
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    roles.put_policy(known, "chain", {"Version": "2012-10-17", "Statement": [allow]})
    trust = {"Effect": "Allow", "Principal": {"AWS": known.arn}, "Action": "sts:AssumeRole"}
    further = roles.create("further", {"Version": "2012-10-17", "Statement": [trust]})
    logins = user_pool.logins()
    identity_id = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    first = credentials(anyone, identity_id, logins)
    sts = aws.client(
        "sts", access_key=first["AccessKeyId"], secret=first["SecretKey"], token=first["SessionToken"]
    )
    chained = sts.assume_role(RoleArn=further.arn, RoleSessionName="ana")["Credentials"]
    chained["SecretKey"] = chained["SecretAccessKey"]
    assert arn_of(chained).endswith("assumed-role/further/ana")

    identities.disable(Identity.objects.get(pk=identity_id))

    ended(chained)


def test_a_merged_guests_credentials_end_and_the_parents_do_not(
    anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    logins = user_pool.logins()
    guest = anyone.get_id(IdentityPoolId=pool)["IdentityId"]
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    guests, users = credentials(anyone, guest), credentials(anyone, known, logins)

    merged = anyone.get_credentials_for_identity(IdentityId=guest, Logins=logins)

    assert merged["IdentityId"] == known
    ended(guests)
    assert arn_of(users) == arn_of(merged["Credentials"])


def test_a_merged_developer_identitys_credentials_and_tokens_end(
    anyone: Any, cognito_identity: Any, pool: str
) -> None:
    source = developer_token(cognito_identity, pool, "source")
    developer_token(cognito_identity, pool, "destination")
    own = {"cognito-identity.amazonaws.com": source["Token"]}
    mine = credentials(anyone, source["IdentityId"], own)

    cognito_identity.merge_developer_identities(
        IdentityPoolId=pool,
        DeveloperProviderName=DEVELOPER,
        SourceUserIdentifier="source",
        DestinationUserIdentifier="destination",
    )

    ended(mine)
    with pytest.raises(anyone.exceptions.NotAuthorizedException, match="is forbidden"):
        credentials(anyone, source["IdentityId"], own)
    with pytest.raises(Exception, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        assume(source["Token"])


def developer_token(
    client: Any, pool_id: str, user: str, *, beside: dict[str, str] | None = None, **named: str
) -> dict[str, Any]:
    answered: dict[str, Any] = client.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, Logins={DEVELOPER: user, **(beside or {})}, TokenDuration=86_400, **named
    )
    return answered


def assume(token: str) -> dict[str, Any]:
    assumed: dict[str, Any] = aws.client("sts").assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="mine", WebIdentityToken=token
    )["Credentials"]
    return assumed


def test_a_long_lived_token_opens_nothing_after_its_identity_is_gone(
    cognito_identity: Any, pool: str
) -> None:
    token = developer_token(cognito_identity, pool, "ana")
    assert arn_of(assume(token["Token"]))

    cognito_identity.delete_identities(IdentityIdsToDelete=[token["IdentityId"]])

    for later in (timedelta(0), timedelta(hours=23)):
        with (
            time_machine.travel(clock.now() + later),
            pytest.raises(Exception, match="Not authorized to perform"),
        ):
            assume(token["Token"])


def test_who_is_enabled_again_gets_new_credentials_and_old_ones_stay_ended(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    start = clock.now()
    logins = user_pool.logins()
    token = developer_token(cognito_identity, pool, "ben")
    own = {"cognito-identity.amazonaws.com": token["Token"]}
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    mine = credentials(anyone, known, logins)
    for identity_id in (known, token["IdentityId"]):
        identities.disable(Identity.objects.get(pk=identity_id))

    with time_machine.travel(start + timedelta(seconds=5), tick=False):
        for identity_id in (known, token["IdentityId"]):
            identities.enable(Identity.objects.get(pk=identity_id))

        assert arn_of(credentials(anyone, known, logins))
        ended(mine)
        with pytest.raises(anyone.exceptions.NotAuthorizedException, match="is forbidden"):
            credentials(anyone, token["IdentityId"], own)
        with pytest.raises(Exception, match="Not authorized to perform"):
            assume(token["Token"])
    with time_machine.travel(start + timedelta(seconds=6), tick=False):  # tokens tell the second, no more
        assert arn_of(assume(developer_token(cognito_identity, pool, "ben")["Token"]))


@pytest.mark.parametrize("model", ["identity", "identitypool"])
@pytest.mark.parametrize("by", ["its page", "the list"])
def test_deleting_in_the_admin_ends_credentials_too(
    boss: Client, anyone: Any, user_pool: world.UserPool, pool: str, model: str, by: str
) -> None:
    logins = user_pool.logins()
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    mine = credentials(anyone, known, logins)
    pk = known if model == "identity" else pool
    base = f"/admin/identity_identitypools/{model}/"

    if by == "its page":
        boss.post(f"{base}{pk.replace(':', '_3A')}/delete/", {"post": "yes"})
    else:
        boss.post(base, {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})

    assert not Identity.objects.exists()
    ended(mine)


def test_disabling_in_the_admin_ends_credentials(
    boss: Client, anyone: Any, user_pool: world.UserPool, pool: str
) -> None:
    logins = user_pool.logins()
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    mine = credentials(anyone, known, logins)

    boss.post("/admin/identity_identitypools/identity/", {"action": "disable", "_selected_action": [known]})

    ended(mine)


def test_unlinking_one_of_two_logins_ends_what_was_given_until_then(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    start = clock.now().replace(microsecond=500_000)
    with time_machine.travel(start, tick=False):
        logins = user_pool.logins()
        known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
        developer_token(cognito_identity, pool, "ana", IdentityId=known, beside=logins)
        mine = credentials(anyone, known, logins)
        token = anyone.get_open_id_token(IdentityId=known, Logins=logins)["Token"]
        assert arn_of(mine) == arn_of(assume(token)).replace("mine", "CognitoIdentityCredentials")

    with time_machine.travel(start + timedelta(milliseconds=1), tick=False):  # within the second of the token
        anyone.unlink_identity(IdentityId=known, Logins=logins, LoginsToRemove=list(logins))

        ended(mine)
        with pytest.raises(Exception, match="Not authorized to perform"):
            assume(token)
    with time_machine.travel(start + timedelta(seconds=1), tick=False):  # the other login goes on
        renewed = developer_token(cognito_identity, pool, "ana")
        assert renewed["IdentityId"] == known
        assert arn_of(credentials(anyone, known, own(renewed)))
        assert arn_of(assume(renewed["Token"]))
        ended(mine)
        with pytest.raises(Exception, match="Not authorized to perform"):
            assume(token)


def test_a_developers_token_of_an_unlinked_user_opens_nothing(
    anyone: Any, cognito_identity: Any, pool: str
) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False):
        developer_token(cognito_identity, pool, "source")
        token = developer_token(cognito_identity, pool, "destination")
        users = {"SourceUserIdentifier": "source", "DestinationUserIdentifier": "destination"}
        cognito_identity.merge_developer_identities(
            IdentityPoolId=pool, DeveloperProviderName=DEVELOPER, **users
        )
        known = token["IdentityId"]
        assert arn_of(credentials(anyone, known, own(token)))

    with time_machine.travel(start + timedelta(seconds=5), tick=False):
        unlink_developer_user(cognito_identity, pool, known, "destination")

    with time_machine.travel(start + timedelta(hours=23), tick=False):
        with pytest.raises(anyone.exceptions.NotAuthorizedException, match="Logins don't match"):
            credentials(anyone, known, own(token))
        with pytest.raises(Exception, match="Not authorized to perform"):
            assume(token["Token"])
        others = developer_token(cognito_identity, pool, "source")
        assert others["IdentityId"] == known
        assert arn_of(credentials(anyone, known, own(others)))


def test_unlinking_lets_nobody_in_who_was_locked_out(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    """By a revocation alone, which leaves the identity as it is: whoever holds two logins may unlink one."""
    logins = user_pool.logins()
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    developer_token(cognito_identity, pool, "ana", IdentityId=known, beside=logins)
    revocations.revoke_subject("cognito-identity.amazonaws.com", known)

    anyone.unlink_identity(IdentityId=known, Logins=logins, LoginsToRemove=list(logins))

    later = clock.now() + timedelta(seconds=5)
    with time_machine.travel(later, tick=False), pytest.raises(Exception, match="Not authorized to perform"):
        assume(developer_token(cognito_identity, pool, "ana")["Token"])


def test_who_is_disabled_cannot_be_unlinked_and_stays_locked_out(
    anyone: Any, cognito_identity: Any, user_pool: world.UserPool, pool: str
) -> None:
    logins = user_pool.logins()
    known = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    developer_token(cognito_identity, pool, "ana", IdentityId=known, beside=logins)
    identities.disable(Identity.objects.get(pk=known))

    with pytest.raises(anyone.exceptions.NotAuthorizedException, match="is forbidden"):
        anyone.unlink_identity(IdentityId=known, Logins=logins, LoginsToRemove=list(logins))
    with pytest.raises(anyone.exceptions.NotAuthorizedException, match="is forbidden"):
        unlink_developer_user(cognito_identity, pool, known, "ana")

    assert RevokedCredentials.objects.filter(claim_value=known, revoked_before=None).count() == 1
    assert not RevokedCredentials.objects.exclude(revoked_before=None).exists()


def own(answered: dict[str, Any]) -> dict[str, str]:
    return {"cognito-identity.amazonaws.com": answered["Token"]}


def unlink_developer_user(client: Any, pool_id: str, identity_id: str, user: str) -> None:
    client.unlink_developer_identity(
        IdentityPoolId=pool_id,
        IdentityId=identity_id,
        DeveloperProviderName=DEVELOPER,
        DeveloperUserIdentifier=user,
    )
