import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from identity.core import signing

pytestmark = pytest.mark.core_suite

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW = int(START.timestamp())
ISSUER = "https://id.example.com/pool"


@pytest.fixture(scope="module")
def new_key():
    return signing.generate()


@pytest.fixture(scope="module")
def other_key():
    return signing.generate()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def key_of(new):
    return signing.private_key(new.kid, lambda: new.private_pem)


def token(new, **claims):
    content = {"sub": "u", "iss": ISSUER, "aud": "client", "iat": NOW, "exp": NOW + 60} | claims
    return signing.sign({k: v for k, v in content.items() if v is not None}, key_of(new), kid=new.kid)


def verify(text, *keys, **options):
    settings = {"issuer": ISSUER, "audience": "client"} | options
    return signing.verify(text, [key.public_jwk for key in keys], **settings)


def part(text, n):
    raw = text.split(".")[n]
    return base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))


def test_a_new_key_looks_like_cognitos(new_key):
    assert len(new_key.kid) == 44
    assert new_key.kid.endswith("=")
    assert set(new_key.public_jwk) == {"alg", "e", "kid", "kty", "n", "use"}
    assert new_key.public_jwk["e"] == "AQAB"
    assert len(base64.urlsafe_b64decode(new_key.public_jwk["n"] + "==")) == 256
    assert new_key.private_pem not in repr(new_key)


def test_the_header_is_kid_and_alg_in_that_order(new_key):
    assert (
        part(token(new_key), 0)
        == json.dumps({"kid": new_key.kid, "alg": "RS256"}, separators=(",", ":")).encode()
    )
    typed = signing.sign({}, key_of(new_key), kid="k", typ="at+jwt")
    assert json.loads(part(typed, 0)) == {"kid": "k", "alg": "RS256", "typ": "at+jwt"}


def test_claims_keep_their_order(new_key):
    assert list(json.loads(part(token(new_key), 1))) == ["sub", "iss", "aud", "iat", "exp"]


def test_others_verify_what_we_sign(new_key):
    claims = jwt.decode(
        token(new_key), jwt.PyJWK(new_key.public_jwk), algorithms=["RS256"], audience="client"
    )

    assert claims["sub"] == "u"


def test_a_good_token_gives_its_claims(new_key, other_key):
    assert verify(token(new_key), other_key, new_key)["sub"] == "u"
    assert verify(token(new_key), new_key, issuer=["x", ISSUER], audience=["y", "client"])["sub"] == "u"
    assert verify(token(new_key, aud=None), new_key, audience=None)["sub"] == "u"
    assert verify(token(new_key), new_key, issuer=None, audience=None)["sub"] == "u"


@pytest.mark.parametrize(
    ("claims", "options", "error"),
    [
        ({"exp": NOW}, {}, signing.Expired),
        ({"exp": NOW - 10}, {"leeway": 5}, signing.Expired),
        ({"nbf": NOW + 10}, {}, signing.NotYetValid),
        ({"iat": NOW + 10}, {}, signing.NotYetValid),
        ({"iss": "https://evil.example.com"}, {}, signing.WrongIssuer),
        ({"iss": ISSUER + "/"}, {}, signing.WrongIssuer),
        ({"aud": "another"}, {}, signing.WrongAudience),
        ({"exp": None}, {}, signing.MissingClaim),
        ({"iat": None}, {}, signing.MissingClaim),
        ({"iss": None}, {}, signing.MissingClaim),
        ({"aud": None}, {}, signing.MissingClaim),
        ({"sub": None}, {"required": ("exp", "sub")}, signing.MissingClaim),
        ({"exp": "soon"}, {}, signing.Malformed),
        ({"iat": "x"}, {}, signing.Malformed),
    ],
)
def test_each_fault_has_its_own_error(new_key, claims, options, error):
    with pytest.raises(error):
        verify(token(new_key, **claims), new_key, **options)


def test_leeway_forgives_a_slow_clock(new_key):
    assert verify(token(new_key, exp=NOW - 4), new_key, leeway=5)


def test_another_key_of_the_same_name_is_a_bad_signature(new_key, other_key):
    forged = {**other_key.public_jwk, "kid": new_key.kid}

    with pytest.raises(signing.BadSignature) as error:
        signing.verify(token(new_key), [forged], issuer=ISSUER, audience="client")
    assert not isinstance(error.value, signing.UnknownKey)


