"""DRF permissions: by group, by scope, by the caller's IAM policies.

Each factory gives a class, so that they stand in ``permission_classes`` and compose with ``&``, ``|`` and ``~``::

    permission_classes = [HasScope("notes/read") | PolicyPermission("execute-api:Invoke", "arn:…/notes/{pk}")]
"""

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.status import HTTP_403_FORBIDDEN
from rest_framework.views import APIView

from identity.core import clock
from identity.core import conf as core_conf
from identity.kit.people import SignedCaller, TokenUser
from identity.wire import callers, rendering

Resource = str | Callable[[Request, APIView], str]
ObjectResource = Callable[[Any], str]
Action = str | Mapping[str, str]

_NOT_SIGNED = "A signed request is required."


class _Permission(BasePermission):
    """``message`` is what DRF answers to a refusal: a text, or the body itself."""

    message: str | dict[str, str]


class IsIdentified(_Permission):
    """Whoever proved to be somebody: with a token or by a signature."""

    message = "A token or a signed request is required."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, TokenUser | SignedCaller)


class IsTokenUser(_Permission):
    """Whoever came with a user pool's token."""

    message = "A token of a user is required."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, TokenUser)


class IsSignedCaller(_Permission):
    """Whoever signed the request."""

    message = _NOT_SIGNED

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
        return _is_allowed(self, request, view, action, lambda: _resource_of(resource, request, view))

    return _permission(f"PolicyPermission({action})", has_permission, "Not allowed.")


def ObjectPolicyPermission(action: Action, resource: ObjectResource) -> type[BasePermission]:
    """As ``PolicyPermission``, about each object that the view fetches: ``resource`` is a function of the object.

    The view asks by ``check_object_permissions``, as REST framework's ``get_object`` does by itself::

        ObjectPolicyPermission("execute-api:Invoke", lambda note: f"arn:aws:execute-api:us-east-1:…:notes/{note.owner}")

    Lists have no such moment: filter their rows by who asks.
    """

    def has_permission(self: _Permission, request: Request, view: APIView) -> bool:
        self.message = _NOT_SIGNED
        return isinstance(request.user, SignedCaller)

    def has_object_permission(self: _Permission, request: Request, view: APIView, obj: Any) -> bool:
        return _is_allowed(self, request, view, action, lambda: resource(obj))

    made = _permission(f"ObjectPolicyPermission({action})", has_permission, "Not allowed.")
    return type(made.__name__, (made,), {"has_object_permission": has_object_permission})


def _is_allowed(
    permission: _Permission, request: Request, view: APIView, action: Action, resource: Callable[[], str]
) -> bool:
    if not isinstance(request.user, SignedCaller):
        permission.message = _NOT_SIGNED
        return False
    name = action if isinstance(action, str) else _of_method(action, request.method or "")
    if name is None:
        return False
    try:
        _authorize(request, request.user, name, resource())
    except callers.AccessDenied as error:
        permission.message = {"message": error.message}
        _add_to_refusal(view, error)
        return False
    return True


def _add_to_refusal(view: APIView, error: callers.AccessDenied) -> None:
    """Headers for the answer if it is a refusal: another permission (``|``) may yet let the caller in."""
    finalize = view.finalize_response

    def finalize_refusal(request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answered = finalize(request, response, *args, **kwargs)
        if answered.status_code == HTTP_403_FORBIDDEN:
            answered[rendering.ERROR_HEADER] = error.code
            rendering.add_authorization_message(answered, error)
        return answered

    view.finalize_response = finalize_refusal  # type: ignore[method-assign]  # of this one request's view


def _of_method(actions: Mapping[str, str], method: str) -> str | None:
    """HEAD is GET without the body, and asks for the same right where it has no name of its own."""
    return actions.get(method) or (actions.get("GET") if method == "HEAD" else None)


def _authorize(request: Request, user: SignedCaller, action: str, resource: str) -> None:
    context = callers.request_context(request._request, region=user.region, now=clock.now())
    callers.current().authorize(user.caller, action, resource, context)


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
