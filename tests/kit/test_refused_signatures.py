"""A signature that was tampered with, is stale, meant for another place or no longer good opens nothing, over HTTP.

Each refusal is asked of a host's own API (DRF, guarded by the kit) and of the service's JSON endpoint, next to the
request as its client signed it, which comes in.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.test import Client
from django.urls import path

from identity.core import clock
from identity.iam import keys, revocations, roles, sts, user_sessions, users
from identity.iam.callers import IamCallers
from identity.iam.models import AccessKey, User
from identity.wire.views import endpoint
from tests import aws
from tests.kit import api

pytestmark = pytest.mark.core_suite

JSON = "application/x-amz-json-1.1"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

urlpatterns = [
    path("signed", api.guarded(api.SIGNED, by=[api.IsSignedCaller])),
    path("notes/<shelf>", api.guarded(api.SIGNED, by=[api.INVOKE])),
    path("", endpoint),
]


@pytest.fixture(autouse=True)
def both_doors(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit.test_refused_signatures"
    revocations.forget()


@dataclass(frozen=True)
class Door:
    """Where a signed request goes, and what is answered to a good and to a bad one."""

    service: str
    url: str
    headers: dict[str, str]
    body: bytes
    other_body: bytes
    refused: int

    def request(self) -> AWSRequest:
        return AWSRequest("POST", self.url, dict(self.headers), self.body)


DOORS = {
    "kit": Door(
        "execute-api", "http://testserver/signed?shelf=a", {"Content-Type": JSON}, b'{"a":1}', b'{"a":2}', 403
    ),
    "json": Door(
        "cognito-idp",
        "http://testserver/",
        {"Content-Type": JSON, "X-Amz-Target": "AWSCognitoIdentityProviderService.ListUserPools"},
        b'{"MaxResults":1}',
        b'{"MaxResults":2}',
        400,
    ),
}


@pytest.fixture(params=DOORS)
def door(request: Any) -> Door:
    return DOORS[request.param]


@pytest.fixture
def key(db: None) -> keys.NewKey:
    made = users.create("ana")
    users.put_policy(made, "all", ALL)
    return keys.create(made)


def credentials_of(key: keys.NewKey) -> Credentials:
    return Credentials(key.key_id, key.secret)


def sign(door: Door, who: Credentials, *, region: str = "us-east-1", service: str = "") -> AWSRequest:
    request = door.request()
    SigV4Auth(who, service or door.service, region).add_auth(request)
    return request


def presign(door: Door, who: Credentials, *, expires: int = 60) -> AWSRequest:
    """A presigned GET of the kit's API: the form that browsers follow."""
    request = AWSRequest("GET", door.url, {})
    SigV4QueryAuth(who, door.service, "us-east-1", expires=expires).add_auth(request)
    return request


def send(request: AWSRequest) -> Any:
    return aws.send(Client(), request.prepare())


def error_of(response: Any) -> tuple[int, str]:
    return response.status_code, response["x-amzn-ErrorType"].rstrip(":")


MISMATCH = "InvalidSignatureException"


def test_as_it_was_signed_it_comes_in(door: Door, key: keys.NewKey) -> None:
    assert send(sign(door, credentials_of(key))).status_code == 200


def with_header(name: str, value: str) -> Callable[[AWSRequest], None]:
    def change(request: AWSRequest) -> None:
        del request.headers[name]
        request.headers[name] = value

    return change


def with_query(name: str, value: str) -> Callable[[AWSRequest], None]:
    def change(request: AWSRequest) -> None:
        url = urlsplit(request.url)
        pairs = dict(parse_qsl(url.query)) | {name: value}
        request.url = url._replace(query=urlencode(pairs)).geturl()

    return change


def with_path(path: str) -> Callable[[AWSRequest], None]:
    def change(request: AWSRequest) -> None:
        request.url = urlsplit(request.url)._replace(path=path).geturl()

    return change


TAMPERED = {
    "a signed header": with_header("Content-Type", "application/x-amz-json-1.0"),
    "the host": with_header("Host", "localhost"),
    "the query": with_query("shelf", "b"),
    "the query, one more": with_query("more", "1"),
    "the method": lambda request: setattr(request, "method", "POST"),
}


@pytest.mark.parametrize("what", [name for name in TAMPERED if name != "the method"])
def test_a_changed_request_is_refused(door: Door, key: keys.NewKey, what: str) -> None:
    request = sign(door, credentials_of(key))
    TAMPERED[what](request)

    assert error_of(send(request)) == (door.refused, MISMATCH)


