"""The hosted ``/error``: where an authorization request ends that can't be answered to the app."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from portal.oauth import paths
from portal.oauth.responses import identified
from portal.pages import errors


@identified
@require_safe
def error(request: HttpRequest, prefix: str) -> HttpResponseBase:
    """Status 400, as Cognito answers here. Only errors that we know are named, never the text of the address."""
    paths.pool_of(prefix)
    return errors.by_code(request, request.GET.get("error", ""))
