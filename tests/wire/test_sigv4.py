"""Against the SDK's own signer: what it signs is accepted, and whatever changes afterwards is refused."""

import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from identity.wire import sigv4
from identity.wire.errors import IncompleteSignature, InvalidSignature, MissingAuthenticationToken
from identity.wire.sigv4 import SignedRequest

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY_ID = "AKIDEXAMPLE"
BODY = b'{"UserPoolId":"eu-central-1_abc"}'
JSON_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityProviderService.DescribeUserPool",
}


def signed(
    method: str = "POST",
    url: str = "https://id.example.com/",
    body: bytes = BODY,
    headers: dict[str, str] | None = None,
    *,
    token: str | None = None,
    service: str = "cognito-idp",
    presigned: int | None = None,
) -> SignedRequest:
    """A request as the SDK signs it now."""
    request = AWSRequest(method, url, headers or {}, body)
    credentials = Credentials(KEY_ID, SECRET, token)
    if presigned is None:
        SigV4Auth(credentials, service, "eu-central-1").add_auth(request)
    else:
        SigV4QueryAuth(credentials, service, "eu-central-1", expires=presigned).add_auth(request)
    address = urlsplit(request.url)
    sent = {name.lower(): str(value) for name, value in request.headers.items()} | {"host": address.netloc}
    return SignedRequest(method, address.path, address.query, sent, body)


def verify(
    request: SignedRequest, *, secret: str = SECRET, service: str = "cognito-idp", now: datetime | None = None
):
    """All checks in the order of the callers' module."""
    signature = sigv4.parse(request)
    sigv4.check_window(signature, now or datetime.now(UTC), 5)
    sigv4.check_scope(signature, service=service)
    sigv4.check_signed_headers(signature, request.headers)
    sigv4.check_signature(request, signature, secret, explain=True)
    return signature


def test_a_json_call():
    signature = verify(signed(headers=JSON_HEADERS))

    assert signature.access_key_id == KEY_ID
    assert signature.signed_headers == ("content-type", "host", "x-amz-date", "x-amz-target")
    assert signature.token is None


def test_the_published_vector_of_the_signing_key():
    key = sigv4.signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam")

    assert key.hex() == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"


def test_a_session_token_is_read_and_has_to_be_signed():
    request = signed(headers=JSON_HEADERS, token="token//////////==")

    assert verify(request).token == "token//////////=="
    unsigned = signed(headers=JSON_HEADERS)
    added = replace(unsigned, headers={**unsigned.headers, "x-amz-security-token": "other"})
    with pytest.raises(InvalidSignature, match="'X-Amz-Security-Token' must be a 'SignedHeader'"):
        verify(added)


def test_the_operation_has_to_be_signed():
    request = signed()
    added = replace(
        request, headers={**request.headers, "x-amz-target": "AWSCognitoIdentityProviderService.X"}
    )

    with pytest.raises(InvalidSignature, match="'X-Amz-Target' must be a 'SignedHeader'"):
        verify(added)


@pytest.mark.parametrize(
    "url",
    [
        "https://id.example.com:8443/",
        "https://id.example.com",
        "https://id.example.com/identitypools/us-east-1%3Aabc/identities/us-east-1%3Adef/datasets/a%20b",
        "https://id.example.com/a/?b=&a=2&a=1&c=x%20y%2Bz&d=%C3%A9",
        "https://id.example.com/prefix/./a/../b",
    ],
)
def test_paths_and_queries_as_the_sdk_signs_them(url):
    verify(signed("GET", url, b"", service="cognito-sync"), service="cognito-sync")


def test_a_path_that_was_encoded_once_only_is_accepted_too():
    """Very old clients sign the path as it is sent."""
    request = signed(
        "GET", "https://id.example.com/identitypools/us-east-1%3Aabc", b"", service="cognito-sync"
    )
    signature = sigv4.parse(request)
    canonical = sigv4.canonical_request(
        request, signature, sigv4._payload_hash(request), "/identitypools/us-east-1%3Aabc"
    )
    key = sigv4.signing_key(SECRET, signature.date, signature.region, signature.service)
    value = hmac.digest(key, sigv4.string_to_sign(signature, canonical).encode(), "sha256").hex()
    header = request.headers["authorization"].rpartition("=")[0] + f"={value}"

    verify(replace(request, headers={**request.headers, "authorization": header}), service="cognito-sync")


def test_a_presigned_address():
    request = signed(
        "GET",
        "https://id.example.com/?Action=GetCallerIdentity&Version=2011-06-15",
        b"",
        service="sts",
        presigned=60,
    )

    assert verify(request, service="sts").is_presigned
    assert verify(request, service="sts", now=datetime.now(UTC) + timedelta(seconds=58))
    with pytest.raises(InvalidSignature, match=r"Signature expired: .* \(.* - 1 min\.\)"):
        verify(request, service="sts", now=datetime.now(UTC) + timedelta(seconds=62))
    changed = replace(request, query=request.query.replace("GetCallerIdentity", "AssumeRole"))
    with pytest.raises(InvalidSignature, match="does not match"):
        verify(changed, service="sts")


