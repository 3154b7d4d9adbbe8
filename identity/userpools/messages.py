"""Mails and SMS to users: the pool's templates or a trigger's texts, filled in, and put into the outbox.

Mail bodies are HTML written by the pool's owner; what comes from a user is escaped in them.
Source: cognito/triggers §3 (CustomMessage) and §4 (templates).
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db import transaction

from identity.core import events as event_log
from identity.core import ids, outbox
from identity.userpools import codes, domains, triggers
from identity.userpools.deliveries import Delivery, Target
from identity.userpools.errors import CodeDeliveryFailure, InvalidLambdaResponse
from identity.userpools.events import CodeSent, CodeWithheld
from identity.userpools.models import Code, User, UserPool, UserPoolClient, pool_settings

Sent = TypeVar("Sent")

LONGEST_SMS = 140
LONGEST_EMAIL = 20_000
LONGEST_SUBJECT = 140

CODE = "{####}"
USERNAME = "{username}"
_LINK = re.compile(r"\{##(.+?)##\}", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{####\}|\{username\}")


class Occasion(StrEnum):
    """Why a message goes out: the suffix of the trigger's source."""

    SIGN_UP = "SignUp"
    RESEND_CODE = "ResendCode"
    FORGOT_PASSWORD = "ForgotPassword"
    UPDATE_ATTRIBUTE = "UpdateUserAttribute"
    VERIFY_ATTRIBUTE = "VerifyUserAttribute"
    INVITATION = "AdminCreateUser"


PURPOSES = {
    Occasion.SIGN_UP: Code.Purpose.SIGN_UP,
    Occasion.RESEND_CODE: Code.Purpose.SIGN_UP,
    Occasion.FORGOT_PASSWORD: Code.Purpose.FORGOT_PASSWORD,
    Occasion.UPDATE_ATTRIBUTE: Code.Purpose.ATTRIBUTE,
    Occasion.VERIFY_ATTRIBUTE: Code.Purpose.ATTRIBUTE,
}
# The link's page confirms a sign-up; for every other occasion an app asks for the code.
_BY_LINK = (Occasion.SIGN_UP, Occasion.RESEND_CODE)


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready for the outbox; ``kind`` is ``email`` or ``sms``."""

    kind: str
    content: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said to whom: ``secret`` is a code or a temporary password."""

    user: User
    client: UserPoolClient | None
    occasion: Occasion
    target: Target
    secret: str = field(repr=False)
    metadata: triggers.Metadata = field(default=None, repr=False)

    @property
    def pool(self) -> UserPool:
        return self.user.pool


def send_code(
    user: User,
    client: UserPoolClient | None,
    occasion: Occasion,
    target: Target,
    metadata: triggers.Metadata = None,
) -> Delivery:
    """Make a new code, which replaces the former one, and put its message into the outbox, in one transaction.

    Calls the CustomMessage trigger first, so it may stand in a transaction only where the pool has none.
    Raises the trigger errors, and CodeDeliveryFailure for a link without a domain.
    """
    text = ids.code()
    message = compose(Letter(user, client, occasion, target, text, metadata))
    with transaction.atomic(savepoint=False):
        codes.replace(user, PURPOSES[occasion], target, text)
        send(message)
        event_log.record(CodeSent(user.pool_id, str(user.sub), occasion.value, target.medium))
    return target.delivery


def send_to_nobody(pool: UserPool, occasion: Occasion) -> None:
    """What ``send_code`` costs, for nobody: the time of the answer must not tell that there was no one to write to.

    A pool's CustomMessage trigger is not asked: it could not be told whom the message is for.
    """
    message = Message("nobody", {"text": pool_settings.verification_texts(pool).email, "code": ids.code()})
    with transaction.atomic(savepoint=False):
        Code.objects.filter(user_id=0, purpose=PURPOSES[occasion]).update(attempts=0)
        send(message)
        event_log.record(CodeWithheld(pool.pk, occasion.value))


def with_deed(pool: UserPool, deed: Callable[[], object], send: Callable[[], Sent]) -> Sent:
    """Do the deed and put what tells of it into the outbox, in one transaction. Commits.

    A message trigger may ask for the user, and must not be waited for in a transaction: where the pool has one, the
    messages follow the commit.
    """
    if triggers.customizes_messages(pool):
        with transaction.atomic():
            deed()
        return send()
    with transaction.atomic():
        deed()
        return send()


def send(message: Message) -> None:
    """Put a message into the outbox, in the transaction of the deed that it tells of."""
    outbox.put(message.kind, message.content)


def compose(letter: Letter) -> Message:
    """Fill in the texts. Calls the CustomMessage trigger: outside any transaction."""
    custom = _custom(letter)
    if letter.target.medium == "SMS":
        return _sms(letter, custom.sms or _default_sms(letter))
    return _email(letter, custom)


