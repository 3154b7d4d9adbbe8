"""Plain Django views guarded as REST framework's are."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from identity.kit.authentication import SigV4Authentication, UserPoolTokenAuthentication
from identity.kit.permissions import IsIdentified

View = Callable[..., HttpResponseBase]
METHODS = ("get", "post", "put", "patch", "delete", "head")


def guarded(
    *permissions: Any,
    by: Sequence[type[BaseAuthentication]] = (UserPoolTokenAuthentication, SigV4Authentication),
) -> Callable[[View], View]:
    """Let a plain view be called only by whom the permissions let in; by anybody who proved to be somebody without any::

        @guarded(HasGroup("admins"))
        def report(request):
            return HttpResponse(f"for {request.identity.name}")

    The view gets Django's own request with ``user`` and ``identity`` on it. Refusals are the JSON that APIs answer.
    It is exempt from CSRF checks, since nothing that a browser sends by itself lets anybody in.
    """

    def decorate(view: View) -> View:
        def handle(self: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            plain: HttpRequest = request._request
            return view(plain, *args, **kwargs)

        members: dict[str, Any] = {
            "authentication_classes": list(by),
            "permission_classes": list(permissions) or [IsIdentified],
            "renderer_classes": [JSONRenderer],
            "throttle_classes": [],
            **dict.fromkeys(METHODS, handle),
        }
        made: type[APIView] = type("Guarded", (APIView,), members)
        return wraps(view)(made.as_view())

    return decorate