def test_a_presigned_token_is_part_of_the_query():
    request = signed(
        "GET", "https://id.example.com/?Action=A", b"", service="sts", presigned=60, token="a+b/c="
    )

    assert verify(request, service="sts").token == "a+b/c="


@pytest.mark.parametrize("expires", ["0", "604801", "99999999999999999999"])
def test_a_presigned_address_lives_a_week_at_most(expires):
    request = signed("GET", "https://id.example.com/", b"", presigned=60)

    with pytest.raises(IncompleteSignature, match="must be less than a week"):
        verify(replace(request, query=request.query.replace("X-Amz-Expires=60", f"X-Amz-Expires={expires}")))


@pytest.mark.parametrize("expires", ["", "-1", "٣", "1e3"])
def test_a_presigned_lifetime_is_a_number(expires):
    request = signed("GET", "https://id.example.com/", b"", presigned=60)

    with pytest.raises(IncompleteSignature, match="should be a number"):
        verify(replace(request, query=request.query.replace("X-Amz-Expires=60", f"X-Amz-Expires={expires}")))


def test_inner_blanks_and_repeated_headers_are_canonical():
    headers = {**JSON_HEADERS, "X-Amz-Meta": "a   b", "X-Other": "  x  "}

    verify(signed(headers=headers))


def test_the_hash_of_the_body_is_checked_where_it_is_sent():
    request = signed(headers={**JSON_HEADERS, "x-amz-content-sha256": "0" * 64})

    with pytest.raises(InvalidSignature, match="'x-amz-content-sha256' header does not match"):
        verify(request)


