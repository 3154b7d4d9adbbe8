"""Developer-authenticated identities: a backend's word instead of a token."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from identity.core import clock
from identity.identitypools import identities, merging
from identity.identitypools.models import Identity, Login
from tests import aws
from tests.identitypools import world
from tests.identitypools.world import NOBODY, arn_of, ask, client_of, limited, set_roles

pytestmark = pytest.mark.core_suite

PROVIDER = "login.notes"
UNSUPPORTED = "This identity pool does not support the specified developer provider."
MISMATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."


@pytest.fixture
def pool(cognito_identity: Any, make_pool: Any) -> str:
    """A pool of a developer and a user pool, with a role for known identities."""
    pool_id: str = make_pool(DeveloperProviderName=PROVIDER)
    set_roles(cognito_identity, pool_id, authenticated=world.role("known", pool_id).arn)
    return pool_id


@pytest.fixture
def backend(cognito_identity: Any, pool: str) -> "Backend":
    return Backend(cognito_identity, pool)


class Backend:
    """What an app's own server calls."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self.client, self.pool_id = client, pool_id

    def token(self, user: str, identity_id: str | None = None, **more: Any) -> dict[str, Any]:
        logins = {PROVIDER: user, **more.pop("logins", {})}
        named = {"IdentityId": identity_id} if identity_id else {}
        answered: dict[str, Any] = self.client.get_open_id_token_for_developer_identity(
            IdentityPoolId=self.pool_id, Logins=logins, **named, **more
        )
        return answered

    def identity(self, user: str, *args: Any, **more: Any) -> str:
        found: str = self.token(user, *args, **more)["IdentityId"]
        return found

    def lookup(self, **given: Any) -> tuple[str, list[str]]:
        answered = self.client.lookup_developer_identity(IdentityPoolId=self.pool_id, **given)
        return answered["IdentityId"], answered["DeveloperUserIdentifierList"]

    def merge(self, source: str, destination: str, **changed: str) -> str:
        members = {
            "IdentityPoolId": self.pool_id,
            "DeveloperProviderName": PROVIDER,
            "SourceUserIdentifier": source,
            "DestinationUserIdentifier": destination,
        }
        merged: str = self.client.merge_developer_identities(**members | changed)["IdentityId"]
        return merged

    def unlink(self, user: str, identity_id: str, **changed: str) -> None:
        members = {
            "IdentityPoolId": self.pool_id,
            "DeveloperProviderName": PROVIDER,
            "DeveloperUserIdentifier": user,
            "IdentityId": identity_id,
        }
        self.client.unlink_developer_identity(**members | changed)

    def refused(self, deed: Any, *args: Any, **more: Any) -> tuple[str, str]:
        return aws.refusal(deed, *args, **more)


def own(token: str) -> dict[str, str]:
    return {"cognito-identity.amazonaws.com": token}


def older(identity_id: str) -> None:
    Identity.objects.filter(pk=identity_id).update(created_at=clock.now() - timedelta(days=1))


def test_a_user_is_made_known_and_then_found(backend: Backend) -> None:
    first = backend.identity("ana")

    assert backend.identity("ana") == first != backend.identity("ben")
    assert Identity.objects.get(pk=first).state == "authenticated"
    assert list(Login.objects.values_list("provider", "user_id", "public")) == [
        (PROVIDER, "ana", False),
        (PROVIDER, "ben", False),
    ]


def test_the_token_says_who_and_lives_fifteen_minutes(backend: Backend) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        answered = backend.token("ana")

    claims = world.claims_of(answered["Token"])
    assert list(claims)[:4] == ["sub", "aud", "amr", "iss"]
    assert (claims["sub"], claims["aud"]) == (answered["IdentityId"], backend.pool_id)
    assert claims["amr"] == ["authenticated", PROVIDER, f"{PROVIDER}:{backend.pool_id}:ana"]
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.parametrize("seconds", [1, 86_400])
def test_the_token_lives_as_long_as_asked_for(backend: Backend, seconds: int) -> None:
    claims = world.claims_of(backend.token("ana", TokenDuration=seconds)["Token"])

    assert claims["exp"] - claims["iat"] == seconds


