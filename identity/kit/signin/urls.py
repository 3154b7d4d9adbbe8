"""``path("accounts/", include("identity.kit.signin.urls"))`` in a host's URLs; ``LOGIN_URL = "identity-sign-in:login"``."""

from django.urls import path

from identity.kit.signin import views

app_name = "identity-sign-in"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("callback/", views.callback, name="callback"),
    path("logout/", views.logout, name="logout"),
]
