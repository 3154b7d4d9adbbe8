"""``PortalCallers``: signatures checked on a machine that has no keys, by what a portal tells."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from identity.core import clock, fetch
from identity.iam import credentials, keys, revocations, roles, signing_keys
from identity.iam.callers import IamCallers
from identity.iam.models import AccessKey, User, UserPolicy
from identity.kit import checks, conf, portal
from identity.kit.recent import Recent
from identity.wire import callers, sigv4
from tests.kit.conftest import signed
from tests.kit.test_signatures import IDENTITY, PUBLIC, identity_credentials

pytestmark = pytest.mark.core_suite

API_RESOURCE = "arn:aws:identity-portal:us-east-1:000000000000:service/execute-api"


def user_key(name: str, action: str, resource: str) -> keys.NewKey:
    """The key of an IAM user who may do one thing."""
    user = User.objects.create(name=name)
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    UserPolicy.objects.create(user=user, name="may", document=document)
    return keys.create(user)


class Line:
    """The line between API and portal: the portal answers in process, what passes is written down, and it can be cut."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.is_cut = False
        self.instead: fetch.Response | None = None

    def post(self, url: str, body: bytes, *, headers: dict[str, str], **_: Any) -> fetch.Response:
        self.passed.append(body.decode())
        if self.is_cut:
            raise fetch.FetchFailed("portal.example: ConnectionRefusedError")
        if self.instead is not None:
            return self.instead
        answer = Client().generic(
            "POST",
            url.removeprefix("https://portal.example"),
            body,
            headers["content-type"],
            headers={k: v for k, v in headers.items() if k != "content-type"},
        )
        self.passed.append(answer.content.decode())
        return fetch.Response(answer.status_code, {}, answer.content, url)


@pytest.fixture
def api_key(db: None) -> keys.NewKey:
    """The API's own key at the portal: it may ask for keys of those who sign for ``execute-api``."""
    return user_key("notes-api", "identity-portal:GetSigningKey", API_RESOURCE)


