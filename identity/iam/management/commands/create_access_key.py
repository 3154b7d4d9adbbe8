"""Make an access key from the command line; its secret is printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from identity.iam import keys, managed_policies, users
from identity.iam.models import ManagedPolicy, User


class Command(BaseCommand):
    help = "Make an access key for an IAM user (made if there is none of that name) and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default=keys.ADMINISTRATOR, help="name of the IAM user")
        parser.add_argument(
            "--policy",
            action="append",
            default=[],
            help="name or ARN of a managed policy to attach (may be repeated)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._make_key(options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error

    def _make_key(self, options: dict[str, Any]) -> None:
        with transaction.atomic():
            chosen = [_policy(one) for one in options["policy"]]
            user = User.objects.filter(name=options["user"]).first() or _make(options["user"])
            if user.name == keys.ADMINISTRATOR:
                keys.promote(user)
            for managed in chosen:
                users.attach(user, managed)
            new = keys.create(user)
        self.stdout.write(f"AWS_ACCESS_KEY_ID={new.key_id}\nAWS_SECRET_ACCESS_KEY={new.secret}")
        if not user.attached_policies.exists() and not user.inline_policies.exists():
            self.stderr.write(f"User {user.name} has no policies yet and may do nothing.")


def _make(name: str) -> User:
    try:
        return users.create(name)
    except ValidationError as error:
        raise CommandError("; ".join(error.messages)) from error


def _policy(name_or_arn: str) -> ManagedPolicy:
    name = name_or_arn.rpartition("/")[2]
    if name == managed_policies.ADMINISTRATOR_ACCESS:
        return managed_policies.administrator_access()
    found = ManagedPolicy.objects.filter(name=name).first()
    if found is None or name_or_arn not in (found.name, found.arn):
        raise CommandError(f"There is no managed policy {name_or_arn}.")
    return found
