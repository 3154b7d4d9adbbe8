"""Give an identity pool a broker from the command line, change it, try it out, or take it away."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from identity.identitypools import broker_tokens, brokers, pools
from identity.identitypools.errors import PoolNotFound
from identity.identitypools.models import Broker

_PLAIN = ("endpoint", "audience", "authenticated_role", "guest_role", "duration_seconds")
_FILES = ("session_policy", "guest_session_policy")


class Command(BaseCommand):
    help = "Let an identity pool's credentials come from a security token service elsewhere. Options left out stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pool_id", help="id of the identity pool")
        parser.add_argument("--endpoint", help="address of the security token service")
        parser.add_argument("--audience", help="client ID that it knows us by; the pool's id at first")
        parser.add_argument("--authenticated-role", help="ARN there, of those who are signed in")
        parser.add_argument("--guest-role", help="ARN there, of guests")
        parser.add_argument(
            "--role",
            action="append",
            metavar="HERE=THERE",
            help="ARN of a role that a rule or a token chooses, and of the role there; repeated, all of them",
        )
        parser.add_argument(
            "--session-policy", help="file with the session policy of those who are signed in"
        )
        parser.add_argument("--guest-session-policy", help="file with the session policy of guests")
        parser.add_argument("--duration-seconds", type=int, help="life of the credentials, 900 to 43,200")
        parser.add_argument(
            "--try", action="store_true", dest="try_out", help="ask for credentials of each role"
        )
        parser.add_argument("--remove", action="store_true", help="credentials come from here again")

    def handle(self, *args: Any, pool_id: str, **options: Any) -> None:
        try:
            pool = pools.get(pool_id)
        except PoolNotFound as error:
            raise CommandError(error.message) from error
        broker = pool.own_broker
        if options["remove"]:
            self._remove(broker)
            return
        broker = broker or Broker(pool=pool)
        if _changed(broker, options) or broker._state.adding:
            _save(broker)
        self.stdout.write(f"issuer {broker_tokens.issuer()}\nclient ID {broker.audience}")
        if options["try_out"]:
            self._try(broker)

    def _remove(self, broker: Broker | None) -> None:
        if broker is None:
            raise CommandError("The pool has no broker.")
        brokers.remove(broker)

    def _try(self, broker: Broker) -> None:
        trials = brokers.try_out(broker)
        for trial in trials:
            self.stdout.write(f"{trial.role_arn}: {trial.answer}")
        if not all(trial.is_good for trial in trials):
            raise CommandError("Not every role gave credentials.")


def _changed(broker: Broker, options: dict[str, Any]) -> bool:
    """Put what was given into the broker; whether anything was."""
    given = {name: options[name] for name in _PLAIN if options[name] is not None}
    given |= {name: _text(options[name]) for name in _FILES if options[name] is not None}
    if options["role"] is not None:
        given["roles"] = dict(_pair(one) for one in options["role"])
    for name, value in given.items():
        setattr(broker, name, value)
    return bool(given)


def _text(path: str) -> str:
    """An empty path takes the policy away."""
    try:
        return Path(path).read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} can't be read: {error}") from error


def _pair(text: str) -> tuple[str, str]:
    here, mark, there = text.partition("=arn:")
    if not mark:
        raise CommandError(f"{text} is not HERE=THERE, both ARNs")
    return here, f"arn:{there}"


def _save(broker: Broker) -> None:
    try:
        brokers.save(broker)
    except ValidationError as error:
        raise CommandError(json.dumps(error.message_dict, indent=2)) from error
