import ipaddress
import json
import socket
import ssl
import threading
import time

import pytest

from identity.core import fetch
from tests.core.conftest import QuietServer, handler_of, write
from tests.core.tls import self_signed

pytestmark = pytest.mark.core_suite


@pytest.fixture
def names(monkeypatch):
    """The name server of the test: names to the list of answers, one for each time it is asked."""
    known = {}
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **options):
        if host not in known:
            return real(host, port, *args, **options)
        addresses = known[host].pop(0)
        return [info for each in addresses for info in real(each, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def allowed(identity):
    identity(FETCH_PRIVATE=("127.0.0.1",))


# What is refused


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "localhost",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ],
)
def test_addresses_that_are_not_public_are_refused(identity, host):
    identity(FETCH_PRIVATE=())

    with pytest.raises(fetch.FetchRefused, match="FETCH_PRIVATE"):
        fetch.get(f"http://{host}:9/")


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_known_as_such(address):
    assert fetch.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "//example.com/",
        "http://",
        "http:///path",
        "http://user:secret@example.com/",
        "http://example.com:99999/",
        "http://[::1/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(fetch.FetchRefused) as refused:
        fetch.get(url)
    assert "secret" not in str(refused.value)


def test_a_name_that_means_a_private_address_is_refused(names, http_server):
    names["innocent.example"] = [["127.0.0.1"]]

    with pytest.raises(fetch.FetchRefused):
        fetch.get(http_server.url(host="innocent.example"))
    assert http_server.seen == []


def test_a_second_answer_of_the_name_server_changes_nothing(names, http_server, identity):
    """Rebinding: the checked address is the one that is connected to; the name is not asked again."""
    identity(FETCH_PRIVATE=("127.0.0.1",))
    http_server.answer("/", {"ok": True})
    names["rebind.example"] = [["127.0.0.1"], ["169.254.169.254"]]

    assert fetch.get(http_server.url(host="rebind.example")).is_ok
    assert len(names["rebind.example"]) == 1


def test_of_several_addresses_a_permitted_one_is_taken(names, http_server, allowed):
    http_server.answer("/", {})
    names["both.example"] = [["10.0.0.1", "127.0.0.1"]]

    assert fetch.get(http_server.url(host="both.example")).is_ok


def test_an_address_where_nobody_listens_is_passed_over(names, http_server, identity):
    http_server.answer("/", {})
    names["two.example"] = [["::1", "127.0.0.1"]]

    assert fetch.get(http_server.url(host="two.example"), trusted=True).is_ok


def test_an_unknown_name_is_a_failure():
    with pytest.raises(fetch.FetchFailed, match="not resolved"):
        fetch.get("http://no-such-name.invalid/")


# What is allowed


def test_a_private_host_may_be_listed_by_name_exactly(names, http_server, identity):
    http_server.answer("/", {})
    identity(FETCH_PRIVATE=("idp.internal",))
    names["idp.internal"] = [["127.0.0.1"]]
    names["evil.idp.internal"] = [["127.0.0.1"]]

    assert fetch.get(http_server.url(host="idp.internal")).is_ok
    with pytest.raises(fetch.FetchRefused):
        fetch.get(http_server.url(host="evil.idp.internal"))


def test_the_operators_own_addresses_may_be_private(http_server):
    http_server.answer("/", {})

    assert fetch.get(http_server.url(), trusted=True).is_ok
    assert fetch.post_json(http_server.url(), {}, trusted=True).is_ok


def test_the_answer_comes_back_whatever_its_status(http_server, allowed):
    http_server.answer("/x", {"error": "no"}, status=418, headers={"X-Kind": "Tea"})

    response = fetch.get(http_server.url("/x?q=1"), headers={"Accept": "application/json"})

    assert (response.status, response.is_ok, response.json()) == (418, False, {"error": "no"})
    assert response.headers["x-kind"] == "Tea"
    seen = http_server.seen[0]
    assert (seen["method"], seen["path"]) == ("GET", "/x?q=1")
    assert seen["headers"]["Accept"] == "application/json"
    assert seen["headers"]["Host"] == f"127.0.0.1:{http_server.port}"