def test_more_than_a_day_is_refused(backend: Backend) -> None:
    code, _ = backend.refused(backend.token, "ana", TokenDuration=86_401)

    assert code == "ValidationException"


def test_the_token_opens_credentials(anyone: Any, backend: Backend) -> None:
    answered = backend.token("ana")

    given = anyone.get_credentials_for_identity(
        IdentityId=answered["IdentityId"], Logins=own(answered["Token"])
    )

    assert given["IdentityId"] == answered["IdentityId"]
    assert ":assumed-role/known/" in arn_of(given["Credentials"])


def test_the_token_opens_a_role_at_sts(backend: Backend) -> None:
    answered = backend.token("ana")

    assumed = aws.client("sts").assume_role_with_web_identity(
        RoleArn="arn:aws:iam::000000000000:role/known",
        RoleSessionName="mine",
        WebIdentityToken=answered["Token"],
    )

    assert assumed["SubjectFromWebIdentityToken"] == answered["IdentityId"]
    assert arn_of(assumed["Credentials"]).endswith(":assumed-role/known/mine")


def test_an_expired_token_opens_nothing(anyone: Any, backend: Backend) -> None:
    answered = backend.token("ana", TokenDuration=60)

    with (
        time_machine.travel(clock.now() + timedelta(seconds=61)),
        pytest.raises(anyone.exceptions.NotAuthorizedException, match="Token expired"),
    ):
        anyone.get_credentials_for_identity(IdentityId=answered["IdentityId"], Logins=own(answered["Token"]))


def test_tags_of_the_call_become_tags_of_the_session(
    anyone: Any, cognito_identity: Any, backend: Backend
) -> None:
    role = world.role(
        "tagged",
        backend.pool_id,
        tags=True,
        resource="arn:aws:notes:::${aws:PrincipalTag/team}/*",
        allow="notes:Read",
    )
    set_roles(cognito_identity, backend.pool_id, authenticated=role.arn)
    answered = backend.token("ana", PrincipalTags={"team": "red"})
    claims = world.claims_of(answered["Token"])

    given = anyone.get_credentials_for_identity(
        IdentityId=answered["IdentityId"], Logins=own(answered["Token"])
    )

    assert claims["https://aws.amazon.com/tags"] == {"principal_tags": {"team": ["red"]}}
    assert list(claims)[2:5] == ["amr", "https://aws.amazon.com/tags", "iss"]
    ask(given["Credentials"], "notes:Read", "arn:aws:notes:::red/1")
    with pytest.raises(Exception, match="not authorized"):
        ask(given["Credentials"], "notes:Read", "arn:aws:notes:::blue/1")


@pytest.mark.parametrize(
    "tags",
    [{"aws:team": "red"}, {"team": "red", "TEAM": "blue"}, {"team": "red*"}, {"t?": "red"}, {"team": "a\n"}],
    ids=["reserved", "alike but for case", "a wildcard", "a wildcard in the key", "a line break"],
)
def test_tags_that_no_session_can_have_are_refused(backend: Backend, tags: dict[str, str]) -> None:
    code, _ = backend.refused(backend.token, "ana", PrincipalTags=tags)

    assert code == "InvalidParameterException"
    assert not Identity.objects.exists()


def test_another_providers_name_is_refused(cognito_identity: Any, backend: Backend, make_pool: Any) -> None:
    bare = Backend(cognito_identity, make_pool())
    call = cognito_identity.get_open_id_token_for_developer_identity

    assert bare.refused(bare.token, "ana") == ("InvalidParameterException", UNSUPPORTED)
    for logins in ({}, {"login.other": "ana"}):
        refused = backend.refused(call, IdentityPoolId=backend.pool_id, Logins=logins)
        assert refused == ("InvalidParameterException", UNSUPPORTED)


