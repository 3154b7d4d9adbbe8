"""``UserPoolTokenAuthentication``: which tokens come in, what the others are told."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from identity.core import clock, fetch, issuers, signing
from identity.kit import checks, issuer_keys
from tests.identitypools import world
from tests.kit.conftest import Get

Token = Callable[..., str]


def refusal(response: Any) -> str:
    """What a refused token is told, and that it is told so in both places."""
    assert response.status_code == 401
    head = 'Bearer realm="api", error="invalid_token", error_description="'
    assert response["WWW-Authenticate"].startswith(head)
    reason: str = response["WWW-Authenticate"].removeprefix(head).removesuffix('"')
    assert response.json() == {"detail": f"The token is refused: {reason}."}
    return reason


def test_an_access_token_comes_in(user_pool: world.UserPool, access: Token, get: Get) -> None:
    token = access("ana", **{"cognito:groups": ["admins"], "scope": "openid notes/read"})

    assert get("/me", token).json() == {
        "user": "ana@pool",
        "pk": "ana",
        "kind": "token",
        "id": "ana",
        "name": "ana@pool",
        "groups": ["admins"],
        "scopes": ["openid", "notes/read"],
        "issuer": user_pool.url,
        "arn": None,
        "sub": "ana",
        "provider": user_pool.url,
        "identity_id": None,
        "identity_pool_id": None,
        "is_guest": None,
        "principal_tags": {},
    }


def test_the_pools_other_issuer_is_the_same_pool(user_pool: world.UserPool, access: Token, get: Get) -> None:
    token = access(iss=f"https://{user_pool.provider}")

    assert get("/me", token).json()["issuer"] == f"https://{user_pool.provider}"


def test_the_scheme_is_read_in_any_case(access: Token, get: Get) -> None:
    assert get("/me", access(), scheme="bearer").status_code == 200


def test_without_a_token_the_answer_says_what_is_wanted(get: Get, db: None) -> None:
    for response in (get("/me"), get("/me", "x", scheme="Basic")):
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"token_use": "id", "aud": world.CLIENT}, "not a token of an accepted use"),
        ({"token_use": None}, "not a token of an accepted use"),
        ({"client_id": world.OTHER_CLIENT}, "not a token of an accepted client"),
        ({"client_id": None, "aud": world.CLIENT}, "not a token of an accepted client"),
        ({"iss": "http://testserver/us-east-1_Example02"}, "not a token of an accepted issuer"),
        ({"iss": "https://testserver/us-east-1_Example01"}, "not a token of an accepted issuer"),
        ({"iss": None}, "not a token of an accepted issuer"),
        ({"iss": ["http://testserver/us-east-1_Example01"]}, "not a token of an accepted issuer"),
        ({"exp": None}, "not valid"),
        ({"sub": None}, "no subject"),
    ],
)
def test_each_claim_is_checked(access: Token, get: Get, claims: dict[str, Any], reason: str) -> None:
    assert refusal(get("/me", access(**claims))) == reason


def test_a_token_expires_to_the_second(access: Token, get: Get) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        token = access()
    with time_machine.travel("2026-03-01T12:59:59Z", tick=False):
        assert get("/me", token).status_code == 200
    with time_machine.travel("2026-03-01T13:00:00Z", tick=False):
        assert refusal(get("/me", token)) == "expired"


@pytest.mark.parametrize("garbage", ["", "x", "a.b.c", "a b", "[" * 3000, "e30.e30."])
def test_garbage_is_no_token(access: Token, get: Get, garbage: str) -> None:
    assert refusal(get("/me", garbage)) in ("not a token", "not a token of an accepted issuer")


def test_only_the_pools_rs256_signature_counts(user_pool: world.UserPool, access: Token, get: Get) -> None:
    claims = world.claims_of(access())
    mine = signing.private_key(f"tests:{user_pool.key.kid}", lambda: user_pool.key.private_pem)
    others = signing.generate()
    forger = signing.private_key(f"tests:{others.kid}", lambda: others.private_pem)

    weak = get("/me", signing.sign(claims, mine, kid=user_pool.key.kid, alg="RS512"))
    forged = get("/me", signing.sign(claims, forger, kid=user_pool.key.kid))
    unknown = get("/me", signing.sign(claims, forger, kid=others.kid))

    assert refusal(weak) == refusal(forged) == "not valid"
    assert refusal(unknown) == "signed by an unknown key"


def test_id_tokens_where_a_class_says_so(user_pool: world.UserPool, access: Token, get: Get) -> None:
    answered = get("/id", user_pool.token())

    assert (answered.json()["name"], answered.json()["scopes"]) == ("ana", [])
    refused = get("/id", access())
    assert refused["WWW-Authenticate"].startswith('Bearer realm="notes", error="invalid_token"')
    wrong_client = get("/id", user_pool.token(aud=world.OTHER_CLIENT))
    assert wrong_client.status_code == 401


def test_a_class_may_take_all_clients_and_both_uses(
    user_pool: world.UserPool, access: Token, get: Get
) -> None:
    assert get("/anybody", access(client_id=world.OTHER_CLIENT)).status_code == 200
    assert get("/anybody", user_pool.token(aud=world.OTHER_CLIENT)).status_code == 200


def test_a_machines_token_has_its_client_as_user(access: Token, get: Get) -> None:
    token = access(world.CLIENT, username=None, scope="notes/read")

    assert get("/me", token).json()["name"] == world.CLIENT


def test_who_signed_out_is_refused_where_the_class_asks(
    user_pool: world.UserPool, access: Token, get: Get
) -> None:
    token = access()
    assert get("/live", token).status_code == 200

    user_pool.signed_out.add("ana")

    assert refusal(get("/live", token)) == "revoked"
    assert get("/me", token).status_code == 200


def test_a_new_key_is_noticed_but_strangers_cannot_make_us_ask_all_the_time(
    user_pool: world.UserPool, access: Token, get: Get
) -> None:
    asked = []
    find, jwks = user_pool.find, lambda: asked.append(1) or [user_pool.key.public_jwk]
    counting = issuers.Issuer(url=user_pool.url, jwks=jwks)
    user_pool.find = lambda url: counting if url == user_pool.url else find(url)  # type: ignore[method-assign]
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        assert get("/me", access()).status_code == 200
        user_pool.key = signing.generate()
        assert [refusal(get("/me", access())) for _ in range(3)] == ["signed by an unknown key"] * 3
        assert len(asked) == 1

    with time_machine.travel("2026-03-01T12:00:11Z", tick=False):
        assert get("/me", access()).status_code == 200
        assert len(asked) == 2


@pytest.mark.parametrize(
    "kit",
    [{}, {"ISSUERS": []}, {"ISSUERS": ["x"], "TOKEN_USE": "refresh"}, {"ISSUERS": ["x"], "CLIENT_ID": "y"}],
)
def test_unsafe_settings_are_refused_not_guessed(
    access: Token, get: Get, settings: Any, kit: dict[str, Any]
) -> None:
    token = access()
    settings.IDENTITY_KIT = kit

    with pytest.raises(ImproperlyConfigured):
        get("/me", token)


def test_a_pool_id_without_pools_is_said_at_start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IDENTITY_KIT = {"ISSUERS": ["us-east-1_Example01"]}
    assert checks.check_settings() == []
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "identity.userpools")

    assert [each.id for each in checks.check_settings()] == ["identity_kit.E003"]


# An issuer in another process


REMOTE = "https://login.example/us-east-1_Remote001"


@pytest.fixture
def remote(settings: Any, monkeypatch: pytest.MonkeyPatch) -> "Remote":
    """A user pool that is asked over HTTP; the network is the edge that is replaced."""
    settings.IDENTITY_KIT = {"ISSUERS": [REMOTE]}
    site = Remote()
    monkeypatch.setattr(fetch, "get", site.answer)
    return site


class Remote:
    def __init__(self) -> None:
        self.pool = world.UserPool("us-east-1_Remote001")
        self.pool.url = REMOTE
        self.issuer, self.down, self.asked = REMOTE, False, 0
        self.keys = f"{REMOTE}/keys"

    def answer(self, url: str, **_: Any) -> fetch.Response:
        self.asked += 1
        if self.down:
            raise fetch.FetchFailed("login.example: ConnectionRefusedError")
        pages: dict[str, Any] = {
            f"{REMOTE}/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "jwks_uri": self.keys,
            },
            self.keys: {"keys": [self.pool.key.public_jwk]},
        }
        return fetch.Response(200, {}, json.dumps(pages[url]).encode(), url)

    def token(self) -> str:
        return self.pool.token(aud=None, token_use="access", client_id="any")


def test_keys_of_another_process_are_fetched_once(remote: Remote, get: Get, db: None) -> None:
    for _ in range(3):
        assert get("/me", remote.token()).status_code == 200

    assert remote.asked == 2


def test_known_keys_serve_on_while_the_issuer_is_down(remote: Remote, get: Get, db: None) -> None:
    token = remote.token()
    assert get("/me", token).status_code == 200
    remote.down = True

    with time_machine.travel(clock.now() + timedelta(minutes=30), tick=False):
        for _ in range(5):
            assert get("/me", token).status_code == 200
        assert remote.asked == 3


def test_an_issuer_that_was_never_reached_is_not_the_callers_fault(
    remote: Remote, get: Get, db: None
) -> None:
    remote.down = True

    answered = get("/me", remote.token())

    assert answered.status_code == 503
    assert answered.json() == {"detail": "The token's issuer is not reachable."}


def test_a_discovery_document_of_another_issuer_gives_no_keys(remote: Remote, get: Get, db: None) -> None:
    remote.issuer = "https://evil.example"

    assert get("/me", remote.token()).status_code == 503


def test_an_issuer_with_https_has_its_keys_there_too(remote: Remote, get: Get, db: None) -> None:
    remote.keys = remote.keys.replace("https:", "http:")

    assert get("/me", remote.token()).status_code == 503
    assert remote.asked == 1


def test_the_address_of_keys_may_be_set(remote: Remote, get: Get, settings: Any, db: None) -> None:
    settings.IDENTITY_KIT = {"ISSUERS": [REMOTE], "JWKS_URIS": {REMOTE: f"{REMOTE}/keys"}}
    issuer_keys.forget()

    assert get("/me", remote.token()).status_code == 200
    assert remote.asked == 1
