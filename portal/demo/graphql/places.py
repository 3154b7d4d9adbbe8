"""Where the GraphQL API is."""

from django.conf import settings
from django.urls import reverse

from identity.core import conf


def path() -> str:
    return reverse("portal_demo:graphql")


def http_endpoint() -> str:
    """At the site itself: queries and mutations."""
    return f"{conf.settings().base_url}{path()}"


def realtime_endpoint() -> str | None:
    """At the process that also serves subscriptions, with TLS as Amplify insists; None where it isn't running."""
    port: int = settings.REALTIME_PORT
    return f"https://localhost:{port}{path()}" if port else None
