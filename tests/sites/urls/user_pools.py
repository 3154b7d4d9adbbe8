from django.urls import include, path

from tests.sites.urls import of_ourselves

urlpatterns = [of_ourselves, path("", include("identity.urls")), path("", include("portal.urls"))]