def test_a_changed_claim_is_a_bad_signature(new_key):
    head, _, signature = token(new_key).split(".")
    body = base64.urlsafe_b64encode(b'{"sub":"admin","exp":9999999999}').rstrip(b"=").decode()

    with pytest.raises(signing.BadSignature):
        verify(f"{head}.{body}.{signature}", new_key)


def test_a_key_that_is_not_in_the_set_is_unknown(new_key, other_key):
    with pytest.raises(signing.UnknownKey):
        verify(token(new_key), other_key)
    with pytest.raises(signing.UnknownKey):
        verify(token(new_key))


def test_symmetric_and_absent_algorithms_never_count(new_key):
    public = json.dumps(new_key.public_jwk)
    shared = jwt.encode({"exp": NOW + 60}, public * 2, algorithm="HS256", headers={"kid": new_key.kid})
    unsigned = jwt.encode({"exp": NOW + 60}, None, algorithm="none", headers={"kid": new_key.kid})

    for text in (shared, unsigned):
        with pytest.raises(signing.BadSignature):
            verify(text, new_key, algorithms=("RS256", "HS256", "none"))


@pytest.mark.parametrize("header", [{"alg": ["RS256"]}, {"alg": {}}, {"alg": None}, {"kid": 1}, {"kid": []}])
def test_a_header_of_the_wrong_types_is_malformed(new_key, header):
    _, body, signature = token(new_key).split(".")
    whole = json.dumps({"alg": "RS256", "kid": new_key.kid, **header}).encode()
    head = base64.urlsafe_b64encode(whole).rstrip(b"=").decode()

    with pytest.raises(signing.Malformed):
        verify(f"{head}.{body}.{signature}", new_key)


def test_only_the_asked_algorithms_count(new_key):
    with pytest.raises(signing.BadSignature):
        verify(token(new_key), new_key, algorithms=("ES256",))


def test_a_key_for_encryption_signs_nothing(new_key):
    with pytest.raises(signing.UnknownKey):
        signing.verify(token(new_key), [{**new_key.public_jwk, "use": "enc"}], issuer=ISSUER)


def test_tokens_of_other_providers_verify(new_key):
    private = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())) | {"kid": "e"}
    text = jwt.encode(
        {"iss": ISSUER, "iat": NOW, "exp": NOW + 9}, private, algorithm="ES256", headers={"kid": "e"}
    )
    nameless = jwt.encode({"iss": ISSUER, "iat": NOW, "exp": NOW + 9}, private, algorithm="ES256")

    assert signing.verify(text, [new_key.public_jwk, public], algorithms=("ES256", "RS256"), issuer=ISSUER)
    assert signing.verify(nameless, [public], algorithms=("ES256",), issuer=ISSUER)


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9.e30", "\ud800"])
def test_what_is_no_token_is_malformed(new_key, text):
    with pytest.raises(signing.Malformed):
        verify(text, new_key)
    with pytest.raises(signing.Malformed):
        signing.unproven_claims(text)


def test_a_private_key_is_loaded_once_a_process(new_key):
    signing.forget_keys()
    loads = []

    def load():
        loads.append(1)
        return new_key.private_pem.encode()

    assert signing.private_key("k1", load) is signing.private_key("k1", load)
    assert len(loads) == 1


def test_the_oldest_parsed_key_makes_room():
    kept = signing._Recent(2)

    for name in (1, 2, 1, 3):
        kept.get(name, lambda name=name: name)

    assert kept.get(1, lambda: "again") == 1
    assert kept.get(2, lambda: "again") == "again"


def test_a_key_under_a_new_id_is_the_same_key(new_key):
    renamed = signing.with_new_kid(new_key)

    assert renamed.kid == renamed.public_jwk["kid"] != new_key.kid
    assert renamed.public_jwk["n"] == new_key.public_jwk["n"]


def test_a_token_that_was_good_expires_with_the_clock(new_key, clock):
    text = token(new_key)
    verify(text, new_key)
    clock.shift(timedelta(seconds=60))

    with pytest.raises(signing.Expired):
        verify(text, new_key)


def test_a_short_rsa_key_signs_nothing(new_key):
    """RFC 7518 §3.3: 2048 bits or more."""
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # that is the point
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(short.public_key(), as_dict=True) | {"kid": "short"}
    signed = signing.sign({"iss": ISSUER, "aud": "client", "iat": NOW, "exp": NOW + 60}, short, kid="short")

    for _ in range(2):  # not only the first time
        with pytest.raises(signing.UnknownKey):
            signing.verify(signed, [jwk], issuer=ISSUER, audience="client")
    assert verify(token(new_key), new_key)