@pytest.fixture
def line(settings: Any, api_key: keys.NewKey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The API asks the portal; the portal itself, behind the line, has the keys."""
    made = Line()
    settings.IDENTITY = {**settings.IDENTITY, "CALLERS": "tests.kit.test_portal.Both"}
    settings.IDENTITY_KIT = {
        "PORTAL": {
            "URL": "https://portal.example",
            "ACCESS_KEY_ID": api_key.key_id,
            "SECRET_ACCESS_KEY": api_key.secret,
        }
    }
    monkeypatch.setattr(fetch, "post", made.post)
    portal.forget()
    yield made
    portal.forget()


class Both:
    """Two machines in one process: the portal's own address is served by its keys, all others by the portal's word."""

    def find_key(self, access_key_id: str, session_token: Any, now: Any, proof: Any = None) -> callers.Key:
        is_portal = proof.signature.service == "identity-portal"
        chosen: Any = IamCallers() if is_portal else portal.PortalCallers()
        found: callers.Key = chosen.find_key(access_key_id, session_token, now, proof)
        return found

    def authorize(self, caller: callers.Caller, *asked: Any) -> None:
        chosen: Any = portal.PortalCallers() if isinstance(caller.grants, portal.Rights) else IamCallers()
        chosen.authorize(caller, *asked)


@pytest.fixture
def reader(db: None) -> keys.NewKey:
    return user_key("reader", "execute-api:Invoke", PUBLIC)


def error_of(response: Any) -> tuple[int, str]:
    return response.status_code, response["x-amzn-ErrorType"]


def test_a_users_key_opens_what_its_policies_say(line: Line, reader: keys.NewKey) -> None:
    assert signed("/notes/public", reader.key_id, reader.secret).json()["name"].endswith("user/reader")

    refused = signed("/notes/private", reader.key_id, reader.secret)

    assert error_of(refused) == (403, "AccessDeniedException")
    assert refused.json()["message"].endswith(
        "notes/GET/private because no identity-based policy allows the execute-api:Invoke action"
    )


def test_an_identitys_credentials_open_and_name_the_identity(line: Line) -> None:
    given = identity_credentials("authenticated", "login.example")
    three = (given.access_key_id, given.secret_access_key, given.session_token)

    assert signed("/notes/public", *three).json()["id"] == IDENTITY
    assert signed("/notes/private", *three).status_code == 403


def test_boundaries_and_session_policies_bind_there_too(line: Line) -> None:
    given = identity_credentials(
        "authenticated", session_policy={"Effect": "Deny", "Action": "*", "Resource": "*"}
    )

    refused = signed("/notes/public", given.access_key_id, given.secret_access_key, given.session_token)

    assert refused.json()["message"].endswith("with an explicit deny in a session policy")


def test_the_secret_never_passes(line: Line, reader: keys.NewKey) -> None:
    given = identity_credentials("authenticated")
    signed("/notes/public", reader.key_id, reader.secret)
    signed("/notes/public", given.access_key_id, given.secret_access_key, given.session_token)

    passed = "".join(line.passed)
    assert len(line.passed) == 4
    assert reader.secret not in passed
    assert given.secret_access_key not in passed


def test_what_the_portal_said_counts_for_a_second(line: Line, reader: keys.NewKey) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as at:
        for _ in range(3):
            assert signed("/notes/public", reader.key_id, reader.secret).status_code == 200
        assert len(line.passed) == 2
        keys.set_status(AccessKey.objects.get(pk=reader.key_id), AccessKey.Status.INACTIVE)

        at.shift(0.9)
        assert signed("/notes/public", reader.key_id, reader.secret).status_code == 200
        at.shift(0.1)
        refused = signed("/notes/public", reader.key_id, reader.secret)

    assert error_of(refused) == (403, "UnrecognizedClientException")


def test_revoked_credentials_and_a_deleted_role_end_within_the_second(line: Line) -> None:
    one, two = identity_credentials("authenticated"), identity_credentials("authenticated", role_name="other")

    def ask(given: Any) -> Any:
        return signed("/notes/public", given.access_key_id, given.secret_access_key, given.session_token)

    assert ask(one).status_code == ask(two).status_code == 200
    revocations.revoke_key(one.access_key_id)
    role = roles.find("arn:aws:iam::000000000000:role/other")
    assert role is not None
    role.delete()
    with time_machine.travel(clock.now() + timedelta(seconds=1.001), tick=False):
        assert error_of(ask(one)) == (403, "ExpiredTokenException")
        assert error_of(ask(two)) == (403, "UnrecognizedClientException")


def test_without_caching_each_request_asks(line: Line, reader: keys.NewKey, settings: Any) -> None:
    portal_settings = {**settings.IDENTITY_KIT["PORTAL"], "CACHE_SECONDS": 0}
    settings.IDENTITY_KIT = {"PORTAL": portal_settings}

    for _ in range(2):
        assert signed("/notes/public", reader.key_id, reader.secret).status_code == 200

    assert len(line.passed) == 4


def test_an_unreachable_portal_lets_nobody_in_and_blames_nobody(line: Line, reader: keys.NewKey) -> None:
    line.is_cut = True

    for _ in range(3):
        answered = signed("/notes/public", reader.key_id, reader.secret)
        assert answered.status_code == 503
        assert answered.json() == {"detail": "The service that knows access keys is not reachable."}
    assert len(line.passed) == 1  # and it is left alone for a moment


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"Refusal": "Welcome"}'),
        (200, b'{"SigningKey": "AA==", "Caller": [], "Principal": {}, "Policies": {}}'),
        (302, b"{}"),
        (500, b"{}"),
    ],
)
def test_what_is_no_answer_of_a_portal_lets_nobody_in(
    line: Line, reader: keys.NewKey, answer: tuple[int, bytes]
) -> None:
    line.instead = fetch.Response(answer[0], {}, answer[1], "")

    assert signed("/notes/public", reader.key_id, reader.secret).status_code == 503


def test_a_wrong_signature_is_refused_and_harms_nobody_else(line: Line, reader: keys.NewKey) -> None:
    refused = signed("/notes/public", reader.key_id, "not the secret")

    assert error_of(refused) == (403, "InvalidSignatureException")
    assert (
        "The Canonical String for this request should have been\n'GET\n/notes/public"
        in refused.json()["message"]
    )
    assert signed("/notes/public", reader.key_id, reader.secret).status_code == 200
    assert error_of(signed("/notes/public", reader.key_id, "not the secret"))[0] == 403


@pytest.mark.parametrize(
    ("key_id", "token"),
    [("a b", None), ("x" * 200, None), ("AKIA", "a token"), ("AKIA", "x" * 20_000), ("AKIA", "\x7f")],
)
def test_a_stranger_cannot_make_the_portal_look_unreachable(
    line: Line, reader: keys.NewKey, key_id: str, token: str | None
) -> None:
    refused = signed("/notes/public", key_id, "secret", token)

    assert error_of(refused) == (403, "UnrecognizedClientException")
    assert signed("/notes/public", reader.key_id, reader.secret).status_code == 200


@pytest.mark.parametrize("value", ["", "0", "\xff" * 64, "G" * 64])
def test_what_is_no_signature_is_not_asked_about(line: Line, reader: keys.NewKey, value: str) -> None:
    moment = clock.now().strftime("%Y%m%dT%H%M%SZ")
    scope = f"{reader.key_id}/{moment[:8]}/us-east-1/execute-api/aws4_request"
    header = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={value}"
    answered = Client().get("/notes/public", headers={"authorization": header, "x-amz-date": moment})

    assert answered.status_code in (400, 403)
    assert line.passed == []


def test_a_right_that_the_api_lacks_is_not_everybodys_loss(line: Line, reader: keys.NewKey) -> None:
    """The API may have keys for one region only: who signs for another can't be checked, the others can."""
    assert signed("/notes/public", reader.key_id, reader.secret, region="eu-west-1").status_code == 503
    assert signed("/notes/public", reader.key_id, reader.secret).status_code == 200


def test_an_unknown_key_is_refused_and_not_asked_about_again_at_once(line: Line) -> None:
    for _ in range(3):
        refused = signed("/notes/public", "AKIAUNKNOWNUNKNOWN22", "secret")
        assert error_of(refused) == (403, "UnrecognizedClientException")

    assert len(line.passed) == 2


def test_an_api_without_the_right_gets_no_keys(line: Line, reader: keys.NewKey) -> None:
    UserPolicy.objects.filter(user__name="notes-api").delete()

    assert signed("/notes/public", reader.key_id, reader.secret).status_code == 503


# The portal's side


def ask(api: keys.NewKey, content: Any, *, service: str = "identity-portal") -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"host": "testserver", "content-type": "application/json"}
    request = sigv4.SignedRequest("POST", portal.PATH, "", headers, body)
    more = sigv4.sign(request, api.key_id, api.secret, region="us-east-1", service=service, now=clock.now())
    return Client().post(portal.PATH, body, "application/json", headers={"host": "testserver", **more})


