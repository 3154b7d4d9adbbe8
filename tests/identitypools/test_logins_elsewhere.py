"""User pools and OpenID Connect providers on other hosts: found by discovery, believed by their published keys."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.utils import base64url_encode

from identity.core import clock, fetch, signing
from identity.core.invoke import slots
from identity.iam import oidc_keys, oidc_providers
from identity.identitypools.errors import InvalidLoginToken
from identity.identitypools.logins import elsewhere, known_issuers
from identity.identitypools.logins import user_pool as user_pool_logins
from identity.identitypools.models import IdentityPool, Login
from tests.identitypools import world
from tests.identitypools.stand_ins import Keys, StandIn
from tests.identitypools.world import get_id, refusal, refused_text

pytestmark = pytest.mark.core_suite

UNVERIFIED = "Invalid login token. Couldn't verify signed token."
UNSUPPORTED = "Token is not from a supported provider of this identity pool."


@pytest.fixture
def other_site(settings: Any, key_material: Any) -> Iterator[Keys]:
    """Another installation, with a user pool below a path."""
    oidc_keys.forget()
    known_issuers.forget()
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ("127.0.0.1",)}
    with Keys(signing.with_new_kid(key_material[1]), path="/login/us-east-1_Foreign01").running() as keys:
        assert isinstance(keys, Keys)
        yield keys


@pytest.fixture
def foreign_pool(other_site: Keys, make_pool: Any) -> str:
    entry = {"ProviderName": other_site.name, "ClientId": world.CLIENT}
    made: str = make_pool(CognitoIdentityProviders=[entry])
    return made


def foreign_token(site: Keys, **claims: Any) -> str:
    return site.token(**{"iss": site.issuer, "aud": world.CLIENT, "token_use": "id", **claims})


def test_a_user_pool_of_another_installation(anyone: Any, other_site: Keys, foreign_pool: str) -> None:
    given = {other_site.name: foreign_token(other_site)}

    first = get_id(anyone, foreign_pool, given)

    assert get_id(anyone, foreign_pool, given) == first
    assert list(Login.objects.values_list("provider", "user_id")) == [(other_site.name, "ana")]
    assert other_site.asked == [
        f"{other_site.path}/.well-known/openid-configuration",
        f"{other_site.path}/keys",
    ]


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"aud": world.OTHER_CLIENT}, UNSUPPORTED),
        ({"aud": [world.CLIENT]}, UNSUPPORTED),
        ({"token_use": "access"}, "Invalid login token."),
        ({"token_use": None}, "Invalid login token."),
        ({"aud": None}, "Invalid login token. Missing a required claim: aud"),
        ({"iss": "https://evil.example/us-east-1_Foreign01"}, "Invalid login token. Issuer doesn't match providerName"),
        ({"iss": None}, "Invalid login token. Issuer doesn't match providerName"),
        ({"exp": 1}, None),
    ],
)  # fmt: skip
def test_what_its_tokens_must_say(
    anyone: Any, other_site: Keys, foreign_pool: str, claims: dict[str, Any], text: str | None
) -> None:
    refused = refused_text(anyone, foreign_pool, {other_site.name: foreign_token(other_site, **claims)})

    assert refused == text or (text is None and "Token expired: " in refused)


def test_a_key_of_ours_signs_nothing_of_theirs(
    anyone: Any, other_site: Keys, foreign_pool: str, user_pool: world.UserPool
) -> None:
    forged = foreign_token(other_site, key=user_pool.key)

    assert refused_text(anyone, foreign_pool, {other_site.name: forged}) == UNVERIFIED


def test_their_key_signs_nothing_of_ours(
    anyone: Any, other_site: Keys, pool_id: str, user_pool: world.UserPool
) -> None:
    forged = foreign_token(other_site, iss=user_pool.url)

    assert refused_text(anyone, pool_id, {user_pool.provider: forged}) == UNVERIFIED


def test_a_silent_site_is_an_external_failure(anyone: Any, other_site: Keys, foreign_pool: str) -> None:
    other_site.is_down = True

    with pytest.raises(anyone.exceptions.ExternalServiceException):
        get_id(anyone, foreign_pool, {other_site.name: foreign_token(other_site)})


def test_a_user_pool_at_amazon(
    anyone: Any, other_site: Keys, make_pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the way is replaced but the address that the outgoing client connects to."""
    name = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_RealAws01"
    pool_id = make_pool(CognitoIdentityProviders=[{"ProviderName": name, "ClientId": "app"}])
    served = StandIn(
        lambda path, *_: (
            (200, {"issuer": f"https://{name}", "jwks_uri": f"https://{name}/.well-known/jwks.json"})
            if path.endswith("openid-configuration")
            else (200, {"keys": other_site.published})
        )
    )
    real_get = fetch.get

    def redirected(url: str, **options: Any) -> fetch.Response:
        assert url.startswith(f"https://{name}/")
        return real_get(url.replace("https://cognito-idp.eu-west-1.amazonaws.com", served.url), **options)

    monkeypatch.setattr(fetch, "get", redirected)
    with served.running():
        token = foreign_token(other_site, iss=f"https://{name}", aud="app")
        assert get_id(anyone, pool_id, {name: token})

    assert Login.objects.get().provider == name


