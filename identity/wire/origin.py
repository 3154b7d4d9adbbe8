"""Where a call came from, and the condition keys that follow from it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from identity.core import clock, hosts


@dataclass(frozen=True, slots=True)
class Origin:
    """The client's address as the trusted proxies tell it, its user agent, and whether it came by HTTPS."""

    ip: str
    user_agent: str
    is_secure: bool


def of(http_request: HttpRequest) -> Origin:
    """The origin of a request."""
    return Origin(
        hosts.client_address(http_request), hosts.user_agent(http_request), http_request.is_secure()
    )


def condition_keys(origin: Origin, *, region: str, now: datetime) -> dict[str, str]:
    """The condition keys that every request brings. Source: IAM guide, "AWS global condition context keys"."""
    return {
        "aws:SourceIp": origin.ip,
        "aws:UserAgent": origin.user_agent,
        "aws:SecureTransport": "true" if origin.is_secure else "false",
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(clock.seconds(now)),
        "aws:RequestedRegion": region,
    }
