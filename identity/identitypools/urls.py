"""Mount at the root of the host that verifiers ask, so that the paths are Amazon's."""

from django.urls import path

from identity.identitypools import views

app_name = "identitypools"
urlpatterns = [
    path(".well-known/openid-configuration", views.openid_configuration, name="openid_configuration"),
    path(".well-known/jwks_uri", views.jwks, name="jwks"),
    path(
        "identity-pools/.well-known/openid-configuration",
        views.brokers_openid_configuration,
        name="brokers_openid_configuration",
    ),
    path("identity-pools/.well-known/jwks.json", views.brokers_jwks, name="brokers_jwks"),
]
