"""What the tests' users get: SMS kept here, mails kept by Django's locmem backend; codes read out of both.

Reading drains the outbox first: in a test case nothing commits, so nothing nudges. pytest-django empties
``mail.outbox`` before each test; ``sms`` belongs to a test by the outbox it was kept beside.
"""

import re
from dataclasses import dataclass

from django.core import mail
from django.core.mail import EmailMessage

from identity.core import outbox

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@dataclass(frozen=True)
class Sms:
    to: str
    text: str
    user_pool_id: str
    mails_before: int


sms: list[Sms] = []


def keep_sms(to: str, text: str, user_pool_id: str) -> None:
    """``IDENTITY["SMS_SENDER"]`` of the tests."""
    sms.append(Sms(to, text, user_pool_id, mails_before=len(mail.outbox)))


def clear() -> None:
    """Throw away what came."""
    mail.outbox.clear()
    sms.clear()


def mails() -> list[EmailMessage]:
    """Every mail that was sent, after sending what waits."""
    outbox.drain()
    return list(mail.outbox)


def last_mail() -> EmailMessage:
    """The newest mail."""
    received = mails()
    assert received, "no mail was sent"
    return received[-1]


def last_sms() -> Sms:
    """The newest SMS."""
    outbox.drain()
    assert sms, "no SMS was sent"
    return sms[-1]


def last_text() -> str:
    """The text of the newest message, mail or SMS."""
    outbox.drain()
    if sms and sms[-1].mails_before == len(mail.outbox):
        return sms[-1].text
    return str(last_mail().body)


def last_code() -> str:
    """The six digits of the newest message."""
    found = CODE.search(last_text())
    assert found, "the newest message holds no code"
    return found.group()
