"""AssumeRoleWithWebIdentity: identity pools' tokens and OpenID Connect providers, check by check."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine

from identity.core import clock, signing
from identity.iam import oidc_providers
from identity.iam.callers import IamCallers
from tests import aws
from tests.iam import world
from tests.iam.documents import ACCOUNT, IDENTITY, POOL, allow, document, trust

pytestmark = pytest.mark.core_suite

ACTION = "sts:AssumeRoleWithWebIdentity"
TAGS = "https://aws.amazon.com/tags"
SOURCE = "https://aws.amazon.com/source_identity"
NOT_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  "
    "please reference AssumeRoleWithWebIdentity documentation for requirements"
)


@pytest.fixture
def anyone(db):
    """A client without keys: the operation is not signed."""
    return aws.client("sts")


def assume(client, role, token, **parameters):
    arn = role if isinstance(role, str) else role.arn
    return client.assume_role_with_web_identity(
        RoleArn=arn, RoleSessionName="web", WebIdentityToken=token, **parameters
    )


def refusal(client, role, token, **parameters):
    return aws.refusal(assume, client, role, token, **parameters)


def pool_token(issuer, **changes):
    return issuer.token(**{**world.CLAIMS, **changes})


# Tokens of identity pools


def test_an_identity_pools_token(anyone, pool_issuer):
    role = world.pool_role("app")

    answer = assume(anyone, role, pool_token(pool_issuer))

    assert answer["Audience"] == POOL
    assert answer["SubjectFromWebIdentityToken"] == IDENTITY
    assert answer["Provider"] == "cognito-identity.amazonaws.com"
    assert answer["AssumedRoleUser"]["AssumedRoleId"] == f"{role.role_id}:web"
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/web"
    assert "PackedPolicySize" not in answer
    client = world.session_client("sts", answer["Credentials"])
    assert client.get_caller_identity()["Arn"].endswith("assumed-role/app/web")


@pytest.mark.parametrize(
    "changes",
    [{"aud": "us-east-1:other"}, {"amr": ["unauthenticated"]}, {"amr": None}],
)
def test_the_trust_policy_decides_by_pool_and_state(anyone, pool_issuer, changes):
    role = world.pool_role("app")

    assert refusal(anyone, role, pool_token(pool_issuer, **changes)) == (
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    )


def test_an_unknown_role_is_refused_in_the_same_words(anyone, pool_issuer):
    expected = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")

    assert refusal(anyone, f"arn:aws:iam::{ACCOUNT}:role/none", pool_token(pool_issuer)) == expected
    assert (
        refusal(anyone, f"arn:aws:iam::{ACCOUNT}:role/none", pool_token(pool_issuer), DurationSeconds=43200)
        == expected
    )


def test_a_role_may_trust_one_identity(anyone, pool_issuer):
    condition = {"cognito-identity.amazonaws.com:aud": POOL, "cognito-identity.amazonaws.com:sub": IDENTITY}
    role = world.role(
        "mine", trust({"Federated": "cognito-identity.amazonaws.com"}, ACTION, StringEquals=condition)
    )

    assert assume(anyone, role, pool_token(pool_issuer))
    assert refusal(anyone, role, pool_token(pool_issuer, sub="us-east-1:other"))[0] == "AccessDenied"


def test_a_role_for_callers_is_none_for_tokens(anyone, pool_issuer):
    role = world.role("closed", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "sts:*"))
    everyone = world.role("everyone", trust("*", "sts:*"))

    assert refusal(anyone, role, pool_token(pool_issuer))[0] == "AccessDenied"
    assert refusal(anyone, everyone, pool_token(pool_issuer))[0] == "AccessDenied"


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "....", "eyJhbGciOiJub25lIn0.e30.", "x" * 19_999])
def test_what_is_no_jwt(anyone, pool_issuer, token):
    code, words = refusal(anyone, world.pool_role("app"), token)

    assert code == "InvalidIdentityToken"
    assert words in (NOT_JWT, "Missing a required claim: iss")


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp"])
def test_a_missing_claim_is_named(anyone, pool_issuer, name):
    token = pool_token(pool_issuer, **{name: None})

    assert refusal(anyone, world.pool_role("app"), token) == (
        "InvalidIdentityToken",
        f"Missing a required claim: {name}",
    )


def unsigned(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


def test_forged_tokens(anyone, pool_issuer, key_material):
    role = world.pool_role("app")
    stranger = world.TokenIssuer(world.COGNITO_ISSUER, key_material[2], alg="RS512")
    head, body, signature = pool_token(pool_issuer).split(".")
    other = pool_token(pool_issuer, sub="us-east-1:other").split(".")[1]
    claims = {**world.CLAIMS, "iss": world.COGNITO_ISSUER, "exp": 9_999_999_999}

    assert refusal(anyone, role, pool_token(stranger)) == ("InvalidIdentityToken", NO_KEY)
    assert refusal(anyone, role, f"{head}.{other}.{signature}")[0] == "InvalidIdentityToken"
    assert refusal(anyone, role, f"{head}.{body}.{signature[:-4]}AAAA")[0] == "InvalidIdentityToken"
    assert refusal(anyone, role, unsigned(claims))[0] == "InvalidIdentityToken"


def test_another_algorithm_of_the_right_key_is_refused(anyone, pool_issuer):
    private = signing.private_key(pool_issuer.key.kid, lambda: pool_issuer.key.private_pem)
    claims = {**world.CLAIMS, "iss": world.COGNITO_ISSUER, "exp": 9_999_999_999, "iat": 0}
    token = signing.sign(claims, private, kid=pool_issuer.key.kid, alg="RS256")

    assert refusal(anyone, world.pool_role("app"), token)[0] == "InvalidIdentityToken"


def test_an_expired_token(anyone, pool_issuer):
    token = pool_token(pool_issuer)
    end = clock.seconds(clock.now()) + 600

    with time_machine.travel(clock.now() + timedelta(seconds=601), tick=False):
        present = clock.seconds(clock.now())
        code, words = refusal(anyone, world.pool_role("app"), token)

    assert code == "ExpiredTokenException"
    assert words.startswith(
        f"Token expired: current date/time {present} must be before the expiration date/time"
    )
    assert abs(int(words.rsplit("date/time", 1)[1]) - end) <= 1


def test_a_forged_expired_token_is_forged_first(anyone, pool_issuer, key_material):
    stranger = world.TokenIssuer(world.COGNITO_ISSUER, key_material[2], alg="RS512")

    assert refusal(anyone, world.pool_role("app"), pool_token(stranger, exp=1))[0] == "InvalidIdentityToken"


def test_a_token_from_the_future(anyone, pool_issuer):
    role = world.pool_role("app")
    later = clock.now() + timedelta(minutes=10)

    assert refusal(anyone, role, pool_token(pool_issuer, now=later))[0] == "InvalidIdentityToken"
    assert assume(anyone, role, pool_token(pool_issuer, now=clock.now() + timedelta(minutes=4)))


def test_no_identity_pools_are_installed(anyone, pool_issuer, idp):
    token = pool_token(pool_issuer)

    assert refusal(anyone, world.pool_role("app"), token) == (
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for https://cognito-identity.amazonaws.com",
    )


# OpenID Connect providers


@pytest.fixture
def provider(db, idp):
    return oidc_providers.create(idp.url, ["client-1", "client-2"])


@pytest.fixture
def web_role(provider):
    condition = {"idp.example.com/pool:aud": "client-1"}
    return world.role(
        "web", trust({"Federated": provider.arn}, ACTION, StringEquals=condition), document(allow())
    )


def test_an_issuer_may_have_a_slash_more_than_was_registered_and_no_second(anyone, idp, provider, web_role):
    spelt = {end: idp.token(aud="client-1", sub="s", iss=idp.url + end) for end in ("/", "//", "////")}

    assert assume(anyone, web_role, spelt["/"])
    for end in ("//", "////"):
        text = f"No OpenIDConnect provider found in your account for {idp.url}{end}"
        assert refusal(anyone, web_role, spelt[end]) == ("InvalidIdentityToken", text)


@pytest.mark.parametrize("sub", ["a\ud800", "a\0"])
def test_a_subject_that_is_no_text(anyone, idp, provider, web_role, sub):
    assert refusal(anyone, web_role, idp.token(aud="client-1", sub=sub))[0] == "InvalidIdentityToken"


def test_a_providers_token(anyone, idp, provider, web_role):
    answer = assume(anyone, web_role, idp.token(aud="client-1", sub="subject-1"))

    assert answer["Audience"] == "client-1"
    assert answer["Provider"] == f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com/pool" == provider.arn
    assert answer["SubjectFromWebIdentityToken"] == "subject-1"
    given = answer["Credentials"]
    context = IamCallers().find_key(given["AccessKeyId"], given["SessionToken"], clock.now()).caller.context
    assert context["idp.example.com/pool:sub"] == "subject-1"
    assert context["aws:FederatedProvider"] == provider.arn


def test_the_trust_policy_sees_the_audience(anyone, idp, web_role):
    assert refusal(anyone, web_role, idp.token(aud="client-2", sub="subject-1"))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("claims", "accepted"),
    [
        ({"aud": "client-1"}, True),
        ({"aud": ["other", "client-1"]}, True),
        ({"aud": "other", "azp": "client-1"}, True),
        ({"aud": "client-1", "azp": "other"}, False),
        ({"aud": "other"}, False),
        ({"aud": ["other"]}, False),
        ({"aud": 7}, False),
    ],
)
def test_the_audience_must_be_a_client_of_the_provider(anyone, idp, web_role, claims, accepted):
    token = idp.token(sub="subject-1", **claims)

    if accepted:
        assert assume(anyone, web_role, token)["Audience"] == "client-1"
    else:
        assert refusal(anyone, web_role, token)[0] == "InvalidIdentityToken"


def test_an_issuer_nobody_named_is_unknown_although_we_hold_its_keys(anyone, idp):
    token = idp.token(aud="client-1", sub="subject-1")

    assert refusal(anyone, world.pool_role("app"), token) == (
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for https://idp.example.com/pool",
    )


def test_hostile_claims(anyone, idp, web_role):
    token = idp.token(aud="client-1", sub="s")

    for claims in (
        {"iss": "https://nul\x00.example.com"},
        {"iss": 7},
        {"sub": ["s"]},
        {"sub": "s" * 256},
        {"exp": "soon"},
        {"exp": {}},
    ):
        assert (
            refusal(anyone, web_role, idp.token(**{"aud": "client-1", "sub": "s", **claims}))[0]
            == "InvalidIdentityToken"
        )
    assert assume(anyone, web_role, token)


def test_the_audience_is_looked_at_before_expiry(anyone, idp, web_role):
    expired = {"sub": "subject-1", "exp": 1}

    assert refusal(anyone, web_role, idp.token(aud="other", **expired)) == (
        "InvalidIdentityToken",
        "Incorrect token audience",
    )
    assert refusal(anyone, web_role, idp.token(aud="client-1", **expired))[0] == "ExpiredTokenException"


def test_access_tokens_of_social_providers_are_of_no_known_provider(anyone, idp, web_role):
    code, words = refusal(
        anyone, web_role, idp.token(aud="client-1", sub="s"), ProviderId="graph.facebook.com"
    )

    assert code == "InvalidIdentityToken"
    assert "graph.facebook.com" in words


# Tags, source identity, session policies, duration


def test_tags_of_the_token(anyone, pool_issuer):
    role = world.pool_role("app", tagging=True)
    tags = {"principal_tags": {"team": ["blue"], "plain": "text"}, "transitive_tag_keys": ["team"]}

    answer = assume(anyone, role, pool_token(pool_issuer, **{TAGS: tags}))

    given = answer["Credentials"]
    context = IamCallers().find_key(given["AccessKeyId"], given["SessionToken"], clock.now()).caller.context
    assert context["aws:PrincipalTag/team"] == "blue"
    assert context["aws:PrincipalTag/plain"] == "text"
    assert answer["PackedPolicySize"] > 0


def test_tags_need_tag_session(anyone, pool_issuer):
    token = pool_token(pool_issuer, **{TAGS: {"principal_tags": {"team": ["blue"]}}})

    assert refusal(anyone, world.pool_role("app"), token) == (
        "AccessDenied",
        "Not authorized to perform sts:TagSession",
    )


@pytest.mark.parametrize(
    "tags",
    [
        "x",
        [],
        {"principal_tags": []},
        {"principal_tags": {"a": ["b", "c"]}},
        {"principal_tags": {"a": [7]}},
        {"transitive_tag_keys": "a"},
        {"transitive_tag_keys": ["a"]},
        {"principal_tags": {"a": ["1"], "A": ["2"]}},
        {"principal_tags": {"": ["1"]}},
        {"principal_tags": {"a": ["1" * 257]}},
        {"principal_tags": {f"k{n}": ["1"] for n in range(51)}},
        {"principal_tags": {"a": ["red*"]}},
        {"principal_tags": {"a": ["${aws:username}"]}},
        {"principal_tags": {"a": ["red\nblue"]}},
        {"principal_tags": {"a?": ["red"]}},
    ],
)
def test_malformed_tags(anyone, pool_issuer, tags):
    code, _ = refusal(anyone, world.pool_role("app", tagging=True), pool_token(pool_issuer, **{TAGS: tags}))

    assert code == "IDPRejectedClaim"


@pytest.mark.parametrize("amr", [{"a": 1}, [["authenticated"]], [None]])
def test_a_malformed_amr(anyone, pool_issuer, amr):
    assert refusal(anyone, world.pool_role("app"), pool_token(pool_issuer, amr=amr))[0] == "IDPRejectedClaim"


def test_a_source_identity_of_the_token(anyone, pool_issuer):
    condition = {"cognito-identity.amazonaws.com:aud": POOL}
    cognito = {"Federated": "cognito-identity.amazonaws.com"}
    role = world.role(
        "sourced",
        trust(cognito, [ACTION, "sts:SetSourceIdentity"], StringEquals=condition),
        document(allow()),
    )

    answer = assume(anyone, role, pool_token(pool_issuer, **{SOURCE: "ana@example.com"}))

    assert answer["SourceIdentity"] == "ana@example.com"
    assert refusal(anyone, world.pool_role("app"), pool_token(pool_issuer, **{SOURCE: "ana"})) == (
        "AccessDenied",
        "Not authorized to perform sts:SetSourceIdentity",
    )
    assert refusal(anyone, role, pool_token(pool_issuer, **{SOURCE: "no blanks"}))[0] == "IDPRejectedClaim"


def test_session_policies_and_duration(anyone, pool_issuer):
    role = world.pool_role("app", max_session_duration=7200)
    policy = json.dumps(document(allow("notes:*")))

    answer = assume(anyone, role, pool_token(pool_issuer), Policy=policy, DurationSeconds=7200)

    assert answer["PackedPolicySize"] > 0
    assert answer["Credentials"]["Expiration"] - clock.now() > timedelta(minutes=119)
    assert refusal(anyone, role, pool_token(pool_issuer), DurationSeconds=7201) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    assert refusal(anyone, role, pool_token(pool_issuer), Policy="{")[0] == "MalformedPolicyDocument"
    assert refusal(anyone, "arn:aws:iam::1:user/abcdefgh", pool_token(pool_issuer)) == (
        "ValidationError",
        "Request ARN is invalid",
    )


def test_the_errors_bytes(anyone, pool_issuer, client):
    from urllib.parse import urlencode

    fields = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": world.pool_role("app").arn,
        "RoleSessionName": "web",
        "WebIdentityToken": "nonsense",
    }

    answer = client.post(
        "/", urlencode(fields), content_type="application/x-www-form-urlencoded; charset=utf-8"
    )

    assert answer.status_code == 400
    body = answer.content.decode()
    assert body.startswith(
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n    <Type>Sender</Type>\n'
    )
    assert "    <Code>InvalidIdentityToken</Code>\n" in body
