"""The URLs of the sites, and what each tells of itself to the tests."""

import sys

from django.http import HttpRequest, JsonResponse
from django.urls import path


def modules(request: HttpRequest) -> JsonResponse:
    """Which modules of ours the server has imported by now."""
    return JsonResponse({"modules": sorted(n for n in sys.modules if n.startswith(("identity.", "portal.")))})


of_ourselves = path("modules", modules)
