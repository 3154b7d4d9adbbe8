"""Mail, through whatever Django's ``EMAIL_BACKEND`` is."""

import re
import smtplib
from email.utils import parseaddr
from html import unescape
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils.html import strip_tags

from identity.core.conf import settings
from identity.core.outbox import Undeliverable

_LINE_BREAK = re.compile(r"[\r\n]")
_LINE_ENDS = re.compile(r"<br\s*/?>|</(?:p|div|h[1-6]|li|tr)\s*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


def send(content: dict[str, Any], *, key: str) -> None:
    """Send ``{"to","subject","html","user_pool_id","from","reply_to"}``; the last two may be missing or empty.

    ``key`` makes the Message-ID, the same at every try: a mail server or reader may know a mail that comes
    twice by it. Raises ``Undeliverable`` for a recipient that the server refuses for good.
    """
    sender, reply_to = content.get("from") or settings().email_from, content.get("reply_to") or ""
    if _LINE_BREAK.search(sender + reply_to + content["subject"] + content["to"]):
        raise Undeliverable("a header of the mail has a line break")
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    mail = EmailMultiAlternatives(
        subject=content["subject"],
        body=plain_text(content["html"]),
        from_email=sender,
        to=[content["to"]],
        reply_to=[reply_to] if reply_to else None,
        headers={"Message-ID": f"<{key}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(content["html"], "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _ in error.recipients.values()):
            raise Undeliverable("recipient refused by the mail server") from error
        raise


def plain_text(html: str) -> str:
    """The text of a mail for readers that show no HTML."""
    text = unescape(strip_tags(_LINE_ENDS.sub("\n", _UNSEEN.sub("", html))))
    lines = [line.strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