def question(caller: keys.NewKey, *, service: str = "execute-api", **changes: Any) -> dict[str, Any]:
    """What an API asks that was called with this key."""
    now = clock.now()
    request = sigv4.SignedRequest("GET", "/notes/public", "", {"host": "api.example"}, b"")
    added = sigv4.sign(request, caller.key_id, caller.secret, region="us-east-1", service=service, now=now)
    whole = sigv4.SignedRequest(
        "GET", "/notes/public", "", {"host": "api.example", **{k.lower(): v for k, v in added.items()}}, b""
    )
    signature = sigv4.parse(whole)
    return {
        "AccessKeyId": caller.key_id,
        "SessionToken": None,
        "StringsToSign": list(sigv4.strings_to_sign(whole, signature)),
        "Signature": signature.value,
        **changes,
    }


def test_the_key_is_the_one_of_that_day_region_and_service(api_key: keys.NewKey, reader: keys.NewKey) -> None:
    answered = ask(api_key, question(reader)).json()

    day = clock.now().strftime("%Y%m%d")
    expected = sigv4.signing_key(reader.secret, day, "us-east-1", "execute-api")
    assert base64.b64decode(answered["SigningKey"]) == expected
    assert answered["Caller"]["Arn"] == "arn:aws:iam::000000000000:user/reader"


