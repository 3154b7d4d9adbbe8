"""The portal's addresses, as tests reach them."""

from django.urls import include, path

urlpatterns = [path("", include("identity.urls")), path("", include("identity.iam.urls"))]
