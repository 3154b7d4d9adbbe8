"""What a request shows of itself: the same for an HTTP request and for one that is told inside a WebSocket."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest

from identity.wire import callers, origin, sigv4


@dataclass(frozen=True, slots=True)
class Presented:
    """``signed`` is the request as its signature covers it. Header names are lower-case."""

    signed: sigv4.SignedRequest = field(repr=False)
    origin: origin.Origin

    @property
    def headers(self) -> Mapping[str, str]:
        return self.signed.headers


def of_http(request: HttpRequest) -> Presented:
    """Raises what reading the body raises."""
    return Presented(callers.signed_request(request), origin.of(request))