def test_a_policy_says_of_which_services_callers_an_api_may_have_keys(
    api_key: keys.NewKey, reader: keys.NewKey
) -> None:
    refused = ask(api_key, question(reader, service="sts"))

    assert refused.json()["__type"] == "AccessDeniedException"
    assert refused.json()["Message"] == (
        "User: arn:aws:iam::000000000000:user/notes-api is not authorized to perform: identity-portal:GetSigningKey "
        "on resource: arn:aws:identity-portal:us-east-1:000000000000:service/sts "
        "because no identity-based policy allows the identity-portal:GetSigningKey action"
    )


def test_an_api_learns_no_key_of_somebody_who_never_called_it(
    api_key: keys.NewKey, reader: keys.NewKey
) -> None:
    others = user_key("other", "execute-api:Invoke", PUBLIC)

    assert ask(api_key, question(reader, Signature="0" * 64)).json() == {"Refusal": "InvalidSignature"}
    assert ask(api_key, question(reader, AccessKeyId=others.key_id)).json() == {"Refusal": "InvalidSignature"}
    old = (clock.now() - timedelta(days=7, minutes=16)).strftime("%Y%m%dT%H%M%SZ")
    now = clock.now().strftime("%Y%m%dT%H%M%SZ")
    (text,) = question(reader)["StringsToSign"]
    aged = text.replace(now, old).replace(f"{now[:8]}/", f"{old[:8]}/")
    assert "may still be answered" in ask(api_key, question(reader, StringsToSign=[aged])).json()["message"]


def test_who_asks_must_sign_and_be_known(api_key: keys.NewKey, reader: keys.NewKey) -> None:
    unsigned = Client().post(portal.PATH, json.dumps(question(reader)), "application/json")
    elsewhere = ask(api_key, question(reader), service="execute-api")
    stranger = ask(keys.NewKey("AKIAUNKNOWNUNKNOWN22", "secret"), question(reader))

    assert unsigned.json()["__type"] == "MissingAuthenticationTokenException"
    assert elsewhere.json()["__type"] == "InvalidSignatureException"
    assert stranger.json()["__type"] == "UnrecognizedClientException"
    assert Client().get(portal.PATH).status_code == 405


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"[]",
        b'"' + b"x" * 100,
        b"[" * 100_000,
        b'{"AccessKeyId": "\\u0000"}',
        b'{"AccessKeyId": "\\ud800"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_question_is_told_so(api_key: keys.NewKey, content: bytes) -> None:
    answered = ask(api_key, content)

    assert answered.status_code == 400
    assert answered.json()["__type"] in ("ValidationException", "SerializationException")


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("AccessKeyId", [None, 7, ["AKIA"]]),
        ("SessionToken", [7, {}, True]),
        ("Signature", [None, 10**400, []]),
        (
            "StringsToSign",
            [
                None,
                [],
                "AWS4-HMAC-SHA256",
                [None],
                ["x"],
                ["x"] * 3,
                ["AWS4-HMAC-SHA256\n20269999T999999Z\n20269999/a/b/aws4_request\n" + "0" * 64],
            ],
        ),
    ],
)
def test_a_malformed_member_is_named(
    api_key: keys.NewKey, reader: keys.NewKey, member: str, values: list[Any]
) -> None:
    for value in values:
        answered = ask(api_key, question(reader, **{member: value}))
        assert (answered.status_code, answered.json()["__type"]) == (400, "ValidationException"), value
        assert member in answered.json()["message"]


@pytest.mark.parametrize(
    ("member", "values", "refusal"),
    [
        ("AccessKeyId", ["", "x" * 129, "ä", "a b"], "UnknownKey"),
        ("SessionToken", ["", "x" * 16_385, "ä", "another token"], "UnknownKey"),
        ("Signature", ["", "g" * 64, "A" * 64, "ä" * 64], "InvalidSignature"),
    ],
)
def test_what_a_caller_made_up_is_refused_as_the_callers_fault(
    api_key: keys.NewKey, reader: keys.NewKey, member: str, values: list[str], refusal: str
) -> None:
    for value in values:
        assert ask(api_key, question(reader, **{member: value})).json() == {"Refusal": refusal}, value


# Settings


