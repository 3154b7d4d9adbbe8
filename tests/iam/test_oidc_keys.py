"""Keys of providers elsewhere: discovered over HTTP, cached, renewed when a token names a new one."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine

from identity.core import clock, fetch
from identity.core.invoke import slots
from identity.iam import oidc_keys
from identity.iam.errors import IdpCommunicationError, InvalidIdentityToken

pytestmark = pytest.mark.core_suite


class Idp:
    """A provider on a port of its own; ``answers`` maps paths to status and JSON."""

    def __init__(self):
        idp = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                idp.asked.append(self.path)
                status, value = idp.answers.get(self.path, (404, {}))
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.asked = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tenant"
        self.keys = [{"kid": "one", "kty": "RSA"}]
        self.answers = {
            "/tenant/.well-known/openid-configuration": (
                200,
                {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            ),
            "/tenant/keys": (200, {"keys": self.keys}),
        }
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def elsewhere(settings):
    oidc_keys.forget()  # a port may come again
    idp = Idp()
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ("127.0.0.1",)}
    yield idp
    idp.server.shutdown()
    idp.server.server_close()


def test_discovered_and_kept_for_five_minutes(elsewhere, db):
    start = clock.now()
    with time_machine.travel(start, tick=False):
        assert [key["kid"] for key in oidc_keys.of(elsewhere.url, "one")] == ["one"]
        oidc_keys.of(elsewhere.url, "one")
    with time_machine.travel(start + timedelta(seconds=299), tick=False):
        oidc_keys.of(elsewhere.url, "one")
    assert elsewhere.asked == ["/tenant/.well-known/openid-configuration", "/tenant/keys"]

    with time_machine.travel(start + timedelta(seconds=301), tick=False):
        oidc_keys.of(elsewhere.url, "one")
    assert len(elsewhere.asked) == 4


def test_a_new_key_is_fetched_at_once_but_not_for_every_stranger(elsewhere, db):
    start = clock.now()
    with time_machine.travel(start, tick=False):
        oidc_keys.of(elsewhere.url, "one")
        elsewhere.keys.append({"kid": "two", "kty": "RSA"})
        for number in range(20):
            oidc_keys.of(elsewhere.url, f"unknown-{number}")
    assert len(elsewhere.asked) == 2

    with time_machine.travel(start + timedelta(seconds=31), tick=False):
        assert {key["kid"] for key in oidc_keys.of(elsewhere.url, "two")} == {"one", "two"}
    assert len(elsewhere.asked) == 4


def test_keys_of_a_known_address_need_no_discovery(elsewhere, db):
    for _ in range(3):
        assert [key["kid"] for key in oidc_keys.at(f"{elsewhere.url}/keys", "one")] == ["one"]

    assert elsewhere.asked == ["/tenant/keys"]


def test_a_private_address_of_keys_must_be_the_operators(elsewhere, db, settings):
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ()}

    with pytest.raises(InvalidIdentityToken):
        oidc_keys.at(f"{elsewhere.url}/keys", "one")
    oidc_keys.forget()
    assert oidc_keys.at(f"{elsewhere.url}/keys", "one", trusted=True)


def test_racing_threads_fetch_once(elsewhere, db):
    threads = [threading.Thread(target=oidc_keys.of, args=(elsewhere.url, "one")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(elsewhere.asked) == 2


@pytest.mark.parametrize(
    ("path", "answer", "error"),
    [
        (
            "openid-configuration",
            (200, {"issuer": "https://other.example.com", "jwks_uri": "x"}),
            InvalidIdentityToken,
        ),
        ("openid-configuration", (200, b"<html>"), InvalidIdentityToken),
        ("openid-configuration", (200, ["list"]), InvalidIdentityToken),
        ("openid-configuration", (404, {}), InvalidIdentityToken),
        ("openid-configuration", (503, {}), IdpCommunicationError),
        ("keys", (200, {"keys": "none"}), InvalidIdentityToken),
        ("keys", (200, {"keys": ["none"]}), InvalidIdentityToken),
        ("keys", (500, {}), IdpCommunicationError),
    ],
)
def test_a_provider_that_answers_nonsense(elsewhere, db, path, answer, error):
    full = next(known for known in elsewhere.answers if known.endswith(path))
    elsewhere.answers[full] = answer

    with pytest.raises(error):
        oidc_keys.of(elsewhere.url, "one")


def test_a_provider_that_is_down(elsewhere, db):
    elsewhere.server.shutdown()
    elsewhere.server.server_close()

    with pytest.raises(IdpCommunicationError):
        oidc_keys.of(elsewhere.url, "one")


def test_a_provider_that_failed_is_left_alone_for_a_moment(elsewhere, db):
    discovery = "/tenant/.well-known/openid-configuration"
    good = elsewhere.answers[discovery]
    elsewhere.answers[discovery] = (503, {})
    start = clock.now()
    with time_machine.travel(start, tick=False):
        for number in range(5):
            with pytest.raises(IdpCommunicationError):
                oidc_keys.of(elsewhere.url, f"stranger-{number}")
    assert elsewhere.asked == [discovery]

    elsewhere.answers[discovery] = good
    with time_machine.travel(start + timedelta(seconds=11), tick=False):
        assert [key["kid"] for key in oidc_keys.of(elsewhere.url, "one")] == ["one"]


def test_private_addresses_are_not_fetched(elsewhere, db, settings):
    settings.IDENTITY = {**settings.IDENTITY, "FETCH_PRIVATE": ()}

    with pytest.raises(InvalidIdentityToken):
        oidc_keys.of(elsewhere.url, "one")
    assert elsewhere.asked == []


def test_an_issuer_with_https_has_its_keys_there_too(monkeypatch, db):
    issuer = "https://login.example"
    asked = []

    def answer(url, **_):
        asked.append(url)
        document = {"issuer": issuer, "jwks_uri": "http://login.example/keys", "keys": []}
        return fetch.Response(200, {}, json.dumps(document).encode(), url)

    monkeypatch.setattr(fetch, "get", answer)
    oidc_keys.forget()

    with pytest.raises(InvalidIdentityToken):
        oidc_keys.of(issuer, "one")
    assert asked == [f"{issuer}/.well-known/openid-configuration"]


def test_slashes_at_the_end_are_no_other_issuer(elsewhere, db):
    for end in ("", "/", "//", "///"):
        oidc_keys.of(elsewhere.url + end, "one")

    assert len(elsewhere.asked) == 2


def test_what_is_kept_is_bounded(monkeypatch, db):
    oidc_keys.forget()
    monkeypatch.setattr(oidc_keys, "MOST_KEPT", 3)
    asked = []

    def answer(url, **_):
        asked.append(url)
        raise fetch.FetchFailed("down")

    monkeypatch.setattr(
        oidc_keys.discovery, "keys_at", lambda url, **_: asked.append(url) or [{"kid": "one"}]
    )
    for number in range(5):
        oidc_keys.at(f"https://{number}.example/keys", "one")
    assert len(asked) == 5

    oidc_keys.at("https://4.example/keys", "one")
    assert len(asked) == 5
    oidc_keys.at("https://0.example/keys", "one")
    assert len(asked) == 6

    monkeypatch.setattr(oidc_keys.discovery, "keys_at", answer)
    for number in range(5):
        with pytest.raises(IdpCommunicationError):
            oidc_keys.at(f"https://bad{number}.example/keys", "one")
    assert [len(table) for table in (oidc_keys._kept, oidc_keys._failed, oidc_keys._locks)] == [3, 3, 3]


def test_each_fetch_takes_a_slot_and_none_that_is_kept(elsewhere, db, settings):
    settings.IDENTITY = {**settings.IDENTITY, "TRIGGER_THREADS": 1}
    slot = slots.take("login keys")
    for _ in range(2):  # the refusal is nothing that the provider is left alone for
        with pytest.raises(oidc_keys.Busy):
            oidc_keys.of(elsewhere.url, "one")
    slot.release()

    assert oidc_keys.of(elsewhere.url, "one")
    slots.take("login keys").release()