def test_the_host_header_is_the_name(names, http_server, allowed):
    http_server.answer("/", {})
    names["named.example"] = [["127.0.0.1"]]

    fetch.get(http_server.url(host="named.example"))

    assert http_server.seen[0]["headers"]["Host"] == f"named.example:{http_server.port}"


def test_json_and_forms_are_posted(http_server, allowed):
    http_server.answer("/", {})

    fetch.post_json(http_server.url(), {"a": "ä"})
    fetch.post_form(http_server.url(), {"a": "ä b"})

    first, second = http_server.seen
    assert json.loads(first["body"]) == {"a": "ä"}
    assert first["headers"]["Content-Type"] == "application/json"
    assert second["body"] == b"a=%C3%A4%20b"
    assert second["headers"]["Content-Type"] == "application/x-www-form-urlencoded"


# Limits


def test_more_than_the_limit_is_not_read(http_server, allowed):
    http_server.answer("/", b"x" * 1001)

    assert len(fetch.get(http_server.url(), max_bytes=1001).body) == 1001
    with pytest.raises(fetch.FetchFailed, match="more than 1000 bytes"):
        fetch.get(http_server.url(), max_bytes=1000)


def test_an_endless_answer_ends(http_server, allowed):
    def endless(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65536)

    http_server.answers["/"] = endless

    with pytest.raises(fetch.FetchFailed, match="more than"):
        fetch.get(http_server.url())


def drip_body(request):
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b"x")
        request.wfile.flush()
        time.sleep(0.05)


def drip_headers(request):
    for _ in range(100):
        request.wfile.write(b"H")
        request.wfile.flush()
        time.sleep(0.05)


def say_nothing(request):
    time.sleep(5)


@pytest.mark.parametrize("answer", [drip_body, drip_headers, say_nothing])
def test_the_time_limit_is_for_all_of_it(http_server, allowed, answer):
    http_server.answers["/"] = answer

    with pytest.raises(fetch.FetchTimeout):
        fetch.get(http_server.url(), timeout=0.3)


def test_a_slow_name_server_has_the_same_limit(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(1))

    with pytest.raises(fetch.FetchTimeout, match="not resolved in time"):
        fetch.get("http://slow.example/", timeout=0.2)


def test_an_answer_cut_short_is_a_failure(http_server, allowed):
    def cut(request):
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"only this")
        request.close_connection = True

    http_server.answers["/"] = cut

    with pytest.raises(fetch.FetchFailed):
        fetch.get(http_server.url())


def test_a_compressed_answer_is_a_failure(http_server, allowed):
    http_server.answer("/", b"x", headers={"Content-Encoding": "gzip"})

    with pytest.raises(fetch.FetchFailed, match="compressed"):
        fetch.get(http_server.url())


def test_nobody_listening_is_a_failure_that_names_no_path(allowed):
    with pytest.raises(fetch.FetchFailed) as failed:
        fetch.get("http://127.0.0.1:1/secret?token=secret")
    assert str(failed.value) == "127.0.0.1: ConnectionRefusedError"


@pytest.mark.parametrize("headers", [{"X": "a\r\nInjected: 1"}, {"X\r\nY": "1"}])
def test_a_header_cannot_bring_another(http_server, allowed, headers):
    with pytest.raises(fetch.FetchFailed):
        fetch.get(http_server.url(), headers=headers)
    assert http_server.seen == []


# Redirects


def test_a_redirect_is_an_answer_unless_asked_to_follow(http_server, allowed):
    http_server.answer("/a", b"", status=302, headers={"Location": "/b"})
    http_server.answer("/b", {"at": "b"})

    assert fetch.get(http_server.url("/a")).status == 302
    followed = fetch.get(http_server.url("/a"), redirects=1)
    assert followed.json() == {"at": "b"}
    assert followed.url == http_server.url("/b")


def test_each_hop_is_checked(names, http_server, allowed):
    http_server.answer("/a", b"", status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})

    with pytest.raises(fetch.FetchRefused):
        fetch.get(http_server.url("/a"), redirects=3)


def test_a_circle_of_redirects_ends(http_server, allowed):
    http_server.answer("/a", b"", status=307, headers={"Location": "/a"})

    with pytest.raises(fetch.FetchFailed, match="too many redirects"):
        fetch.get(http_server.url("/a"), redirects=2)
    assert len(http_server.seen) == 3