@pytest.mark.parametrize(
    "portal_settings",
    [
        {},
        {"URL": "https://portal.example"},
        {"URL": "https://portal.example", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": ""},
        {"URL": "http://portal.example", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"},
        {"URL": "http://192.0.2.300", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"},
        {"URL": "portal.example", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"},
        {"URL": "https://portal.example", "ACCESS_KEY": "a", "SECRET_ACCESS_KEY": "b"},
        {"URL": "https://p.example", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "CACHE_SECONDS": 3600},
        {"URL": "https://p.example", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "CACHE_SECONDS": "1"},
        {"URL": "https://p.example", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "TIMEOUT_SECONDS": 0},
        {"URL": None, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"},
        "https://portal.example",
    ],
)
def test_unsafe_portals_are_refused(settings: Any, portal_settings: Any) -> None:
    settings.IDENTITY_KIT = {"PORTAL": portal_settings}

    with pytest.raises(ImproperlyConfigured):
        conf.portal()
    assert [each.id for each in checks.check_settings()] == ["identity_kit.E001"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "http://10.0.0.7",
        "http://localhost",
        "http://portal.lan",
        "http://PORTAL.lan",
    ],
)
def test_without_https_only_within_ones_own_walls(settings: Any, url: str) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ["Portal.Lan"]}
    settings.IDENTITY_KIT = {"PORTAL": {"URL": url, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "very secret"}}

    assert conf.portal().url == url
    assert "very secret" not in repr(conf.settings())


@pytest.mark.parametrize("kind", ["key", "session", "federated"])
def test_sessions_of_users_reach_as_far_as_at_the_portal(db: None, kind: str) -> None:
    key = user_key("ana", "*", "*")
    ana = AccessKey.objects.select_related("user").get(pk=key.key_id).user
    everything = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    )
    given = credentials.issue_for_user(
        ana.user_id,
        ana.arn,
        duration=timedelta(hours=1),
        federated_name="guest" if kind == "federated" else "",
        terms=credentials.Terms(policies=(everything,) if kind == "federated" else ()),
    )
    name, token = (key.key_id, None) if kind == "key" else (given.access_key_id, given.session_token)
    here = IamCallers().find_key(name, token, clock.now())
    told = json.loads(json.dumps(signing_keys.describe(b"derived", here)))
    there = portal._read(told, name)
    assert isinstance(there, callers.Key)

    def is_allowed(by: Any, caller: callers.Caller, action: str) -> bool:
        try:
            by.authorize(caller, action, "*", {})
        except callers.AccessDenied:
            return False
        return True

    actions = (
        "iam:ListUsers",
        "sts:GetFederationToken",
        "sts:AssumeRole",
        "iam:PassRole",
        "execute-api:Invoke",
    )
    allowed = [each for each in actions if is_allowed(portal.PortalCallers(), there.caller, each)]

    assert allowed == [each for each in actions if is_allowed(IamCallers(), here.caller, each)]
    assert allowed == list(actions[{"key": 0, "session": 2, "federated": 3}[kind] :])


def test_a_portal_and_who_asks_it_belong_together(settings: Any) -> None:
    whole = {"URL": "https://portal.example", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}
    settings.IDENTITY = {**settings.IDENTITY, "CALLERS": checks.PORTAL_CALLERS}
    assert [each.id for each in checks.check_settings()] == ["identity_kit.E005"]
    settings.IDENTITY_KIT = {"PORTAL": whole}
    assert checks.check_settings() == []
    settings.IDENTITY = {**settings.IDENTITY, "CALLERS": "identity.iam.callers.IamCallers"}
    assert [each.id for each in checks.check_settings()] == ["identity_kit.E006"]


def test_what_is_kept_is_bounded_and_gone_when_it_is_old() -> None:
    kept: Recent[str] = Recent(most=3)
    now, second = clock.now(), timedelta(seconds=1)
    for name in "abcd":
        kept.keep(name, name, now)

    assert kept.find("a", now, younger_than=second) is None
    assert kept.find("d", now, younger_than=second) == "d"
    assert kept.find("d", now + second, younger_than=second) is None
    assert kept.find("d", now, younger_than=second) is None
    assert kept.find("c", now - second, younger_than=second) is None
