"""A site that has identity pools and nothing else."""

from django.urls import include, path

from identity.wire import views

urlpatterns = [path("", views.endpoint), path("", include("identity.identitypools.urls"))]
