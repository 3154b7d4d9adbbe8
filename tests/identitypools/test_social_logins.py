"""Tokens of Facebook, Amazon, Twitter, Google and Apple, against servers that answer as theirs do."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError

from identity.core import clock, signing
from identity.core.invoke import slots
from identity.iam import oidc_keys, oidc_providers
from identity.identitypools.logins import provider_urls, social
from identity.identitypools.models import Identity, IdentityPool, Login
from tests.identitypools import stand_ins, world
from tests.identitypools.stand_ins import Amazon, Facebook, Keys, StandIn, Twitter
from tests.identitypools.world import get_id, refusal, refused_text

pytestmark = pytest.mark.core_suite

UNSUPPORTED = "Token is not from a supported provider of this identity pool."
INVALID = "Invalid login token."
APPS = {
    "graph.facebook.com": stand_ins.FACEBOOK_APP,
    "www.amazon.com": stand_ins.AMAZON_APP,
    "api.twitter.com": stand_ins.TWITTER_APP,
    "www.digits.com": stand_ins.TWITTER_APP,
    "accounts.google.com": stand_ins.GOOGLE_APP,
    "appleid.apple.com": stand_ins.APPLE_APP,
}
GOOD = {
    "graph.facebook.com": "EAAana",
    "www.amazon.com": "Atza|ana",
    "api.twitter.com": "1001-token;token-secret",
    "www.digits.com": "1001-token;token-secret",
}


@pytest.fixture
def elsewhere(settings: Any) -> Iterator[Callable[..., Any]]:
    """Lets a stand-in run and has a provider be asked there: ``elsewhere(stand_in, "graph.facebook.com")``."""
    social.forget()
    oidc_keys.forget()
    with ExitStack() as stack:

        def ask_there(stand_in: StandIn, *names: str) -> Any:
            urls = {**settings.IDENTITY.get("PROVIDER_URLS", {}), **dict.fromkeys(names, stand_in.url)}
            settings.IDENTITY = {**settings.IDENTITY, "PROVIDER_URLS": urls}
            return stack.enter_context(stand_in.running())

        yield ask_there
    social.forget()


@pytest.fixture
def facebook(elsewhere: Any) -> Facebook:
    made: Facebook = elsewhere(Facebook(), "graph.facebook.com")
    return made


@pytest.fixture
def amazon(elsewhere: Any) -> Amazon:
    made: Amazon = elsewhere(Amazon(), "www.amazon.com")
    return made


@pytest.fixture
def twitter(elsewhere: Any) -> Twitter:
    made: Twitter = elsewhere(Twitter(), "api.twitter.com", "www.digits.com")
    return made


@pytest.fixture
def keys(elsewhere: Any, key_material: Any) -> Keys:
    """Google's and Apple's keys."""
    made: Keys = elsewhere(
        Keys(signing.with_new_kid(key_material[1])), "accounts.google.com", "appleid.apple.com"
    )
    return made


@pytest.fixture
def social_pool(make_pool: Any) -> str:
    made: str = make_pool(SupportedLoginProviders=APPS)
    return made


# Access tokens


@pytest.mark.parametrize(
    ("name", "user_id"),
    [
        ("graph.facebook.com", "1001"),
        ("www.amazon.com", "amzn1.account.ANA"),
        ("api.twitter.com", "1001"),
        ("www.digits.com", "1001"),
    ],
)
def test_a_token_of_the_pools_app(
    anyone: Any,
    social_pool: str,
    facebook: Facebook,
    amazon: Amazon,
    twitter: Twitter,
    name: str,
    user_id: str,
) -> None:
    first = get_id(anyone, social_pool, {name: GOOD[name]})

    assert get_id(anyone, social_pool, {name: GOOD[name]}) == first
    assert list(Login.objects.values_list("provider", "user_id")) == [(name, user_id)]


@pytest.mark.parametrize(
    ("name", "token", "text"),
    [
        ("graph.facebook.com", "EAAother", UNSUPPORTED),
        ("graph.facebook.com", "EAAunknown", INVALID),
        ("graph.facebook.com", "a b", INVALID),
        ("graph.facebook.com", "é", INVALID),
        ("graph.facebook.com", "a\r\nHost: x", INVALID),
        ("www.amazon.com", "Atza|other", UNSUPPORTED),
        ("www.amazon.com", "Atza|unknown", INVALID),
        ("www.amazon.com", "a" * 40_000, INVALID),
        ("api.twitter.com", "1001-token;wrong-secret", INVALID),
        ("api.twitter.com", "other-token;token-secret", INVALID),
        ("api.twitter.com", "1001-token", INVALID),
        ("api.twitter.com", ";", INVALID),
        ("www.digits.com", "1001-token;wrong-secret", INVALID),
    ],
)
def test_a_token_of_another_app_or_of_nobody(
    anyone: Any, social_pool: str, facebook: Facebook, amazon: Amazon, twitter: Twitter,
    name: str, token: str, text: str,
) -> None:  # fmt: skip
    assert refused_text(anyone, social_pool, {name: token}) == text


def test_providers_that_are_asked_take_slots(
    anyone: Any, social_pool: str, facebook: Facebook, settings: Any
) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "TRIGGER_THREADS": 1}
    given = {"graph.facebook.com": GOOD["graph.facebook.com"]}
    slot = slots.take("logins")
    with pytest.raises(anyone.exceptions.TooManyRequestsException):
        get_id(anyone, social_pool, given)
    assert facebook.asked == []
    slot.release()

    assert refused_text(anyone, social_pool, {"graph.facebook.com": "EAAunknown"}) == INVALID
    assert get_id(anyone, social_pool, given)
    slots.take("logins").release()


def test_a_twitter_secret_that_does_not_open_is_the_pools_fault(
    anyone: Any, social_pool: str, twitter: Twitter
) -> None:
    IdentityPool.objects.filter(pk=social_pool).update(sealed_social_secrets="AAAA")

    with pytest.raises(anyone.exceptions.ClientError) as refused:
        get_id(anyone, social_pool, {"api.twitter.com": GOOD["api.twitter.com"]})
    assert refusal(refused)[0] == "InvalidIdentityPoolConfigurationException"


def test_another_twitter_apps_secret_opens_nothing(anyone: Any, make_pool: Any, twitter: Twitter) -> None:
    stranger = make_pool(SupportedLoginProviders={"api.twitter.com": "consumer-key;stolen"})

    assert refused_text(anyone, stranger, {"api.twitter.com": GOOD["api.twitter.com"]}) == INVALID


def test_which_app_is_asked_before_whose_token(anyone: Any, social_pool: str, facebook: Facebook) -> None:
    refused_text(anyone, social_pool, {"graph.facebook.com": "EAAother"})

    assert [path.rpartition("/")[2] for path in facebook.asked] == ["app"]


def test_amazons_two_answers_must_name_one_person(anyone: Any, social_pool: str, amazon: Amazon) -> None:
    amazon.profiles["Atza|ana"] = "amzn1.account.BEN"

    assert refused_text(anyone, social_pool, {"www.amazon.com": "Atza|ana"}) == INVALID


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}), (503, b"down"), (429, {}), (200, b"no JSON"), (200, b"[" * 5000), (302, {}), (200, b"\xff"),
        (400, {"error": {"code": 4, "message": "Application request limit reached"}}),
        (400, {"error": {"code": 2, "message": "Service temporarily unavailable"}}),
    ],
    ids=["500", "503", "429", "text", "deep", "redirect", "bytes", "busy", "trouble"],
)  # fmt: skip
def test_a_provider_in_trouble_is_an_external_failure(
    anyone: Any, social_pool: str, elsewhere: Any, answer: Any
) -> None:
    elsewhere(StandIn(lambda *_: answer), "graph.facebook.com")
    if answer == (302, {}):
        assert refused_text(anyone, social_pool, {"graph.facebook.com": "EAAana"}) == INVALID
        return

    with pytest.raises(anyone.exceptions.ExternalServiceException):
        get_id(anyone, social_pool, {"graph.facebook.com": "EAAana"})
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    "answer", [[], None, "x", 7, {}, {"id": 7}, {"id": ""}, {"id": "a" * 2000}, {"id": "a\0b"}, {"id": None}]
)
def test_an_answer_without_an_id_proves_nobody(
    anyone: Any, social_pool: str, elsewhere: Any, answer: Any
) -> None:
    def answered(path: str, *_: Any) -> Any:
        return 200, {"id": stand_ins.FACEBOOK_APP} if path.endswith("/app") else answer

    elsewhere(StandIn(answered), "graph.facebook.com")

    assert refused_text(anyone, social_pool, {"graph.facebook.com": "EAAana"}) == INVALID


@pytest.mark.parametrize("answer", [[], None, 7, "x", {"error": 7}, {"error": {"code": [4]}}, {"error": [1]}])
def test_a_refusal_in_any_form_is_a_refusal(
    anyone: Any, social_pool: str, elsewhere: Any, answer: Any
) -> None:
    elsewhere(StandIn(lambda *_: (400, answer)), "graph.facebook.com")

    assert refused_text(anyone, social_pool, {"graph.facebook.com": "EAAana"}) == INVALID


@pytest.mark.parametrize("answer", [[], None, 7, "x", {}, {"Profile": 7}, {"Profile": {}}, {"user_id": [1]}])
def test_an_amazon_profile_in_another_form_proves_nobody(
    anyone: Any, social_pool: str, elsewhere: Any, answer: Any
) -> None:
    made_for = {"app_id": stand_ins.AMAZON_APP, "user_id": "amzn1.account.ANA"}
    elsewhere(StandIn(lambda path, *_: (200, made_for if "tokeninfo" in path else answer)), "www.amazon.com")

    with pytest.raises(ClientError):
        get_id(anyone, social_pool, {"www.amazon.com": "Atza|ana"})
    assert not Identity.objects.exists()


def test_a_provider_that_is_down(anyone: Any, social_pool: str, facebook: Facebook) -> None:
    facebook.stop()

    with pytest.raises(anyone.exceptions.ExternalServiceException):
        get_id(anyone, social_pool, {"graph.facebook.com": "EAAana"})


def test_digits_is_no_more_and_its_name_may_be_anybodys(anyone: Any, social_pool: str, settings: Any) -> None:
    with pytest.raises(anyone.exceptions.ExternalServiceException):
        get_id(anyone, social_pool, {"www.digits.com": "1001-token;token-secret"})


@pytest.mark.parametrize("name", ["graph.facebook.com", "www.amazon.com", "api.twitter.com"])
def test_what_others_may_ask_about_a_social_user(
    social_pool: str, facebook: Facebook, amazon: Amazon, twitter: Twitter, name: str
) -> None:
    """Nothing but issuer, audience and subject; the secret of a Twitter app stays out of tags, rules and tokens."""
    proof = social.verify(IdentityPool.objects.get(pk=social_pool), name, GOOD[name])

    assert set(proof.claims) - {"user_id"} == {"iss", "aud", "sub"}
    assert proof.amr[0] == name
    assert proof.amr[1] == f"{name}:{proof.audience}:{proof.user_id}"
    assert "secret" not in f"{proof.claims}{proof.amr}{proof.audience}"
    assert proof.audience == APPS[name].partition(";")[0]


def test_no_token_is_in_an_address_that_is_logged(
    anyone: Any, social_pool: str, facebook: Facebook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    get_id(anyone, social_pool, {"graph.facebook.com": "EAAana"})
    facebook.stop()
    with pytest.raises(anyone.exceptions.ExternalServiceException):
        get_id(anyone, social_pool, {"graph.facebook.com": "EAAana"})

    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("boto")]
    assert ours
    assert not [line for line in ours if "EAAana" in line]


def test_providers_are_asked_at_their_own_addresses_unless_set(settings: Any) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "PROVIDER_URLS": {"www.amazon.com": "http://10.0.0.7/amazon/"}}

    assert provider_urls.of("graph.facebook.com") == ("https://graph.facebook.com", False)
    assert provider_urls.of("www.amazon.com") == ("http://10.0.0.7/amazon", True)


@pytest.mark.parametrize("app", ["key", "key;", ";secret"])
def test_a_twitter_app_has_a_key_and_a_secret(
    anyone: Any, make_pool: Any, cognito_identity: Any, app: str
) -> None:
    with pytest.raises(cognito_identity.exceptions.InvalidParameterException):
        make_pool(SupportedLoginProviders={"api.twitter.com": app})


# ID tokens


def google(keys: Keys, **claims: Any) -> dict[str, str]:
    given = {"iss": "https://accounts.google.com", "aud": stand_ins.GOOGLE_APP, **claims}
    return {"accounts.google.com": keys.token(**given)}


def apple(keys: Keys, **claims: Any) -> dict[str, str]:
    given = {"iss": "https://appleid.apple.com", "aud": stand_ins.APPLE_APP, **claims}
    return {"appleid.apple.com": keys.token(**given)}


def test_both_spellings_of_google_are_one_user(anyone: Any, social_pool: str, keys: Keys) -> None:
    first = get_id(anyone, social_pool, google(keys))

    assert get_id(anyone, social_pool, google(keys, iss="accounts.google.com")) == first
    assert list(Login.objects.values_list("provider", "user_id")) == [("accounts.google.com", "ana")]


def test_apple(anyone: Any, social_pool: str, keys: Keys) -> None:
    get_id(anyone, social_pool, apple(keys, email="ana@privaterelay.appleid.com"))

    assert list(Login.objects.values_list("provider", "user_id")) == [("appleid.apple.com", "ana")]


def test_an_app_of_the_phone_is_named_as_the_authorized_party(
    anyone: Any, make_pool: Any, keys: Keys
) -> None:
    """Google issues a phone's token for the web client, ``azp`` being the phone's; the pool names that."""
    pool_id = make_pool(SupportedLoginProviders={"accounts.google.com": "1234-phone"})

    assert get_id(anyone, pool_id, google(keys, azp="1234-phone"))


@pytest.mark.parametrize("make", [google, apple])
@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"aud": "other-app"}, "Invalid login token. Incorrect token audience."),
        ({"azp": "other-app"}, "Invalid login token. Incorrect token audience."),
        ({"aud": None}, "Invalid login token. Missing a required claim: aud"),
        ({"sub": None}, "Invalid login token. Missing a required claim: sub"),
        ({"sub": 7}, "Invalid login token."),
        ({"iss": "https://accounts.example.com"}, "Invalid login token. Issuer doesn't match providerName"),
        ({"iss": None}, "Invalid login token. Issuer doesn't match providerName"),
        ({"exp": None}, "Invalid login token."),
    ],
)
def test_what_an_id_token_must_say(
    anyone: Any, social_pool: str, keys: Keys, make: Any, claims: dict[str, Any], text: str
) -> None:
    assert refused_text(anyone, social_pool, make(keys, **claims)) == text


def test_apples_token_is_not_googles(anyone: Any, social_pool: str, keys: Keys) -> None:
    token = apple(keys)["appleid.apple.com"]

    text = "Invalid login token. Issuer doesn't match providerName"
    assert refused_text(anyone, social_pool, {"accounts.google.com": token}) == text


def test_an_id_token_expires(anyone: Any, social_pool: str, keys: Keys) -> None:
    logins = google(keys)

    with time_machine.travel(clock.now() + timedelta(minutes=66), tick=False):
        assert refused_text(anyone, social_pool, logins).startswith("Invalid login token. Token expired: ")


def test_a_new_key_of_googles_counts_at_once_and_a_withdrawn_one_no_longer_than_it_is_kept(
    anyone: Any, social_pool: str, keys: Keys, key_material: Any
) -> None:
    start = clock.now()
    old = keys.key
    with time_machine.travel(start, tick=False):
        get_id(anyone, social_pool, google(keys))
    keys.key = signing.with_new_kid(key_material[2])
    keys.published[:] = [keys.key.public_jwk]
    with time_machine.travel(start + oidc_keys.RENEW_AT_MOST_EVERY, tick=False):
        assert get_id(anyone, social_pool, google(keys))
        text = "Invalid login token. Couldn't verify signed token."
        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            get_id(anyone, social_pool, {"accounts.google.com": keys.token(key=old, iss="x", aud="y")})
        assert refusal(refused)[1] == "Invalid login token. Issuer doesn't match providerName"
        withdrawn = keys.token(key=old, iss="accounts.google.com", aud=stand_ins.GOOGLE_APP)
        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            get_id(anyone, social_pool, {"accounts.google.com": withdrawn})
        assert refusal(refused)[1] == text


def test_keys_are_fetched_once(anyone: Any, social_pool: str, keys: Keys) -> None:
    for _ in range(3):
        get_id(anyone, social_pool, google(keys))
        get_id(anyone, social_pool, apple(keys))

    assert keys.asked == ["/oauth2/v3/certs", "/auth/keys"]


def test_without_keys_it_is_an_external_failure(anyone: Any, social_pool: str, keys: Keys) -> None:
    keys.is_down = True

    with pytest.raises(anyone.exceptions.ExternalServiceException):
        get_id(anyone, social_pool, google(keys))


def test_google_as_an_oidc_provider_of_several_apps(
    anyone: Any, make_pool: Any, user_pool: world.UserPool, elsewhere: Any
) -> None:
    """Google's issuer without a scheme is the same provider of the account."""
    issuer = world.UserPool("us-east-1_Unused")
    issuer.url, issuer.provider = "https://accounts.google.com", "accounts.google.com"
    arn = oidc_providers.create(issuer.url, ["web", "phone"]).arn
    pool_id = make_pool(OpenIdConnectProviderARNs=[arn])

    with world.registered(issuer):
        first = get_id(anyone, pool_id, {"accounts.google.com": issuer.token(aud="web")})
        bare = issuer.token(aud="phone", iss="accounts.google.com")
        assert get_id(anyone, pool_id, {"accounts.google.com": bare}) == first


def test_one_person_with_several_logins(
    anyone: Any, social_pool: str, user_pool: world.UserPool, facebook: Facebook, keys: Keys
) -> None:
    both = {"graph.facebook.com": "EAAana", **google(keys)}

    first = get_id(anyone, social_pool, both)

    assert get_id(anyone, social_pool, {"graph.facebook.com": "EAAana"}) == first
    assert get_id(anyone, social_pool, google(keys)) == first
