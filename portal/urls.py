"""What a browser and an OAuth client see; include at the root, after ``identity.urls``."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.oauth.urls")),
    path("", include("portal.pages.urls")),
]
