"""Signature Version 4 as a verifying server sees it: pure functions over plain data, time is an argument.

The checks are separate and are called in AWS's order: ``parse``, ``check_window``, ``check_scope``,
``check_signed_headers``, (look the key up), ``check_signature``.

Source: AWS General Reference, "Signature Version 4 signing process"; texts as the services answer them.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote

from identity.wire.errors import IncompleteSignature, InvalidSignature, MissingAuthenticationToken

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
LONGEST_PRESIGNED = 604_800

_RESERVED = "!$&'()*+,;=:@"
_OF_URLS = _RESERVED + "[]|"
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_SAFE = "-_.~"
_BASIC_FORMAT = "%Y%m%dT%H%M%SZ"
_ISO_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_SPACES = re.compile(r" +")
_QUERY_PARTS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
_MUST_BE_SIGNED = {"x-amz-security-token": "X-Amz-Security-Token", "x-amz-target": "X-Amz-Target"}
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """An HTTP request as it came.

    ``path`` is percent-encoded once, as clients send it; ``query`` is raw; header names are lower-case, repeated
    headers joined by ``,``. Bytes that are no UTF-8 are kept as surrogate escapes. ``also_spelt`` are other ways in
    which the client may have encoded the same path, where the server keeps only what it means.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    also_spelt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says of its own signature. ``expires`` is a presigned address's validity, else None."""

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    value: str = field(repr=False)
    moment: datetime
    amz_date: str
    token: str | None = field(repr=False)
    is_presigned: bool
    expires: timedelta | None = None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


def parse(request: SignedRequest) -> Signature:
    """Read the signature out of header or query.

    Raises InvalidSignature where both are there, MissingAuthenticationToken where neither is (any other kind of
    ``Authorization`` counts as none), IncompleteSignature for parts that are missing or malformed.
    """
    query = dict(reversed(_query_pairs(request.query)))  # of repeated parameters the first counts
    header = request.headers.get("authorization")
    if header is not None and "X-Amz-Algorithm" in query:
        raise InvalidSignature(
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
        )
    if header is not None and header.startswith("AWS4-"):
        return _parse_header(header, request.headers)
    if header is None and any(
        name in query for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature")
    ):
        return _parse_query(query)
    raise MissingAuthenticationToken


def check_window(signature: Signature, now: datetime, minutes: int) -> None:
    """Refuse a signature too far in the past or the future. Raises InvalidSignature, whose text names the minutes."""
    skew = timedelta(minutes=minutes)
    age = skew if signature.expires is None else signature.expires
    if signature.moment < now - age:
        shown = minutes if signature.expires is None else f"{age.total_seconds() / 60:g}"
        raise InvalidSignature(
            f"Signature expired: {_basic(signature.moment)} is now earlier than {_basic(now - age)}"
            f" ({_basic(now)} - {shown} min.)"
        )
    if signature.moment > now + skew:
        raise InvalidSignature(
            f"Signature not yet current: {_basic(signature.moment)} is still later than {_basic(now + skew)}"
            f" ({_basic(now)} + {minutes} min.)"
        )


def check_scope(signature: Signature, *, service: str, regions: Collection[str] | None = None) -> None:
    """Refuse a credential scope meant for something else; several faults are told together. Raises InvalidSignature.

    ``regions`` None means any text that could be a region's name.
    """
    faults = []
    known = signature.region in regions if regions is not None else _is_region(signature.region)
    if not known:
        faults.append(f"Credential should be scoped to a valid region, not '{signature.region}'. ")
    if signature.service != service:
        faults.append(f"Credential should be scoped to correct service: '{service}'. ")
    if signature.terminator != TERMINATOR:
        faults.append(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{signature.terminator}'. "
        )
    day = _basic(signature.moment)[:8]
    if signature.date != day:
        faults.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{signature.date}' != '{day}', from '{signature.amz_date}'."
        )
    if faults:
        raise InvalidSignature("".join(faults))


def check_signed_headers(signature: Signature, headers: Mapping[str, str]) -> None:
    """Refuse a signature that leaves out the host, the session token or the operation. Raises InvalidSignature."""
    if "host" not in signature.signed_headers:
        raise InvalidSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name, shown in _MUST_BE_SIGNED.items():
        if name in headers and name not in signature.signed_headers:
            raise InvalidSignature(f"'{shown}' must be a 'SignedHeader' in the AWS Authorization.")


