"""Where the demo's mails and SMS go: into its own mailbox instead of out."""

from collections.abc import Sequence
from html.parser import HTMLParser

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from identity.core import clock
from portal.demo.models import DemoMail

_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol"})
_UNSEEN = frozenset({"style", "script", "head", "title"})


class EmailBackend(BaseEmailBackend):
    """Django's mail backend that keeps each message, once for each recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = [_row_of(message, to) for message in email_messages for to in message.recipients()]
        DemoMail.objects.bulk_create(rows)
        return len(email_messages)


def keep_sms(to: str, text: str, user_pool_id: str) -> None:
    """The setting ``SMS_SENDER`` of the demo."""
    DemoMail.objects.create(kind=DemoMail.Kind.SMS, to=to, body=text, created_at=clock.now())


def _row_of(message: EmailMessage, to: str) -> DemoMail:
    return DemoMail(
        kind=DemoMail.Kind.EMAIL,
        to=to,
        subject=str(message.subject),
        body=_text_of(message),
        created_at=clock.now(),
    )


def _text_of(message: EmailMessage) -> str:
    """The mail as text with its links written out, so that the mailbox shows no foreign HTML."""
    html = [str(content) for content, kind in getattr(message, "alternatives", []) if kind == "text/html"]
    if message.content_subtype == "html":
        html = [str(message.body)]
    return text_of_html(html[0]) if html else str(message.body)


def text_of_html(html: str) -> str:
    """Plain text of HTML; a link is followed by its address."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = ("".join(reader.pieces)).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._links: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")
        self._unseen += tag in _UNSEEN
        if tag == "a":
            self._links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag == "a" and self._links and (address := self._links.pop()):
            self.pieces.append(f" ( {address} )")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)