def test_a_second_developer_provider_is_no_provider_of_the_pool(backend: Backend) -> None:
    code, message = backend.refused(backend.token, "ana", logins={"login.other": "ana"})

    assert (code, message) == (
        "NotAuthorizedException",
        "Token is not from a supported provider of this identity pool.",
    )


def test_a_users_id_has_at_most_1024_characters(backend: Backend) -> None:
    backend.identity("x" * 1024)
    backend.identity("é" * 1024)

    assert backend.refused(backend.token, "x" * 1025)[0] == "InvalidParameterException"
    # More bytes than PostgreSQL's index holds.
    assert backend.refused(backend.token, "語" * 1024)[0] == "InvalidParameterException"


def test_only_a_signed_call_may_name_a_developers_user(anyone: Any, backend: Backend) -> None:
    backend.identity("ana")
    logins = {PROVIDER: "ana"}

    for call in (
        lambda: anyone.get_id(IdentityPoolId=backend.pool_id, Logins=logins),
        lambda: anyone.get_credentials_for_identity(IdentityId=backend.identity("ana"), Logins=logins),
        lambda: anyone.unlink_identity(
            IdentityId=backend.identity("ana"), Logins=logins, LoginsToRemove=[PROVIDER]
        ),
    ):
        assert backend.refused(call) == (
            "InvalidParameterException",
            "Please provide a valid public provider.",
        )


def test_the_call_needs_a_right_on_the_pool(backend: Backend, make_pool: Any) -> None:
    arn = f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{backend.pool_id}"
    server = limited({"Action": "cognito-identity:GetOpenIdTokenForDeveloperIdentity", "Resource": arn})

    assert Backend(server, backend.pool_id).identity("ana")
    other = Backend(server, make_pool(DeveloperProviderName=PROVIDER))
    assert other.refused(other.token, "ana")[0] == "AccessDeniedException"


def test_a_token_beside_is_linked_to_the_same_identity(
    anyone: Any, user_pool: world.UserPool, backend: Backend
) -> None:
    both = backend.token("ana", logins=user_pool.logins("ana too"))

    assert world.claims_of(both["Token"])["amr"][3:] == [
        user_pool.provider,
        f"{user_pool.provider}:CognitoSignIn:ana too",
    ]
    found = anyone.get_id(IdentityPoolId=backend.pool_id, Logins=user_pool.logins("ana too"))["IdentityId"]
    assert found == both["IdentityId"] == backend.identity("ana")


def test_a_bad_token_beside_fails_the_whole_call(user_pool: world.UserPool, backend: Backend) -> None:
    code, _ = backend.refused(backend.token, "ana", logins={user_pool.provider: "a.b.c"})

    assert code == "NotAuthorizedException"
    assert not Identity.objects.exists()


def test_a_guest_becomes_the_users_identity(anyone: Any, backend: Backend) -> None:
    guest = anyone.get_id(IdentityPoolId=backend.pool_id)["IdentityId"]

    assert backend.identity("ana", guest) == guest
    assert Identity.objects.get(pk=guest).state == "authenticated"
    assert backend.identity("ana") == guest


def test_an_authenticated_identity_takes_a_user_only_with_a_login_of_its_own(
    anyone: Any, user_pool: world.UserPool, backend: Backend
) -> None:
    known = anyone.get_id(IdentityPoolId=backend.pool_id, Logins=user_pool.logins("ana"))["IdentityId"]

    assert backend.refused(backend.token, "ana", known) == ("NotAuthorizedException", MISMATCH)
    assert backend.identity("ana", known, logins=user_pool.logins("ana")) == known


def test_several_users_may_be_one_identity(anyone: Any, user_pool: world.UserPool, backend: Backend) -> None:
    known = backend.identity("ana", logins=user_pool.logins("ana"))

    assert backend.identity("ana at work", known, logins=user_pool.logins("ana")) == known
    assert backend.lookup(IdentityId=known) == (known, ["ana", "ana at work"])