def test_keys_come_by_https_or_from_private_hosts_of_the_operator(other_site: Keys) -> None:
    private = other_site.token(iss=other_site.issuer, aud="x")
    assert elsewhere.issuer_in(private, other_site.name) == other_site.issuer

    for iss in (
        "http://login.example/us-east-1_A",
        "ftp://login.example/us-east-1_A",
        "login.example/us-east-1_A",
    ):
        with pytest.raises(InvalidLoginToken):
            elsewhere.issuer_in(other_site.token(iss=iss, aud="x"), "login.example/us-east-1_A")


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"ServerSideTokenCheck": True}, "ServerSideTokenCheck is only supported for user pools of this installation"),
        ({"ProviderName": "testserver/us-east-1_Unknown"}, "Invalid Cognito Identity Provider"),
        ({"ProviderName": "login.example"}, "Invalid Cognito Identity Provider"),
        ({"ProviderName": "cognito-idp.eu-west-1.amazonaws.com/us-east-1_A"}, "Invalid Cognito Identity Provider"),
        ({"ProviderName": "cognito-idp.evil.amazonaws.com/us-east-1_A"}, "Invalid Cognito Identity Provider"),
        ({"ClientId": None}, "Invalid Cognito Identity Provider"),
    ],
)  # fmt: skip
def test_what_is_refused_when_the_pool_is_made(
    cognito_identity: Any, make_pool: Any, entry: dict[str, Any], text: str
) -> None:
    given = {
        "ProviderName": "login.example/us-east-1_A",
        "ClientId": "app",
        "ServerSideTokenCheck": False,
        **entry,
    }
    kept = {name: value for name, value in given.items() if value is not None}

    with pytest.raises(cognito_identity.exceptions.InvalidParameterException) as refused:
        make_pool(CognitoIdentityProviders=[kept])

    assert refusal(refused)[1].startswith(text)


