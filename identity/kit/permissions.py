"""DRF permissions: by group, by scope, by the caller's IAM policies.

Each factory gives a class, so that they stand in ``permission_classes`` and compose with ``&``, ``|`` and ``~``::

    permission_classes = [HasScope("notes/read") | PolicyPermission("execute-api:Invoke", "arn:…/notes/{pk}")]
"""

from collections.abc import Callable, Mapping

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from identity.core import clock
from identity.core import conf as core_conf
from identity.kit.people import SignedCaller, TokenUser
from identity.wire import callers
from identity.wire.rendering import AUTHORIZATION_MESSAGE_HEADER

Resource = str | Callable[[Request, APIView], str]
Action = str | Mapping[str, str]


class _Permission(BasePermission):
    """``message`` is what DRF answers to a refusal: a text, or the body itself."""

    message: str | dict[str, str]


class IsTokenUser(_Permission):
    """Whoever came with a user pool's token."""

    message = "A token of a user is required."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, TokenUser)


class IsSignedCaller(_Permission):
    """Whoever signed the request."""

    message = "A signed request is required."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, SignedCaller)


def HasGroup(*names: str) -> type[BasePermission]:
    """Members of any of these groups of the user pool, by the token's ``cognito:groups``."""
    wanted = _required(names)

    def has_permission(self: _Permission, request: Request, view: APIView) -> bool:
        return isinstance(request.user, TokenUser) and not wanted.isdisjoint(request.user.groups)

    return _permission(
        f"HasGroup({', '.join(names)})", has_permission, "You are not a member of a group that may."
    )


def HasScope(*names: str) -> type[BasePermission]:
    """Access tokens with any of these scopes, such as ``notes/read`` of a resource server."""
    wanted = _required(names)

    def has_permission(self: _Permission, request: Request, view: APIView) -> bool:
        return isinstance(request.user, TokenUser) and not wanted.isdisjoint(request.user.scopes)

    return _permission(f"HasScope({', '.join(names)})", has_permission, "The token lacks a scope that may.")


def PolicyPermission(action: Action, resource: Resource = "*") -> type[BasePermission]:
    """Signed callers whose policies allow ``action`` on ``resource``; the refusal says what AWS says, and
    carries its reasons sealed in ``x-amzn-authorization-message`` for ``sts:DecodeAuthorizationMessage``.

    ``action`` is a name (``execute-api:Invoke``) or one for each HTTP method; a method without one is refused.
    ``resource`` is an ARN in which ``{region}``, ``{account}`` and the view's URL arguments (``{pk}``) are filled in, or
    a function of request and view. Guests of identity pools' enhanced flow are bounded by session policies: of names
    that a host may use for its own, those of ``execute-api`` are allowed to them.
    """

    def has_permission(self: _Permission, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, SignedCaller):
            self.message = "A signed request is required."
            return False
        name = action if isinstance(action, str) else action.get(request.method or "")
        if name is None:
            return False
        try:
            _authorize(request, request.user, name, _resource_of(resource, request, view))
        except callers.AccessDenied as error:
            self.message = {"message": error.message}
            _set_header(view, error.encoded_message)
            return False
        _set_header(view, None)
        return True

    return _permission(f"PolicyPermission({action})", has_permission, "Not allowed.")


def _authorize(request: Request, user: SignedCaller, action: str, resource: str) -> None:
    context = callers.request_context(request._request, region=user.region, now=clock.now())
    callers.current().authorize(user.caller, action, resource, context)


def _set_header(view: APIView, encoded_message: str | None) -> None:
    """Onto the headers that DRF's view adds to every answer; off again where an alternative (``|``) lets the caller in."""
    view.headers.pop(AUTHORIZATION_MESSAGE_HEADER, None)
    if encoded_message is not None:
        view.headers[AUTHORIZATION_MESSAGE_HEADER] = encoded_message


def _resource_of(resource: Resource, request: Request, view: APIView) -> str:
    if not isinstance(resource, str):
        return resource(request, view)
    settings = core_conf.settings()
    return resource.format_map({"region": settings.region, "account": settings.account_id, **view.kwargs})


def _required(names: tuple[str, ...]) -> frozenset[str]:
    if not names:
        raise ValueError("name at least one")
    return frozenset(names)


def _permission(name: str, has_permission: Callable[..., bool], message: str) -> type[BasePermission]:
    return type(name, (_Permission,), {"has_permission": has_permission, "message": message})