def test_a_user_of_another_identity_is_registered_already(anyone: Any, backend: Backend) -> None:
    backend.identity("ana")
    guest = anyone.get_id(IdentityPoolId=backend.pool_id)["IdentityId"]

    for named in (guest, backend.identity("ben")):
        code, _ = backend.refused(backend.token, "ana", named)
        assert code == "DeveloperUserAlreadyRegisteredException"
    assert Identity.objects.get(pk=guest).state == "unauthenticated"


def test_the_named_identity_must_be_of_the_pool(
    cognito_identity: Any, backend: Backend, make_pool: Any
) -> None:
    other = Backend(cognito_identity, make_pool(DeveloperProviderName=PROVIDER))
    foreign = other.identity("ana")

    for unknown in (foreign, NOBODY):
        expected = ("ResourceNotFoundException", f"Identity '{unknown}' not found.")
        assert backend.refused(backend.token, "ana", unknown) == expected
        assert backend.refused(backend.lookup, IdentityId=unknown) == expected
        assert backend.refused(backend.unlink, "ana", unknown) == expected


def test_lookup_goes_both_ways(backend: Backend) -> None:
    ana = backend.identity("ana")

    assert backend.lookup(DeveloperUserIdentifier="ana") == (ana, ["ana"])
    assert backend.lookup(IdentityId=ana) == (ana, ["ana"])
    assert backend.lookup(IdentityId=ana, DeveloperUserIdentifier="ana") == (ana, ["ana"])


def test_what_lookup_refuses(backend: Backend) -> None:
    ana = backend.identity("ana")
    backend.identity("ben")

    assert backend.refused(backend.lookup)[0] == "InvalidParameterException"
    assert backend.refused(backend.lookup, DeveloperUserIdentifier="x")[0] == "ResourceNotFoundException"
    for user in ("ben", "nobody"):
        given = {"IdentityId": ana, "DeveloperUserIdentifier": user}
        assert backend.refused(backend.lookup, **given)[0] == "ResourceConflictException"
    assert backend.refused(backend.lookup, IdentityId=ana, NextToken="x")[0] == "InvalidParameterException"


