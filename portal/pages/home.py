"""The root of a site without the demo: says what this is and nothing more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.pages.errors import secured


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return secured(render(request, "portal/home.html"))