def check_signature(
    request: SignedRequest, signature: Signature, secret: str | bytes, *, explain: bool
) -> None:
    """Compare with our own signature, in constant time. Raises InvalidSignature.

    ``secret`` is the secret access key, or, as bytes, the key derived from it for this signature's scope.
    ``explain`` adds the canonical request, as the JSON services do; the secret is in none of it. Clients that
    encode the path once and not twice are accepted too.
    """
    if isinstance(secret, bytes):
        key = secret
    else:
        key = signing_key(secret, signature.date, signature.region, signature.service)
    canonicals = _canonicals(request, signature)
    matched = [is_signature_of(string_to_sign(signature, each), signature.value, key) for each in canonicals]
    if not any(matched):
        raise _explained(signature, canonicals[0]) if explain else InvalidSignature(_MISMATCH)


def mismatch(request: SignedRequest, signature: Signature) -> InvalidSignature:
    """The explained refusal of ``check_signature``, for who knows already that the signature is wrong."""
    return _explained(signature, _canonicals(request, signature)[0])


def strings_to_sign(request: SignedRequest, signature: Signature) -> tuple[str, ...]:
    """Every string that the signature may have been made over. Raises InvalidSignature as ``check_signature`` does."""
    return tuple(string_to_sign(signature, each) for each in _canonicals(request, signature))


def is_signature_of(text: str, value: str, key: bytes) -> bool:
    """Whether ``value`` is the signature of a string to sign by a derived key; in constant time."""
    return hmac.compare_digest(_made(text, key).encode(), value.encode("utf-8", "surrogateescape"))


def sign(
    request: SignedRequest, access_key_id: str, secret: str, *, region: str, service: str, now: datetime
) -> dict[str, str]:
    """The headers to add to a request so that it is signed: all its own headers, which must have ``host``, and the time."""
    amz_date = _basic(now)
    headers = {**request.headers, "x-amz-date": amz_date}
    scope = f"{amz_date[:8]}/{region}/{service}/{TERMINATOR}"
    signature = _signature(f"{access_key_id}/{scope}", ";".join(sorted(headers)), "", amz_date, token=None)
    (text, *_) = strings_to_sign(replace(request, headers=headers), signature)
    value = _made(text, signing_key(secret, amz_date[:8], region, service))
    signed = ";".join(signature.signed_headers)
    return {
        "X-Amz-Date": amz_date,
        "Authorization": f"{ALGORITHM} Credential={access_key_id}/{scope}, SignedHeaders={signed}, Signature={value}",
    }


def canonical_request(request: SignedRequest, signature: Signature, payload_hash: str, path: str) -> str:
    """The six lines that are signed. ``path`` is the already canonical one."""
    headers = "".join(
        f"{name}:{_trimmed(request.headers.get(name, ''))}\n" for name in signature.signed_headers
    )
    return "\n".join(
        (
            request.method.upper(),
            path,
            _canonical_query(request.query),
            headers,
            ";".join(signature.signed_headers),
            payload_hash,
        )
    )


def _trimmed(value: str) -> str:
    value = value.strip()
    return _SPACES.sub(" ", value) if "  " in value else value


