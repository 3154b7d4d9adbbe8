"""The test API and, on the same host for the tests' sake, the portal that it asks."""

from django.urls import include, path

from tests.kit.api import urlpatterns as api

urlpatterns = [*api, path("", include("identity.urls")), path("", include("portal.urls"))]
