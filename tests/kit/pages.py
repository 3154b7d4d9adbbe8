"""A Django site as a host has it, whose people sign in by a user pool; the pool's portal answers beside it."""

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.user.get_username()} {request.user.email}")  # type: ignore[union-attr]


urlpatterns = [
    path("private", private),
    path("form/", auth_views.LoginView.as_view(template_name="admin/login.html"), name="form"),
    path("accounts/", include("identity.kit.signin.urls")),
    path("", include("identity.urls")),
    path("", include("portal.urls")),
]
