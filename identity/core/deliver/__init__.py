"""Senders of the outbox's messages."""

from identity.core import outbox
from identity.core.deliver import email, nobody, sms


def register_handlers() -> None:
    """Make the outbox know them. Called in ``AppConfig.ready()``."""
    outbox.handler("email")(email.send)
    outbox.handler("sms")(sms.send)
    outbox.handler("nobody")(nobody.send)