def test_another_body_under_the_same_signature_is_refused(door: Door, key: keys.NewKey) -> None:
    """Also with the digest of the first body beside it, and with the promise that it is not signed at all."""
    first, second = (hashlib.sha256(body).hexdigest() for body in (door.body, door.other_body))
    for digest in (None, first, second, "UNSIGNED-PAYLOAD"):
        request = sign(door, credentials_of(key))
        request.data = door.other_body
        if digest:
            request.headers["X-Amz-Content-SHA256"] = digest

        assert error_of(send(request)) == (door.refused, MISMATCH)


def test_a_signature_for_one_path_opens_no_other(key: keys.NewKey) -> None:
    request = sign(DOORS["kit"], credentials_of(key))
    with_path("/notes/public")(request)

    assert error_of(send(request)) == (403, MISMATCH)


def test_a_signature_for_one_operation_opens_no_other(key: keys.NewKey) -> None:
    request = sign(DOORS["json"], credentials_of(key))
    with_header("X-Amz-Target", "AWSCognitoIdentityProviderService.DeleteUserPool")(request)

    assert error_of(send(request)) == (400, MISMATCH)


def test_an_operation_added_after_signing_is_refused(key: keys.NewKey) -> None:
    door = DOORS["json"]
    unnamed = replace(door, headers={"Content-Type": JSON})
    request = sign(unnamed, credentials_of(key))
    request.headers["X-Amz-Target"] = door.headers["X-Amz-Target"]

    assert error_of(send(request)) == (400, MISMATCH)


@pytest.mark.parametrize(
    ("minutes", "words"), [(6, "Signature expired: "), (-6, "Signature not yet current: ")]
)
def test_outside_of_five_minutes_it_is_refused(
    door: Door, key: keys.NewKey, minutes: int, words: str
) -> None:
    request = sign(door, credentials_of(key))

    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        response = send(request)

    assert error_of(response) == (door.refused, MISMATCH)
    assert words in response.content.decode()


def test_within_five_minutes_it_may_come_twice(door: Door, key: keys.NewKey) -> None:
    """As with AWS: the same request again does the same again; whoever can't have that uses TLS and client tokens."""
    request = sign(door, credentials_of(key))

    assert send(request).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=4)):
        assert send(request).status_code == 200


def test_another_service_is_refused(door: Door, key: keys.NewKey) -> None:
    response = send(sign(door, credentials_of(key), service="s3"))

    assert error_of(response) == (door.refused, MISMATCH)
    assert f"Credential should be scoped to correct service: '{door.service}'." in response.content.decode()


def test_a_region_that_is_not_served_is_refused(door: Door, key: keys.NewKey, settings: Any) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "REGIONS": ["us-east-1", "eu-west-1"]}

    assert send(sign(door, credentials_of(key), region="eu-west-1")).status_code == 200
    response = send(sign(door, credentials_of(key), region="ap-south-1"))
    assert error_of(response) == (door.refused, MISMATCH)
    assert "Credential should be scoped to a valid region, not 'ap-south-1'. " in response.content.decode()


def test_without_a_list_any_region_is_served_but_no_nonsense(door: Door, key: keys.NewKey) -> None:
    assert send(sign(door, credentials_of(key), region="ap-south-1")).status_code == 200
    assert error_of(send(sign(door, credentials_of(key), region="Not_A_Region"))) == (door.refused, MISMATCH)


def test_a_signature_of_another_region_does_not_pass_for_one_of_this(door: Door, key: keys.NewKey) -> None:
    request = sign(door, credentials_of(key), region="eu-west-1")
    authorization = request.headers["Authorization"].replace("/eu-west-1/", "/us-east-1/")
    with_header("Authorization", authorization)(request)

    assert error_of(send(request)) == (door.refused, MISMATCH)


UNKNOWN = "UnrecognizedClientException"
EXPIRED = "ExpiredTokenException"


def test_a_key_that_is_switched_off_or_gone_is_refused(door: Door, key: keys.NewKey) -> None:
    row = AccessKey.objects.get(pk=key.key_id)
    keys.set_status(row, AccessKey.Status.INACTIVE)
    assert error_of(send(sign(door, credentials_of(key)))) == (door.refused, UNKNOWN)

    keys.set_status(row, AccessKey.Status.ACTIVE)
    assert send(sign(door, credentials_of(key))).status_code == 200

    row.delete()
    assert error_of(send(sign(door, credentials_of(key)))) == (door.refused, UNKNOWN)


@pytest.fixture
def session(key: keys.NewKey) -> Credentials:
    """Temporary credentials of the key's user."""
    caller = IamCallers().find_key(key.key_id, None, clock.now()).caller
    given = user_sessions.start(caller, duration=timedelta(hours=1))
    return Credentials(given.access_key_id, given.secret_access_key, given.session_token)