# SMS


def _default_sms(letter: Letter) -> str:
    if letter.occasion is Occasion.INVITATION:
        return pool_settings.invitation_texts(letter.pool).sms
    return pool_settings.verification_texts(letter.pool).sms


def _sms(letter: Letter, text: str) -> Message:
    filled = _filled(text, letter.user.username, letter.secret)
    content = {"to": letter.target.value, "text": filled, "user_pool_id": letter.user.pool_id}
    return Message("sms", content)


# Mail


def _email(letter: Letter, custom: triggers.CustomMessage) -> Message:
    subject, body = _default_email(letter)
    text = custom.email or body
    filled = _filled(text, html.escape(letter.user.username), html.escape(letter.secret))
    if _is_by_link(letter):
        filled = _with_link(letter, filled)
    content = {
        "to": letter.target.value,
        "subject": _one_line(custom.email_subject or subject),
        "html": filled,
        "user_pool_id": letter.user.pool_id,
        "from": pool_settings.email_from(letter.pool) or "",
        "reply_to": pool_settings.email_reply_to(letter.pool) or "",
    }
    return Message("email", content)


def _default_email(letter: Letter) -> tuple[str, str]:
    """Subject and body of the pool's template."""
    if letter.occasion is Occasion.INVITATION:
        invitation = pool_settings.invitation_texts(letter.pool)
        return invitation.email_subject, invitation.email
    texts = pool_settings.verification_texts(letter.pool)
    if _is_by_link(letter):
        return texts.email_subject_by_link, texts.email_by_link
    return texts.email_subject, texts.email


def _is_by_link(letter: Letter) -> bool:
    texts = pool_settings.verification_texts(letter.pool)
    return texts.is_by_link and letter.occasion in _BY_LINK and letter.target.medium == "EMAIL"


def _with_link(letter: Letter, text: str) -> str:
    address = html.escape(confirmation_url(letter.user, letter.client, letter.secret))
    return _LINK.sub(lambda match: f'<a href="{address}">{match[1]}</a>', text)


def confirmation_url(user: User, client: UserPoolClient | None, code: str) -> str:
    """The address of the page that confirms a sign-up. Raises CodeDeliveryFailure for a pool without a domain."""
    base = domains.url_of(user.pool)
    if base is None:
        raise CodeDeliveryFailure("The user pool has no domain, which a verification link needs.")
    query = {
        "client_id": client.pk if client else "",
        "user_name": user.username,
        "confirmation_code": code,
    }
    return f"{base}/confirmUser?{urlencode(query)}"


def _filled(text: str, username: str, secret: str) -> str:
    # In one pass: a name that itself reads {####} must not draw the secret into it.
    values = {CODE: secret, USERNAME: username}
    return _PLACEHOLDER.sub(lambda match: values[match[0]], text)


def _one_line(subject: str) -> str:
    return " ".join(subject.split())


# The trigger's texts


def _custom(letter: Letter) -> triggers.CustomMessage:
    """The texts of the CustomMessage trigger, judged. Raises InvalidLambdaResponse for unfit ones."""
    if not triggers.customizes_messages(letter.pool):
        return triggers.CustomMessage()
    custom = triggers.custom_message(
        letter.user,
        letter.client,
        source=letter.occasion.value,
        is_invitation=letter.occasion is Occasion.INVITATION,
        is_link=_is_by_link(letter),
        metadata=letter.metadata,
    )
    _check(letter, custom)
    return custom


def _check(letter: Letter, custom: triggers.CustomMessage) -> None:
    if (custom.email or custom.email_subject) and not pool_settings.is_developer_email(letter.pool):
        raise InvalidLambdaResponse("Email message is allowed only with the DEVELOPER email sending account.")
    limits = (
        ("smsMessage", custom.sms, LONGEST_SMS),
        ("emailMessage", custom.email, LONGEST_EMAIL),
        ("emailSubject", custom.email_subject, LONGEST_SUBJECT),
    )
    for name, text, longest in limits:
        if text and len(text) > longest:
            raise InvalidLambdaResponse(f"CustomMessage {name} is longer than {longest} characters.")
    for name, text in (("smsMessage", custom.sms), ("emailMessage", custom.email)):
        if text and not _has_placeholders(letter, text):
            raise InvalidLambdaResponse(f"CustomMessage {name} lacks a required placeholder.")


def _has_placeholders(letter: Letter, text: str) -> bool:
    if letter.occasion is Occasion.INVITATION:
        return CODE in text and USERNAME in text
    return CODE in text or (_is_by_link(letter) and _LINK.search(text) is not None)
