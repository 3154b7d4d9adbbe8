"""``python -m tests.sites.serve``: migrate, check and serve the site of ``DJANGO_SETTINGS_MODULE`` on ``SITE_PORT``.

What its owner would set up in the admin comes as JSON in ``SITE_OWNER``: providers, roles, access keys.
"""

import json
import os

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The tests read no access log."""


def own(wanted: dict[str, dict[str, object]]) -> None:
    """Providers by issuer, roles by name, and users with their keys."""
    from identity.iam import keys, oidc_providers, roles
    from identity.iam.models import User, UserPolicy

    keys.ensure_administrator_from_settings()
    for issuer, client_ids in wanted.get("providers", {}).items():
        oidc_providers.create(issuer, client_ids)  # type: ignore[arg-type]
    for name, documents in wanted.get("roles", {}).items():
        trust, allowed = documents  # type: ignore[misc]
        roles.put_policy(roles.create(name, trust), "may", allowed)
    for name, document in wanted.get("users", {}).items():
        user = User.objects.create(name=name)
        UserPolicy.objects.create(user=user, name="may", document=json.dumps(document))
        made = keys.create(user)
        print(json.dumps([made.key_id, made.secret]), flush=True)


def main() -> None:
    django.setup()
    if settings.DATABASES:
        call_command("migrate", verbosity=0)
    call_command("check", fail_level="WARNING")
    if apps.is_installed("identity.iam"):
        own(json.loads(os.environ.get("SITE_OWNER", "{}")))
    server = ThreadedWSGIServer(("127.0.0.1", int(os.environ["SITE_PORT"])), Quiet)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    print("serving", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
