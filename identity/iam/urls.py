"""Mount at the root of the portal's address, as APIs on other machines are told it."""

from django.urls import path

from identity.iam.views import SigningKeyView

app_name = "iam"
urlpatterns = [path("identity-portal/signing-key", SigningKeyView.as_view(), name="signing-key")]
