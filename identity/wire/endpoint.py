"""One call from request to answer, the same for all protocols, in DRF's life cycle.

A protocol's view says how a request names its operation, how its input is read and how answers are written;
who calls is asked of DRF authentication classes, whether they may of permission classes, how often a caller may of
throttles; how often an address may is asked before all of that.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NoReturn, cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from identity.core import clock, conf, ids
from identity.core.errors import ServiceError
from identity.wire import callers, errors, origin, rendering, throttles
from identity.wire.service import Asked, Call, Operation, Service

log = logging.getLogger("identity.wire")

_ID_PREFIX = re.compile(r"([a-z]{2,}(?:-[a-z]+)+-\d+)[_:].+", re.ASCII | re.DOTALL)
_TAGS = ("Tags", "UserPoolTags", "IdentityPoolTags")
_IDS = ("UserPoolId", "IdentityPoolId", "IdentityId")


@dataclass(frozen=True, slots=True)
class Route:
    """The operation that a request names. ``operation`` is None where it is not built yet."""

    service: Service
    name: str
    operation: Operation | None


class SigV4Caller(BaseAuthentication):
    """The caller by their signature; nobody, and no look at the header, on operations that need none."""

    def authenticate(self, request: Request) -> tuple[callers.Caller, str] | None:
        """Gives the caller and, as DRF's ``auth``, the region that was signed for. Raises AuthenticationError."""
        view = request.parser_context["view"]
        operation = view.operation
        if operation.unsigned:
            return None
        found = callers.authenticate_signature(request._request, service=view.route.service.signing_name)
        return found.caller, found.region


class PolicyAllows(BasePermission):
    """Asks the policies about the operation on every resource that it touches."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises AccessDenied with IAM's sentence rather than answering False."""
        endpoint: Endpoint = view  # type: ignore[assignment]  # DRF's signature names the base class
        operation = endpoint.operation
        if operation.unsigned or operation.unchecked:
            return True
        call = endpoint.call
        if call.caller is None:
            raise errors.MissingAuthenticationToken
        context = callers.request_context(request._request, region=call.region, now=call.now)
        context |= tag_context(endpoint.input)
        resources = operation.resource(call, endpoint.input)
        for each in [resources] if isinstance(resources, str | Asked) else resources:
            asked = Asked(each) if isinstance(each, str) else each
            _authorize(call.caller, asked.action or operation.action, asked, context)
        return True


def _authorize(caller: callers.Caller, action: str, asked: Asked, context: Mapping[str, Any]) -> None:
    try:
        callers.current().authorize(caller, action, asked.resource, {**context, **asked.context})
    except errors.AccessDenied as refusal:
        if asked.named:
            words = "on resource: "
            refusal.message = refusal.message.replace(words + asked.resource, words + asked.named)
        raise


