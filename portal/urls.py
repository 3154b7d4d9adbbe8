"""What a browser and an OAuth client see; include at the root, after ``identity.urls``."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.oauth.urls")),
    path("", include("portal.pages.urls")),
]

# For the pools' own hosts, where these are all the URLs there are.
handler404 = "portal.pages.errors.not_found"
handler500 = "portal.pages.errors.server_fault"
