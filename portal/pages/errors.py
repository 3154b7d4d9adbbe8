"""Pages for what went wrong: the hosted ``/error``, addresses without a page, refused forms, faults of ours."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from portal import csp
from portal.pages import texts
from portal.pages.texts import Text

log = logging.getLogger("identity.pages")

_BROKEN_LINK = _("This link doesn't work")
_GO_BACK = _("Go back to the app and start again from there.")


@dataclass(frozen=True, slots=True)
class Problem:
    """``detail`` is for the app's developers: what they have to change."""

    heading: Text = _BROKEN_LINK
    sub: Text = _GO_BACK
    detail: Text = ""


PROBLEMS: dict[str, Problem] = {
    "redirect_mismatch": Problem(
        detail=_(
            "redirect_mismatch: the redirect address is not among the app client's callback or sign-out URLs."
        )
    ),
    "invalid_request": Problem(
        detail=_(
            "invalid_request: client_id, response_type and redirect_uri are needed, each once, and have to fit."
        )
    ),
    "unauthorized_client": Problem(
        detail=_("unauthorized_client: the app client may not sign people in here.")
    ),
    "invalid_link": Problem(
        sub=_("Open it once more from the mail, whole and in one piece, or ask for a new one.")
    ),
    "server_error": Problem(
        heading=_("Something went wrong on our side"), sub=_("Try again in a moment, starting from the app.")
    ),
}
NO_SIGN_UP = Problem(
    heading=_("Accounts are made by an administrator"), sub=_("Ask for yours; then sign in with it.")
)
NO_RECOVERY = Problem(
    heading=_("Passwords are reset by an administrator"), sub=_("Ask for a new one; then sign in with it.")
)
NOT_FOUND = Problem(heading=_("There's no page here"), sub=_("Check the address, or open the app again."))
BAD_LINK = Problem(
    heading=_("That link has expired or was used"),
    sub=_("If your account is confirmed already, sign in. Else ask for a new link in the app."),
)
CSRF = Problem(
    heading=_("This page was open for too long"),
    sub=_("Nothing was sent. Go back, load the page again and repeat; cookies have to be allowed."),
)
FAULT = PROBLEMS["server_error"]


def page(
    request: HttpRequest,
    problem: Problem,
    *,
    status: int = 400,
    reference: str = "",
    again: str = "",
    app_name: str = "",
) -> HttpResponse:
    """An error page. ``again`` is the address of the sign-in page, where there is one to go back to.

    ``app_name`` leads the page where it is known which app the visitor comes from.
    """
    context = {
        "heading": problem.heading,
        "sub": problem.sub,
        "detail": problem.detail,
        "reference": reference,
        "again": again,
        "app_name": app_name,
    }
    return secured(render(request, "portal/error.html", context, status=status))


def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """The page for an OAuth error that can't be told to the app. Only known codes are repeated on it."""
    return page(request, PROBLEMS.get(code, PROBLEMS["invalid_request"]))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler404``."""
    return page(request, NOT_FOUND, status=404)


def server_fault(request: HttpRequest) -> HttpResponse:
    """``handler500``. Django has logged the fault already; this line ties the reference to it."""
    reference = texts.new_reference()
    log.error("reference %s: fault at %s %s", reference, request.method, request.path)
    return page(request, FAULT, status=500, reference=reference)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``."""
    log.info("form refused: %s", reason)
    return page(request, CSRF, status=403)


def secured(response: HttpResponse, form_sources: Iterable[str] = ()) -> HttpResponse:
    """The headers of every page: strict policy, never kept, and open to apps that show it in a pop-up."""
    csp.secure(response, form_sources)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # "same-origin" keeps the query of /authorize from leaking and still lets Django check a form's origin.
    response.headers["Referrer-Policy"] = "same-origin"
    # With "same-origin" an app's pop-up would lose its opener on the way through, and never hear of the sign-in.
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response