def test_a_pool_of_ours_that_was_deleted_is_not_looked_for_elsewhere(
    anyone: Any, make_pool: Any, user_pool: world.UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool_id = make_pool(CognitoIdentityProviders=[{**user_pool.entry(), "ProviderName": user_pool.own_name}])
    token = user_pool.token(iss=f"https://{user_pool.provider}")

    def never(url: str, **_: Any) -> fetch.Response:
        raise AssertionError(url)

    monkeypatch.setattr(fetch, "get", never)
    known_issuers.forget()
    monkeypatch.setattr(user_pool, "find", lambda _url: None)

    assert refused_text(anyone, pool_id, {user_pool.own_name: token}) == UNVERIFIED


def test_an_entry_that_asks_for_a_live_check_elsewhere_lets_nobody_in(
    other_site: Keys, foreign_pool: str
) -> None:
    """Refused at configuration; what is in the table all the same is refused at the login."""
    pool = IdentityPool.objects.get(pk=foreign_pool)
    pool.settings["CognitoIdentityProviders"][0]["ServerSideTokenCheck"] = True

    with pytest.raises(user_pool_logins.InactiveToken):
        user_pool_logins.verify(pool, other_site.name, foreign_token(other_site), clock.now())


# OpenID Connect providers of the account


@pytest.fixture
def oidc_pool(other_site: Keys, make_pool: Any) -> str:
    other_site.path = "/tenant"
    made: str = make_pool(OpenIdConnectProviderARNs=[oidc_providers.create(other_site.issuer, ["app"]).arn])
    return made


def oidc_token(site: Keys, **claims: Any) -> str:
    return site.token(**{"iss": site.issuer, "aud": "app", **claims})


def test_an_oidc_provider_rolls_its_keys(
    anyone: Any, other_site: Keys, oidc_pool: str, key_material: Any
) -> None:
    start, old = clock.now(), other_site.key
    with time_machine.travel(start, tick=False):
        first = get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site)})
        other_site.key = signing.with_new_kid(key_material[2])
        other_site.published.insert(0, other_site.key.public_jwk)
    with time_machine.travel(start + oidc_keys.RENEW_AT_MOST_EVERY, tick=False):
        new = get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site)})
        overlap = get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site, key=old)})

    assert first == new == overlap


def test_a_withdrawn_key_opens_nothing_once_the_kept_ones_are_old(
    anyone: Any, other_site: Keys, oidc_pool: str, key_material: Any
) -> None:
    start, old = clock.now(), other_site.key
    with time_machine.travel(start, tick=False):
        get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site)})
    other_site.published[:] = [signing.with_new_kid(key_material[2]).public_jwk]

    with time_machine.travel(start + oidc_keys.KEEP - timedelta(seconds=1), tick=False):
        assert get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site, key=old)})
    with (
        time_machine.travel(start + oidc_keys.KEEP, tick=False),
        pytest.raises(anyone.exceptions.NotAuthorizedException) as refused,
    ):
        get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site, key=old)})
    assert refusal(refused)[1] == UNVERIFIED


def b64(content: Any) -> str:
    return base64url_encode(content if isinstance(content, bytes) else json.dumps(content).encode()).decode()


def hostile(site: Keys) -> dict[str, str]:
    """Tokens that say the right things and are signed by nobody, or by who should not."""
    good = oidc_token(site)
    head, payload, signature = good.split(".")
    kid = site.key.kid
    public = jwt.PyJWK(dict(site.key.public_jwk)).key
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    hs256 = f"{b64({'alg': 'HS256', 'kid': kid})}.{payload}"
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    stranger = signing.generate()
    private = signing.private_key("stand-in:stranger", lambda: stranger.private_pem)
    rs256 = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)

    def self_signed(**header: Any) -> str:
        signed = f"{b64({'alg': 'RS256', **header})}.{payload}"
        return f"{signed}.{b64(rs256.sign(signed.encode(), private))}"

    evil = f"{site.url}/evil"
    return {
        "alg none": f"{b64({'alg': 'none', 'kid': kid})}.{payload}.",
        "alg None": f"{b64({'alg': 'None', 'kid': kid})}.{payload}.{signature}",
        "no alg": f"{b64({'kid': kid})}.{payload}.{signature}",
        "hmac by the public key": f"{hs256}.{b64(mac.sign(hs256.encode(), pem))}",
        "jku": self_signed(kid="evil", jku=f"{evil}/jwks"),
        "jku with the right kid": self_signed(kid=kid, jku=f"{evil}/jwks"),
        "x5u": self_signed(kid="evil", x5u=f"{evil}/cert"),
        "jwk": self_signed(kid="evil", jwk=stranger.public_jwk),
        "x5c": self_signed(kid="evil", x5c=["MIIC"]),
        "no kid": self_signed(),
        "kid of another type": f"{b64({'alg': 'RS256', 'kid': [kid]})}.{payload}.{signature}",
        "kid with a path": self_signed(kid="../../../dev/null"),
        "two parts": f"{head}.{payload}",
        "four parts": f"{good}.x",
        "five parts": f"{head}..{payload}.{signature}.x",
        "empty signature": f"{head}.{payload}.",
        "other payload": f"{head}.{b64({'iss': site.issuer, 'aud': 'app', 'sub': 'ben', 'exp': 9999999999, 'iat': 1})}.{signature}",
        "huge header": f"{b64({'alg': 'RS256', 'kid': kid, 'x': 'a' * 30_000})}.{payload}.{signature}",
        "huge kid": f"{b64({'alg': 'RS256', 'kid': 'a' * 30_000})}.{payload}.{signature}",
        "deep payload": f"{head}.{b64(b'[' * 20_000)}.{signature}",
        "critical header": self_signed(kid=kid, crit=["b64"], b64=False),
        "white space": f" {good}",
        "base64 with padding": f"{head}=.{payload}.{signature}",
    }  # fmt: skip