class Endpoint(APIView):
    """Base of the protocols' views. One instance serves one request, so what it learns stands on it."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (SigV4Caller,)
    permission_classes: Sequence[type[BasePermission]] = (PolicyAllows,)
    throttle_classes: Sequence[type[BaseThrottle]] = ()
    methods: ClassVar[str] = "POST"

    request_id: str
    now: datetime
    route: Route
    operation: Operation
    input: dict[str, Any]
    call: Call

    def find_route(self, request: HttpRequest) -> Route:
        """The operation that the request names. Raises UnknownOperation."""
        raise NotImplementedError

    def read_input(self, request: HttpRequest) -> Any:
        """The input as parsed JSON, not yet checked. Raises SerializationError."""
        raise NotImplementedError

    def answer(self, value: dict[str, Any] | None) -> HttpResponse:
        """The success response. None stands for an operation without output."""
        raise NotImplementedError

    def error(self, error: ServiceError) -> HttpResponse:
        """The response for an error."""
        raise NotImplementedError

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The checks before the deed, in AWS's order: name, signature, input, policy.

        The address comes before them, for refusals cost work too and are what who guesses gets. A site's own throttles come
        last: they may look at the caller.
        """
        http_request = request._request
        self.request_id, self.now = ids.uuid(), clock.now()
        if not throttles.is_within_rate(http_request):
            raise errors.Throttled(why="too many calls of the address")
        self.route = self.find_route(http_request)
        if self.route.operation is None:
            raise errors.NotBuilt(f"{self.route.name} is not built yet")
        self.operation = self.route.operation
        self.perform_authentication(request)
        self.input = self.operation.validate(self.read_input(http_request))
        _require_unlike_tags(self.input, self.route.service)
        self.call = self._make_call(request)
        self.check_permissions(request)
        self.check_throttles(request)

    def serve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run the operation and bring its answer into shape."""
        value = self.operation.function(self.call, self.input)
        return self.answer(self.operation.shape(value or {}) if self.operation.shape else None)

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> NoReturn:
        """A host project's own permission class said no."""
        raise errors.AccessDenied(message)

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        """A throttle class said no."""
        raise errors.Throttled(why=f"wait {wait} s")

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Every exception becomes the protocol's error; what nobody foresaw becomes a 500 that names its request id."""
        error = _as_service_error(exc)
        if error is None:
            # Reporters such as Sentry, and Django's test client, listen to this signal.
            got_request_exception.send(sender=type(self), request=self.request._request)
            log.exception("%s failed, request %s", self._name, self.request_id)
            error = errors.InternalError(f"Internal error, request id {self.request_id}")
        else:
            log.info("%s: %s%s, request %s", self._name, error.code, _reason(error), self.request_id)
        return rendering.add_authorization_message(self.error(error), error)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """DRF's would negotiate content and patch ``Vary``; the protocols have one content type each."""
        assert isinstance(response, HttpResponse)
        return rendering.add_common_headers(response, self.request_id)

    def _make_call(self, request: Request) -> Call:
        http_request = request._request
        # What SigV4Caller returned; else whatever the site has DRF put there for nobody.
        user, scope_region = cast(Any, request.user), cast(Any, request.auth)
        caller = user if isinstance(user, callers.Caller) else None
        region = scope_region if isinstance(scope_region, str) else None
        settings = conf.settings()
        return Call(
            service=self.route.service.name,
            operation=self.route.name,
            region=region or region_of(self.input) or settings.region,
            account_id=caller.account_id if caller else settings.account_id,
            request_id=self.request_id,
            caller=caller,
            origin=origin.of(http_request),
            now=self.now,
        )

    @property
    def _name(self) -> str:
        route = getattr(self, "route", None)
        return f"{route.service.name}:{route.name}" if route else "unknown operation"


def region_of(given: dict[str, Any]) -> str | None:
    """The region that an id in the input begins with, or None. Unsigned calls have no scope that would say it."""
    for name in _IDS:
        value = given.get(name)
        found = _ID_PREFIX.fullmatch(value) if isinstance(value, str) else None
        if found:
            return found[1]
    return None


def _require_unlike_tags(given: dict[str, Any], service: Service) -> None:
    """Policies know no case in the names of tags: of two alike they would see one, and the other would be set unseen.

    Lists of tags have this rule in their own services. Raises the service's error for a broken constraint.
    """
    for name in _TAGS:
        value = given.get(name)
        if isinstance(value, dict) and len({key.lower() for key in value}) < len(value):
            raise errors.INVALID_REQUEST[service.validation_error](
                f"Tag keys in {name} have to differ in more than case."
            )


def tag_context(given: dict[str, Any]) -> dict[str, Any]:
    """Condition keys of tags that a call brings: maps in the Cognito services, pairs in STS."""
    tags: dict[str, Any] = {}
    for name in _TAGS:
        value = given.get(name)
        if isinstance(value, dict):
            tags |= value
        elif isinstance(value, list):
            tags |= {pair["Key"]: pair["Value"] for pair in value}
    keys = list(tags) or list(given.get("TagKeys", ()))
    if not keys:
        return {}
    return {f"aws:RequestTag/{key}": value for key, value in tags.items()} | {"aws:TagKeys": keys}


def _as_service_error(exc: Exception) -> ServiceError | None:
    match exc:
        case ServiceError():
            return exc
        case RequestDataTooBig():
            return errors.RequestTooLarge()
        case UnreadablePostError():
            return errors.SerializationError(why="the client stopped sending")
        case SuspiciousOperation():
            return errors.SerializationError(why=type(exc).__name__)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return errors.MissingAuthenticationToken(why=str(exc))
        case exceptions.PermissionDenied():
            return errors.AccessDenied(str(exc))
        case exceptions.MethodNotAllowed():
            return errors.UnknownOperation(why=str(exc))
    return None


def _reason(error: ServiceError) -> str:
    return f" ({error.why})" if error.why else ""