MUTATIONS = st.sampled_from(["method", "path", "query", "header", "body", "signature", "date", "secret"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(what=MUTATIONS, text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8))
def test_whatever_changes_after_signing_is_refused(what, text):
    request = signed("POST", "https://id.example.com/a?b=c", headers=JSON_HEADERS, token="token")
    header = request.headers["authorization"]
    secret = SECRET
    match what:
        case "method":
            changed = replace(request, method="PUT")
        case "path":
            changed = replace(request, path=f"/a{sigv4._encode(text)}")
        case "query":
            changed = replace(request, query=f"b=c&{sigv4._encode(text)}=1")
        case "header":
            name = sigv4.parse(request).signed_headers[len(text) % 5]
            assume(text.strip() and name != "x-amz-date")
            changed = replace(
                request, headers={**request.headers, name: request.headers[name] + text.strip()}
            )
        case "body":
            changed = replace(request, body=request.body + text.encode())
        case "signature":
            changed = replace(
                request, headers={**request.headers, "authorization": header + text.replace(",", "")}
            )
        case "date":
            later = datetime.now(UTC) + timedelta(minutes=2 + len(text) % 2)
            stamp = later.strftime("%Y%m%dT%H%M%SZ")
            changed = replace(request, headers={**request.headers, "x-amz-date": stamp})
        case _:
            changed, secret = request, SECRET + text
    if changed == request and secret == SECRET:
        return

    with pytest.raises(InvalidSignature):
        verify(changed, secret=secret)


def test_the_mismatch_explains_itself_without_the_secret():
    request = signed(headers=JSON_HEADERS)
    with pytest.raises(InvalidSignature) as caught:
        verify(request, secret="another-secret")
    message = caught.value.message

    assert message.startswith(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
        " Key and signing method. Consult the service documentation for details.\n\n"
        "The Canonical String for this request should have been\n'POST\n/\n\ncontent-type:application/x-amz-json-1.1\n"
    )
    assert "\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n" in message
    assert message.endswith("'\n")
    assert "another-secret" not in message
    signature = sigv4.parse(request)
    with pytest.raises(InvalidSignature) as plain:
        sigv4.check_signature(request, signature, "another-secret", explain=False)
    assert plain.value.message.endswith("for details.")


NOW = datetime(2021, 5, 2, 14, 45, 41, tzinfo=UTC)
SCOPE = "AKID/20210502/us-east-1/cognito-idp/aws4_request"


def by_header(header: str, **headers: str) -> SignedRequest:
    given = {"host": "h", "x-amz-date": "20210502T144041Z", "authorization": header}
    return SignedRequest(
        "POST", "/", "", given | {name.replace("_", "-"): text for name, text in headers.items()}, b""
    )


def full(credential: str = SCOPE) -> str:
    return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature=00"


def refused(error: type[Exception], request: SignedRequest, now: datetime = NOW, minutes: int = 5) -> str:
    with pytest.raises(error) as caught:  # noqa: PT012  (whichever check comes first)
        signature = sigv4.parse(request)
        sigv4.check_window(signature, now, minutes)
        sigv4.check_scope(signature, service="cognito-idp", regions=["us-east-1"])
        sigv4.check_signed_headers(signature, request.headers)
    return caught.value.message  # type: ignore[attr-defined]


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic eA=="}])
def test_no_signature(headers):
    assert refused(MissingAuthenticationToken, SignedRequest("POST", "/", "", headers, b"")) == (
        "Missing Authentication Token"
    )


def test_two_signatures():
    request = replace(by_header(full()), query="X-Amz-Algorithm=AWS4-HMAC-SHA256")

    assert refused(InvalidSignature, request) == (
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    )


def test_missing_parts_of_the_header_are_listed():
    assert refused(IncompleteSignature, by_header("AWS4-HMAC-SHA256 SignedHeaders=host")) == (
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
        "Authorization=AWS4-HMAC-SHA256 SignedHeaders=host"
    )
    assert refused(IncompleteSignature, by_header("AWS4-HMAC-SHA256", x_amz_date="")) == (
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
        "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a"
        " 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"
    )
    assert "not a valid key=value pair" in refused(
        IncompleteSignature, by_header("AWS4-HMAC-SHA256 nonsense")
    )


def test_missing_parts_of_the_query_are_listed():
    request = SignedRequest("GET", "/", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x", {}, b"")

    assert refused(IncompleteSignature, request) == (
        "AWS query-string parameters must include 'X-Amz-Credential'. "
        "AWS query-string parameters must include 'X-Amz-Signature'. "
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters."
    )


@pytest.mark.parametrize("stamp", ["yesterday", "20211399T000000Z", "2021-05-02T14:40:41Z", "Mon, 99 Sep"])
def test_bad_dates(stamp):
    assert refused(IncompleteSignature, by_header(full(), x_amz_date=stamp)) == (
        f"Date must be in ISO-8601 'basic format'. Got '{stamp}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )


def test_the_date_header_may_stand_in():
    request = by_header(full(), x_amz_date="", date="Sun, 02 May 2021 14:45:00 GMT")

    sigv4.check_window(sigv4.parse(request), NOW, 5)


def test_other_algorithms():
    assert refused(IncompleteSignature, by_header("AWS4-ECDSA-P256-SHA256 Credential=a")) == (
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'"
    )


def test_a_scope_of_other_than_five_parts():
    assert refused(IncompleteSignature, by_header(full("AKID/20210502"))) == (
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
        " got 'AKID/20210502'"
    )


def test_the_window():
    request = by_header(full())

    sigv4.check_window(sigv4.parse(request), NOW, 5)
    assert refused(InvalidSignature, request, NOW + timedelta(seconds=1)) == (
        "Signature expired: 20210502T144041Z is now earlier than 20210502T144042Z (20210502T144542Z - 5 min.)"
    )
    sigv4.check_window(sigv4.parse(request), NOW + timedelta(minutes=10), 15)
    assert refused(InvalidSignature, request, datetime(2021, 5, 2, 14, 35, 40, tzinfo=UTC)) == (
        "Signature not yet current: 20210502T144041Z is still later than 20210502T144040Z (20210502T143540Z + 5 min.)"
    )


def test_scope_faults_are_told_together_and_in_order():
    assert refused(InvalidSignature, by_header(full("AKID/20210501/mars/sts/aws5_request"))) == (
        "Credential should be scoped to a valid region, not 'mars'. "
        "Credential should be scoped to correct service: 'cognito-idp'. "
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
        " '20210501' != '20210502', from '20210502T144041Z'."
    )
    assert refused(InvalidSignature, by_header(full(SCOPE.replace("us-east-1", "eu-west-1")))) == (
        "Credential should be scoped to a valid region, not 'eu-west-1'. "
    )


def test_any_region_is_served_unless_told_otherwise():
    for region in ("us-east-1", "eu-central-1", "local"):
        sigv4.check_scope(
            sigv4.parse(by_header(full(SCOPE.replace("us-east-1", region)))), service="cognito-idp"
        )
    for region in ("", "US-EAST-1", "a b", "x" * 33):
        request = by_header(full(SCOPE.replace("us-east-1", region)))
        with pytest.raises(InvalidSignature, match="valid region"):
            sigv4.check_scope(sigv4.parse(request), service="cognito-idp")


def test_the_host_has_to_be_signed():
    request = by_header(full().replace("host;", ""))

    assert refused(InvalidSignature, request) == (
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    )


@settings(max_examples=200)
@given(header=st.text(max_size=60), query=st.text(max_size=60), date=st.text(max_size=20))
def test_garbage_is_refused_with_our_errors_only(header, query, date):
    request = SignedRequest(
        "GET",
        "/",
        query,
        {"authorization": f"AWS4-HMAC-SHA256 {header}", "x-amz-date": date, "host": "h"},
        b"",
    )

    with pytest.raises((IncompleteSignature, InvalidSignature, MissingAuthenticationToken)):
        verify(request)


def test_secrets_are_not_shown():
    signature = sigv4.parse(signed(headers=JSON_HEADERS, token="hush-hush"))

    assert "hush" not in repr(signature)
    assert signature.value not in repr(signature)
