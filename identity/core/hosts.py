"""Where a request came from, and under which addresses the service is reached."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from django.http import HttpRequest

from identity.core.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_USER_AGENT_LENGTH = 512
_LOCAL_NAMES = ("localhost", "testserver")


def client_address(request: HttpRequest) -> str:
    """The address of the client. ``X-Forwarded-For`` counts only as far as trusted proxies wrote it."""
    peer = _parse(request.META.get("REMOTE_ADDR", ""))
    if peer is None:
        return ""
    trusted = _networks(settings().trusted_proxies)
    hops = [peer]
    if _is_in(peer, trusted):
        hops += _forwarded(request.META.get("HTTP_X_FORWARDED_FOR", ""), trusted)
    return str(hops[-1])


def is_local(host: str) -> bool:
    """Whether only this machine is reached by this host name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in _LOCAL_NAMES or host.endswith(".localhost")


def is_from_proxy(request: HttpRequest) -> bool:
    """Whether one of ``TRUSTED_PROXIES`` is the peer, so that what it says of the client may be believed."""
    peer = _parse(request.META.get("REMOTE_ADDR", ""))
    return peer is not None and _is_in(peer, _networks(settings().trusted_proxies))


def _forwarded(header: str, trusted: tuple[Network, ...]) -> list[Address]:
    """From the right: each proxy appends whom it saw, so the first one not trusted is the client; what stands
    further left is the client's own claim."""
    hops: list[Address] = []
    for text in reversed(header.split(",")):
        address = _parse(text)
        if address is None:
            break
        hops.append(address)
        if not _is_in(address, trusted):
            break
    return hops


def _parse(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in trusted)


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def user_agent(request: HttpRequest) -> str:
    """The client's name of itself: printable, at most 512 characters."""
    given = request.META.get("HTTP_USER_AGENT", "")
    return "".join(c for c in given if c.isprintable())[:_USER_AGENT_LENGTH]


def base_url(path: str = "") -> str:
    """The public address with ``path`` (beginning with a slash) behind it."""
    return settings().base_url + path


def base_host() -> str:
    """The host of ``BASE_URL``, lower case, without a port."""
    return urlsplit(settings().base_url).hostname or "localhost"


def auth_host() -> str:
    """The base host of the pools' own hosts: ``<prefix>.auth.example.com`` beside ``example.com``. No port."""
    return f"auth.{base_host()}"