HOSTILE = [
    "alg none", "alg None", "no alg", "hmac by the public key", "jku", "jku with the right kid", "x5u", "jwk", "x5c",
    "no kid", "kid of another type", "kid with a path", "two parts", "four parts", "five parts", "empty signature",
    "other payload", "huge header", "huge kid", "deep payload", "critical header", "white space", "base64 with padding",
]  # fmt: skip


@pytest.mark.real_keys
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tokens(anyone: Any, other_site: Keys, oidc_pool: str, name: str) -> None:
    refused = refused_text(anyone, oidc_pool, {other_site.name: hostile(other_site)[name]})

    assert refused.startswith("Invalid login token.")
    assert not [path for path in other_site.asked if "evil" in path]


def test_every_hostile_token_is_tried(other_site: Keys) -> None:
    assert sorted(hostile(other_site)) == sorted(HOSTILE)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([{"kty": "oct", "k": base64.urlsafe_b64encode(b"secret").decode(), "alg": "HS256"}], UNVERIFIED),
        ([], UNVERIFIED),
        ([{"kty": "RSA", "n": "AQAB", "e": "AQAB"}], UNVERIFIED),
        ([{"kty": "RSA"}], UNVERIFIED),
        (["x"], UNVERIFIED),
        ("x", UNVERIFIED),
    ],
)
def test_unusable_keys(anyone: Any, other_site: Keys, oidc_pool: str, keys: Any, text: str) -> None:
    other_site.published = (
        [{**key, "kid": other_site.key.kid} if isinstance(key, dict) else key for key in keys]
        if isinstance(keys, list)
        else keys
    )

    assert refused_text(anyone, oidc_pool, {other_site.name: oidc_token(other_site)}) == text


@contextmanager
def discovery_says(site: Keys, document: Any) -> Iterator[None]:
    answer = site.answer

    def other(path: str, *rest: Any) -> Any:
        return (200, document) if path.endswith("openid-configuration") else answer(path, *rest)

    site.answer = other  # type: ignore[method-assign]
    yield


@pytest.mark.parametrize("document", [{}, [], {"issuer": "https://evil.example"}, b"no JSON"])
def test_a_discovery_document_of_somebody_else(
    anyone: Any, other_site: Keys, oidc_pool: str, document: Any
) -> None:
    with discovery_says(other_site, document):
        assert refused_text(anyone, oidc_pool, {other_site.name: oidc_token(other_site)}) == UNVERIFIED


@pytest.mark.parametrize(
    "spelling",
    ["{}/", "{}//", "{}////", "HTTP{}", "{}/?x", "{}#"],
    ids=["one", "two", "more", "scheme", "query", "hash"],
)
@pytest.mark.parametrize("kind", ["user pool", "oidc"])
def test_a_token_chooses_no_spelling_by_which_keys_are_asked_for(
    anyone: Any, other_site: Keys, make_pool: Any, kind: str, spelling: str
) -> None:
    """Each would have a fetch, a pause and a place in the cache of its own."""
    if kind == "oidc":
        other_site.path = "/tenant"
        pool_id = make_pool(OpenIdConnectProviderARNs=[oidc_providers.create(other_site.issuer, ["app"]).arn])
        token = oidc_token
    else:
        entry = {"ProviderName": other_site.name, "ClientId": world.CLIENT}
        pool_id, token = make_pool(CognitoIdentityProviders=[entry]), foreign_token
    get_id(anyone, pool_id, {other_site.name: token(other_site)})
    asked = list(other_site.asked)
    iss = spelling.format(other_site.issuer.removeprefix("http" if spelling.startswith("HTTP") else ""))
    given = {other_site.name: token(other_site, iss=iss)}

    if spelling == "{}/":
        assert get_id(anyone, pool_id, given)
    else:
        with pytest.raises(anyone.exceptions.NotAuthorizedException):
            get_id(anyone, pool_id, given)

    assert other_site.asked == asked