def string_to_sign(signature: Signature, canonical: str) -> str:
    """The four lines over which the signature is made."""
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return "\n".join((ALGORITHM, _basic(signature.moment), signature.scope, digest))


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key derived for one day, region and service."""
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode("utf-8", "surrogateescape"), "sha256")
    return key


def _made(text: str, key: bytes) -> str:
    """The signature of a string to sign."""
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256").hex()


def _canonicals(request: SignedRequest, signature: Signature) -> list[str]:
    """The request in each of the forms that may have been signed, the usual one first."""
    payload_hash = _payload_hash(request)
    return [canonical_request(request, signature, payload_hash, path) for path in _paths(request)]


def _parse_header(header: str, headers: Mapping[str, str]) -> Signature:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}'")
    parts = _header_parts(rest, header)
    amz_date = headers.get("x-amz-date") or headers.get("date") or ""
    missing = [
        f"Authorization header requires '{name}' parameter. "
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    if not amz_date:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        )
    if missing:
        raise IncompleteSignature(f"{''.join(missing)}Authorization={header}")
    return _signature(
        parts["Credential"],
        parts["SignedHeaders"],
        parts["Signature"],
        amz_date,
        token=headers.get("x-amz-security-token"),
    )


def _header_parts(rest: str, header: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise IncompleteSignature(
                f"'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            )
        parts.setdefault(name, value)
    return parts


def _parse_query(query: Mapping[str, str]) -> Signature:
    missing = [name for name in _QUERY_PARTS if not query.get(name)]
    if missing:
        listed = "".join(f"AWS query-string parameters must include '{name}'. " for name in missing)
        raise IncompleteSignature(f"{listed}Re-examine the query-string parameters.")
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{query['X-Amz-Algorithm']}'")
    return _signature(
        query["X-Amz-Credential"],
        query["X-Amz-SignedHeaders"],
        query["X-Amz-Signature"],
        query["X-Amz-Date"],
        token=query.get("X-Amz-Security-Token"),
        is_presigned=True,
        expires=_expires(query.get("X-Amz-Expires")),
    )


def _expires(text: str | None) -> timedelta | None:
    """A presigned address without it is valid as long as a signed header would be."""
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise IncompleteSignature("X-Amz-Expires should be a number")
    if not 1 <= int(text[:9]) <= LONGEST_PRESIGNED:
        raise IncompleteSignature(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be"
            f" between 1 and {LONGEST_PRESIGNED} seconds"
        )
    return timedelta(seconds=int(text[:9]))


def _signature(
    credential: str,
    signed_headers: str,
    value: str,
    amz_date: str,
    *,
    token: str | None,
    is_presigned: bool = False,
    expires: timedelta | None = None,
) -> Signature:
    moment = _moment(amz_date)
    scope = credential.split("/")
    if len(scope) != 5:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
            f" got '{credential}'"
        )
    access_key_id, date, region, service, terminator = scope
    return Signature(
        access_key_id,
        date,
        region,
        service,
        terminator,
        signed_headers=tuple(signed_headers.lower().split(";")),
        value=value,
        moment=moment,
        amz_date=amz_date,
        token=token,
        is_presigned=is_presigned,
        expires=expires,
    )


def _moment(text: str) -> datetime:
    """ISO 8601 basic; the form of HTTP's ``Date`` is taken as well. Raises IncompleteSignature."""
    found = _ISO_BASIC.fullmatch(text)
    try:
        if found:
            year, month, day, hour, minute, second = map(int, found.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise IncompleteSignature(
            f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ) from error


def _payload_hash(request: SignedRequest) -> str:
    """The header's value where there is one. Raises InvalidSignature where it isn't the body's."""
    computed = hashlib.sha256(request.body).hexdigest()
    given = request.headers.get("x-amz-content-sha256", computed)
    if given not in (computed, "UNSIGNED-PAYLOAD"):
        raise InvalidSignature("The provided 'x-amz-content-sha256' header does not match what was computed.")
    return given


def _paths(request: SignedRequest) -> list[str]:
    """The canonical paths to try: encoded once more, as all but very old clients sign it, and as it was sent."""
    sent = [_without_dots(path) or "/" for path in (request.path, *request.also_spelt)]
    encoded_twice = [quote(path, safe=f"/{_SAFE}", errors="surrogateescape") for path in sent]
    return list(dict.fromkeys((*encoded_twice, sent[0])))


def spellings(path: str) -> tuple[str, ...]:
    """How clients percent-encode a path, the usual way first.

    SDKs encode all but the unreserved characters; browsers' ``URL``, and with it Amplify's API client, leave the
    reserved ones; some write the escapes in lower case. Source: RFC 3986 section 2, WHATWG URL "path percent-encode set".
    """
    ways = [
        quote(path, safe=f"/{_SAFE}{also}", errors="surrogateescape") for also in ("", _RESERVED, _OF_URLS)
    ]
    if "%" in ways[0]:
        ways += [_ESCAPE.sub(lambda found: found[0].lower(), way) for way in ways]
    return tuple(dict.fromkeys(ways))


def _without_dots(path: str) -> str:
    """Dot segments resolved and empty segments dropped. Source: RFC 3986 section 5.2.4, and botocore."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    trailing = "/" if kept and path.endswith("/") else ""
    return f"/{'/'.join(kept)}{trailing}"


def _canonical_query(query: str) -> str:
    pairs = sorted(
        (_encode(name), _encode(value)) for name, value in _query_pairs(query) if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def _query_pairs(query: str) -> list[tuple[str, str]]:
    """Names and values as the application reads them too: what is signed is then what is acted on."""
    return parse_qsl(query, keep_blank_values=True, errors="surrogateescape")


def _encode(text: str) -> str:
    return quote(text, safe=_SAFE, errors="surrogateescape")


def _explained(signature: Signature, canonical: str) -> InvalidSignature:
    return InvalidSignature(
        f"{_MISMATCH}\n\nThe Canonical String for this request should have been\n'{canonical}'"
        f"\n\nThe String-to-Sign should have been\n'{string_to_sign(signature, canonical)}'\n"
    )


def _is_region(text: str) -> bool:
    return len(text) <= 32 and _REGION.fullmatch(text) is not None


def _basic(moment: datetime) -> str:
    return moment.strftime(_BASIC_FORMAT)
