"""The hosted pages in path form; ``portal.middleware`` maps a pool's own host to it."""

from django.urls import path

from portal.pages import confirm, confirm_user, error, forgot, sign_in, sign_up

app_name = "portal_pages"

urlpatterns = [
    path("<str:prefix>/login", sign_in.sign_in, name="login"),
    path("<str:prefix>/signup", sign_up.sign_up, name="signup"),
    path("<str:prefix>/confirm", confirm.confirm, name="confirm"),
    path("<str:prefix>/resendcode", confirm.resend, name="resend"),
    path("<str:prefix>/confirmUser", confirm_user.confirm_user, name="confirm_user"),
    path("<str:prefix>/forgotPassword", forgot.forgot, name="forgot"),
    path("<str:prefix>/confirmforgotPassword", forgot.reset, name="reset"),
    path("<str:prefix>/error", error.error, name="error"),
]
