"""Mounted at ``demo/`` where the demo is installed. Its prefix domain is also ``demo``: what isn't here is a hosted page."""

from django.urls import path

from identity.kit.graphql.views import endpoint
from portal.demo import notes, views
from portal.demo.graphql.api import notes_api

app_name = "portal_demo"

urlpatterns = [
    path("app/", views.phone_app, name="app"),
    path("mailbox", views.mailbox, name="mailbox"),
    path("mailbox/code", views.mailed_code, name="mailed_code"),
    path("role/<str:name>", views.role, name="role"),
    path("notes/<str:owner>", notes.Notes.as_view(), name="notes"),
    path("notes/<str:owner>/<uuid:note>", notes.OneNote.as_view(), name="note"),
    path("graphql", endpoint(notes_api), name="graphql"),
    path("profile", notes.Profile.as_view(), name="profile"),
]