def test_temporary_credentials_come_in_until_they_end(door: Door, session: Credentials) -> None:
    assert send(sign(door, session)).status_code == 200

    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=2)):
        assert error_of(send(sign(door, session))) == (door.refused, EXPIRED)


def test_revoked_credentials_are_refused(door: Door, session: Credentials) -> None:
    revocations.revoke_key(session.access_key)

    assert error_of(send(sign(door, session))) == (door.refused, EXPIRED)


def test_those_of_a_user_who_is_gone_are_refused(door: Door, session: Credentials) -> None:
    User.objects.get().delete()

    assert error_of(send(sign(door, session))) == (door.refused, UNKNOWN)


def test_those_of_a_role_whose_sessions_were_ended_are_refused(door: Door, db: None) -> None:
    trust = {"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}}
    only = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"}}
    statement = {**trust, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": only}
    role = roles.create("app", {"Version": "2012-10-17", "Statement": statement})
    roles.put_policy(role, "all", ALL)
    given = sts.for_identity(role.arn, claims={"aud": "us-east-1:pool", "sub": "us-east-1:ana"})
    held = Credentials(given.access_key_id, given.secret_access_key, given.session_token)
    assert send(sign(door, held)).status_code == 200

    revocations.revoke_sessions(role, before=clock.now() + timedelta(seconds=1))

    assert error_of(send(sign(door, held))) == (door.refused, EXPIRED)


def test_a_session_token_belongs_to_its_key_and_has_to_be_there(door: Door, session: Credentials) -> None:
    without = Credentials(session.access_key, session.secret_key)
    foreign = Credentials("ASIA" + "A" * 16, session.secret_key, session.token)
    damaged = Credentials(session.access_key, session.secret_key, session.token[:-8] + "AAAAAAA=")

    for held in (without, foreign, damaged):
        assert error_of(send(sign(door, held))) == (door.refused, UNKNOWN)


def test_a_token_that_is_not_signed_is_refused(door: Door, session: Credentials) -> None:
    request = sign(door, Credentials(session.access_key, session.secret_key))
    request.headers["X-Amz-Security-Token"] = session.token

    assert error_of(send(request)) == (door.refused, MISMATCH)


# Presigned addresses, which carry all in the query; an operation of the JSON protocol has no address of its own.

KIT = DOORS["kit"]


def test_a_presigned_address_opens_what_it_names_until_it_ends(
    key: keys.NewKey, session: Credentials
) -> None:
    for held in (credentials_of(key), session):
        request = presign(KIT, held)

        assert send(request).status_code == 200
        with time_machine.travel(clock.now() + timedelta(seconds=59)):
            assert send(request).status_code == 200
        with time_machine.travel(clock.now() + timedelta(seconds=62)):
            assert error_of(send(request)) == (403, MISMATCH)


@pytest.mark.parametrize(
    "change",
    [
        with_query("shelf", "b"),
        with_query("more", "1"),
        with_query("X-Amz-Expires", "3600"),
        with_query("X-Amz-Date", "20260101T000000Z"),
        with_query("X-Amz-SignedHeaders", "accept"),
        with_path("/notes/public"),
        TAMPERED["the method"],
    ],
    ids=["query", "query, one more", "expiry", "date", "signed headers", "path", "method"],
)
def test_a_changed_presigned_address_is_refused(
    key: keys.NewKey, change: Callable[[AWSRequest], None]
) -> None:
    request = presign(KIT, credentials_of(key))
    change(request)

    response = send(request)

    assert error_of(response) == (403, MISMATCH)


def test_a_presigned_address_lasts_a_week_at_most(key: keys.NewKey) -> None:
    assert error_of(send(presign(KIT, credentials_of(key), expires=604_801))) == (
        403,
        "IncompleteSignatureException",
    )
    assert send(presign(KIT, credentials_of(key), expires=604_800)).status_code == 200


def test_a_presigned_address_of_revoked_credentials_is_refused(session: Credentials) -> None:
    request = presign(KIT, session)
    revocations.revoke_key(session.access_key)

    assert error_of(send(request)) == (403, EXPIRED)


def test_signed_twice_is_refused(key: keys.NewKey) -> None:
    request = presign(KIT, credentials_of(key))
    SigV4Auth(credentials_of(key), KIT.service, "us-east-1").add_auth(request)

    response = send(request)

    assert error_of(response) == (403, MISMATCH)
    assert "Found both 'X-Amz-Algorithm' as a query-string param" in response.content.decode()