def test_users_are_looked_up_page_by_page(backend: Backend) -> None:
    first = backend.identity("user 0")
    for number in range(1, 5):
        backend.merge(backend_user(backend, number), "user 0")

    found, token = [], {}
    while True:
        page = backend.client.lookup_developer_identity(
            IdentityPoolId=backend.pool_id, IdentityId=first, MaxResults=2, **token
        )
        assert len(page["DeveloperUserIdentifierList"]) <= 2
        found += page["DeveloperUserIdentifierList"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert found == [f"user {number}" for number in range(5)]


def backend_user(backend: Backend, number: int) -> str:
    backend.identity(f"user {number}")
    return f"user {number}"


def test_two_users_turn_out_to_be_one(backend: Backend) -> None:
    source, destination = backend.identity("young"), backend.identity("old")
    older(source)  # the destination wins all the same

    assert backend.merge("young", "old") == destination
    assert backend.identity("young") == destination
    merged = Identity.objects.get(pk=source)
    assert (merged.state, merged.merged_into_id) == ("disabled", destination)
    assert backend.merge("young", "old") == destination  # once more changes nothing


def test_merging_takes_public_logins_along(anyone: Any, user_pool: world.UserPool, backend: Backend) -> None:
    backend.identity("source", logins=user_pool.logins("ana"))
    destination = backend.identity("destination")

    backend.merge("source", "destination")

    found = anyone.get_id(IdentityPoolId=backend.pool_id, Logins=user_pool.logins("ana"))["IdentityId"]
    assert found == destination


def test_two_users_of_a_public_provider_are_never_merged(user_pool: world.UserPool, backend: Backend) -> None:
    source = backend.identity("source", logins=user_pool.logins("ana"))
    backend.identity("destination", logins=user_pool.logins("ben"))

    assert backend.refused(backend.merge, "source", "destination")[0] == "ResourceConflictException"
    assert Identity.objects.get(pk=source).state == "authenticated"


def test_merged_logins_are_at_most_twenty(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "MOST_LOGINS", 1)
    source = backend.identity("source")
    backend.identity("destination")

    assert backend.refused(backend.merge, "source", "destination") == (
        "ResourceConflictException",
        "An identity has at most 1 linked logins.",
    )
    assert backend.identity("source") == source


def test_the_twentieth_login_fits_and_the_next_does_not(backend: Backend) -> None:
    first = backend.identity("user 0")
    for number in range(1, merging.MOST_LOGINS):
        assert backend.merge(backend_user(backend, number), "user 0") == first
    one_more = backend_user(backend, merging.MOST_LOGINS)

    assert backend.refused(backend.merge, one_more, "user 0")[0] == "ResourceConflictException"
    assert backend.refused(backend.token, "another", first)[0] == ("NotAuthorizedException")
    assert Login.objects.filter(identity=first).count() == merging.MOST_LOGINS == 20


def test_who_cannot_be_merged(backend: Backend) -> None:
    backend.identity("ana")
    locked = backend.identity("locked")
    identities.disable(Identity.objects.get(pk=locked))

    for source, destination in (("ana", "nobody"), ("nobody", "ana")):
        assert backend.refused(backend.merge, source, destination)[0] == "ResourceNotFoundException"
    wrong = {"DeveloperProviderName": "login.other"}
    assert backend.refused(backend.merge, "ana", "ana", **wrong)[0] == "ResourceNotFoundException"
    assert backend.refused(backend.merge, "ana", "locked") == (
        "NotAuthorizedException",
        f"Access to Identity '{locked}' is forbidden.",
    )


def test_an_unlinked_user_is_a_new_one_the_next_time(user_pool: world.UserPool, backend: Backend) -> None:
    known = backend.identity("ana", logins=user_pool.logins("ana"))

    backend.unlink("ana", known)

    assert backend.identity("ana") != known
    assert Identity.objects.get(pk=known).state == "authenticated"  # by its other login


def test_without_its_last_login_an_identity_is_nobodys(anyone: Any, backend: Backend) -> None:
    known = backend.identity("ana")

    backend.unlink("ana", known)

    assert Identity.objects.get(pk=known).state == "disabled"
    forbidden = f"Access to Identity '{known}' is forbidden."
    assert backend.refused(backend.token, "ben", known) == ("NotAuthorizedException", forbidden)
    assert backend.refused(anyone.get_credentials_for_identity, IdentityId=known)[1] == forbidden
    identities.enable(Identity.objects.get(pk=known))  # would make a guest of it
    assert Identity.objects.get(pk=known).state == "disabled"


def test_who_cannot_be_unlinked(backend: Backend) -> None:
    ana = backend.identity("ana")
    backend.identity("ben")

    assert backend.refused(backend.unlink, "ben", ana)[0] == "ResourceNotFoundException"
    wrong = {"DeveloperProviderName": "login.other"}
    assert backend.refused(backend.unlink, "ana", ana, **wrong)[0] == "ResourceNotFoundException"
    assert Login.objects.count() == 2


@pytest.mark.parametrize("name", ["accounts.google.com", "cognito-identity.amazonaws.com"])
def test_a_developer_provider_has_no_public_providers_name(make_pool: Any, name: str) -> None:
    with pytest.raises(Exception, match="is the name of a public provider"):
        make_pool(DeveloperProviderName=name)


def test_credentials_of_the_session_are_real(anyone: Any, backend: Backend) -> None:
    answered = backend.token("ana")
    given = anyone.get_credentials_for_identity(
        IdentityId=answered["IdentityId"], Logins=own(answered["Token"])
    )["Credentials"]

    described = client_of("cognito-identity", given).describe_identity_pool(IdentityPoolId=backend.pool_id)
    assert described["DeveloperProviderName"] == PROVIDER