def test_keys_that_are_being_fetched_take_a_slot(
    anyone: Any, other_site: Keys, foreign_pool: str, settings: Any
) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "TRIGGER_THREADS": 1}
    given = {other_site.name: foreign_token(other_site)}
    slot = slots.take("login keys")
    with pytest.raises(anyone.exceptions.TooManyRequestsException):
        get_id(anyone, foreign_pool, given)
    assert other_site.asked == []
    slot.release()

    known = get_id(anyone, foreign_pool, given)  # the refusal was no failure of the provider's
    slot = slots.take("login keys")  # and this one was given back
    assert get_id(anyone, foreign_pool, given) == known  # kept keys need none
    slot.release()


def test_a_short_key_of_theirs_signs_nothing(anyone: Any, other_site: Keys, oidc_pool: str) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # that is the point
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    other_site.published = [{**jwk, "kid": "short", "alg": "RS256", "use": "sig"}]
    claims = signing.unproven_claims(oidc_token(other_site))
    forged = signing.sign(claims, private, kid="short")

    assert refused_text(anyone, oidc_pool, {other_site.name: forged}) == UNVERIFIED


LONG_IDS = {
    "characters": "a" * 1025,
    "bytes": "é" * 1024 + "a",
    "more bytes": "語" * 683,
    "most": "🔑" * 1024,
}


@pytest.mark.parametrize("sub", LONG_IDS.values(), ids=LONG_IDS)
def test_subjects_that_no_index_holds(anyone: Any, other_site: Keys, oidc_pool: str, sub: str) -> None:
    given = {other_site.name: oidc_token(other_site, sub=sub)}

    assert refused_text(anyone, oidc_pool, given) == "Invalid login token. Missing a required claim: sub"


# Of characters that repeat little: PostgreSQL compresses others, and holds more of them.
LONGEST_IDS = {
    "ascii": hashlib.shake_256(b"sub").hexdigest(512),
    "three bytes": "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(682)),
    "four bytes": "".join(chr(0x20000 + number * 7919 % 40_000) for number in range(512)),
}


@pytest.mark.parametrize("sub", LONGEST_IDS.values(), ids=LONGEST_IDS)
def test_the_longest_subjects(anyone: Any, other_site: Keys, oidc_pool: str, sub: str) -> None:
    assert get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site, sub=sub)})
    assert Login.objects.get().user_id == sub


@pytest.mark.parametrize(
    "sub", ["a" * 1025, "", "a\0b", "a\ud800", "\udfff", None, 7, ["ana"], {"a": "b"}, True]
)
def test_subjects_that_are_none(anyone: Any, other_site: Keys, oidc_pool: str, sub: Any) -> None:
    given = {other_site.name: oidc_token(other_site, sub=sub)}

    assert refused_text(anyone, oidc_pool, given).startswith("Invalid login token.")


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("moment", ["soon", [1], {}, float("inf"), float("nan"), float("-inf")], ids=repr)
def test_times_that_are_none(anyone: Any, other_site: Keys, oidc_pool: str, name: str, moment: Any) -> None:
    given = {other_site.name: oidc_token(other_site, **{name: moment})}

    assert refused_text(anyone, oidc_pool, given).startswith("Invalid login token.")


def test_a_time_far_away_is_one(anyone: Any, other_site: Keys, oidc_pool: str) -> None:
    assert get_id(anyone, oidc_pool, {other_site.name: oidc_token(other_site, exp=10**400)})
