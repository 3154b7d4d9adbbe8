import pytest
from django.test import RequestFactory

from identity.core import hosts

pytestmark = pytest.mark.core_suite


def address(peer, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return hosts.client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


def test_without_trusted_proxies_the_header_is_a_claim(identity):
    identity(TRUSTED_PROXIES=())

    assert address("198.51.100.7", "203.0.113.9") == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "2001:DB8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("", "203.0.113.9", ""),
        ("unix:", None, ""),
    ],
)
def test_the_header_counts_as_far_as_trusted_proxies_wrote_it(identity, peer, forwarded, client):
    identity(TRUSTED_PROXIES=("10.0.0.0/8",))

    assert address(peer, forwarded) == client


def test_a_proxy_may_be_named_by_address(identity):
    identity(TRUSTED_PROXIES=("10.0.0.1", "2001:db8::5"))

    assert address("10.0.0.1", "203.0.113.9") == "203.0.113.9"
    assert address("2001:db8::5", "203.0.113.9") == "203.0.113.9"
    assert address("10.0.0.2", "203.0.113.9") == "10.0.0.2"


def test_the_user_agent_is_short_and_printable():
    request = RequestFactory().get("/", HTTP_USER_AGENT="curl/8\n\x00" + "x" * 1000)

    assert hosts.user_agent(request) == "curl/8" + "x" * 506
    assert hosts.user_agent(RequestFactory().get("/")) == ""


def test_hosts_follow_the_base_address(identity):
    identity(BASE_URL="https://ID.example.com:8443/")

    assert hosts.base_url("/x") == "https://ID.example.com:8443/x"
    assert hosts.base_host() == "id.example.com"
    assert hosts.auth_host() == "auth.id.example.com"
