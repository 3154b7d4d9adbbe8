"""The services under a path of a host project."""

from django.urls import include, path

urlpatterns = [path("aws/", include("identity.urls"))]