def test_credentials_stay_with_the_first_host(names, http_server, identity):
    identity(FETCH_PRIVATE=("127.0.0.1",))
    names["other.example"] = [["127.0.0.1"]]
    http_server.answer(
        "/a", b"", status=302, headers={"Location": http_server.url("/b", host="other.example")}
    )
    http_server.answer("/b", {})

    fetch.get(http_server.url("/a"), redirects=1, headers={"Authorization": "Bearer x", "Accept": "y"})

    assert "Authorization" in http_server.seen[0]["headers"]
    assert "Authorization" not in http_server.seen[1]["headers"]
    assert http_server.seen[1]["headers"]["Accept"] == "y"


def test_trust_stays_with_the_operators_own_address(names, http_server):
    names["other.example"] = [["127.0.0.1"]]
    http_server.answer("/a", b"", status=302, headers={"Location": "/b"})
    http_server.answer(
        "/b", b"", status=302, headers={"Location": http_server.url("/c", host="other.example")}
    )
    http_server.answer("/c", {})

    with pytest.raises(fetch.FetchRefused, match=r"other\.example.*FETCH_PRIVATE"):
        fetch.get(http_server.url("/a"), redirects=2, trusted=True)
    assert [request["path"] for request in http_server.seen] == ["/a", "/b"]


# TLS


@pytest.fixture
def tls_server(http_server, tmp_path, monkeypatch):
    """The server again behind TLS, its certificate for ``good.example`` and trusted."""
    file = self_signed(tmp_path, "good.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listening = QuietServer(("127.0.0.1", 0), handler_of(http_server))
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    fetch._tls.cache_clear()
    yield listening.server_address[1]
    listening.shutdown()
    listening.server_close()
    fetch._tls.cache_clear()


def test_the_certificate_must_be_the_names(names, tls_server, http_server, allowed):
    http_server.answer("/", {"tls": True})
    names["good.example"] = [["127.0.0.1"]]
    names["bad.example"] = [["127.0.0.1"]]

    assert fetch.get(f"https://good.example:{tls_server}/").json() == {"tls": True}
    with pytest.raises(fetch.FetchFailed, match="SSLCertVerificationError"):
        fetch.get(f"https://bad.example:{tls_server}/")
    with pytest.raises(fetch.FetchFailed, match="SSLCertVerificationError"):
        fetch.get(f"https://127.0.0.1:{tls_server}/")


def test_an_unknown_certificate_is_refused(names, tls_server, allowed, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    fetch._tls.cache_clear()
    names["good.example"] = [["127.0.0.1"]]

    with pytest.raises(fetch.FetchFailed, match="SSLCertVerificationError"):
        fetch.get(f"https://good.example:{tls_server}/")


def test_the_time_limit_holds_under_tls(names, tls_server, http_server, allowed):
    http_server.answers["/"] = drip_body
    names["good.example"] = [["127.0.0.1"]]

    with pytest.raises(fetch.FetchTimeout):
        fetch.get(f"https://good.example:{tls_server}/", timeout=0.4)


def test_a_handshake_that_never_comes_ends(allowed):
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()

    with pytest.raises(fetch.FetchTimeout):
        fetch.get(f"https://127.0.0.1:{listening.getsockname()[1]}/", timeout=0.3)
    listening.close()


def test_https_does_not_redirect_to_http(names, tls_server, http_server, allowed):
    names["good.example"] = [["127.0.0.1"]]
    http_server.answer("/", b"", status=302, headers={"Location": http_server.url("/b")})

    with pytest.raises(fetch.FetchRefused, match="away from https"):
        fetch.get(f"https://good.example:{tls_server}/", redirects=1)


def test_the_fixtures_server_answers_404_for_what_it_does_not_know(http_server, allowed):
    assert fetch.get(http_server.url("/unknown")).status == 404
    http_server.answers["/known"] = lambda request: write(request, b"1")
    assert fetch.get(http_server.url("/known")).json() == 1


@pytest.mark.parametrize("address", ["http://[::1", "//[", "http://[v1.a]x/", "http://x:port/"])
def test_a_redirect_to_what_is_no_address_is_a_failure(http_server, allowed, address):
    http_server.answer("/a", b"", status=302, headers={"Location": address})

    with pytest.raises(fetch.FetchError):
        fetch.get(http_server.url("/a"), redirects=1)
