"""``manage.py demo``: make the demo's data, then say where everything is."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from identity.core import conf, ids
from portal.demo import fixed, heartbeat
from portal.demo.graphql import places as places_of_graphql
from portal.demo.paste import pastes
from portal.demo.places import places
from portal.demo.seed import seed


class Command(BaseCommand):
    help = (
        "Makes the demo's data with fixed ids (again: the same data, no harm) and prints where everything is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--print-only", action="store_true", help="Make nothing, only print.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for a sign of life of the worker too, so that the start page can tell of it at once."""
        password = admin_password()
        if not options["print_only"]:
            seed(password)
        heartbeat.ask()
        if options["print_only"] or options["verbosity"] > 0:
            self.stdout.write(where_everything_is(password))


def admin_password() -> str:
    """The admin's password: as the supervisor gives it, else one made once and kept under ``var/``."""
    if given := os.environ.get("IDENTITY_DEMO_ADMIN_PASSWORD"):
        return given
    file = Path(settings.VAR_DIR) / "demo-admin-password"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(ids.password())
    return file.read_text().strip()


def where_everything_is(password: str) -> str:
    """For the terminal: addresses, names, secrets, lines to paste."""
    here, given = places(), conf.settings()
    rows = {
        "Start page": f"{here.base}/",
        "Hosted sign-in": here.sign_in,
        "Phone app": here.callback,
        "Mailbox": f"{here.base}{here.mailbox}",
        "GraphQL": _graphql_endpoints(),
        "Admin": f"{here.base}{reverse('admin:index')}  {fixed.ADMIN} / {password}",
        "Access key": f"{given.admin_access_key_id} / {given.admin_secret_access_key}",
        "User pool": f"{fixed.USER_POOL}, clients {fixed.CLIENT} (public), {fixed.CONFIDENTIAL_CLIENT} (secret)",
        "Identity pool": fixed.IDENTITY_POOL,
    }
    lines = ["", *(f"  {name:<15} {value}" for name, value in rows.items())]
    for paste in pastes(here, with_secret=True):
        if paste.key != "openid":
            lines += ["", f"--- {paste.title}: lines to paste ---", "", paste.text.rstrip()]
    return "\n".join(lines)


def _graphql_endpoints() -> str:
    realtime = places_of_graphql.realtime_endpoint()
    also = f", and with subscriptions {realtime} (trust var/demo-tls/ca.pem)" if realtime else ""
    return f"{places_of_graphql.http_endpoint()}{also}"
