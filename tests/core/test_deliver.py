import json
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from identity.core import outbox
from identity.core.deliver import email
from identity.core.models import OutboxMessage
from tests import mailbox

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]

MAIL = {
    "to": "ana@example.com",
    "subject": "Your code",
    "html": "<head><style>p{}</style></head><p>Your code is <b>123456</b>.</p><p>Caf&eacute; &lt;3</p>",
    "user_pool_id": "us-east-1_AbCdEf123",
}
SMS = {"to": "+15550100", "text": "Code 654321", "user_pool_id": "us-east-1_AbCdEf123"}


@pytest.fixture(autouse=True)
def empty_mailbox():
    mailbox.clear()


class RefusingBackend(EmailBackend):
    code = 550

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"ana@example.com": (self.code, b"ana@example.com unknown")})


class BusyBackend(RefusingBackend):
    code = 450


def test_a_mail_has_html_and_text_and_an_id_that_stays(identity):
    identity(EMAIL_FROM="Pool <no-reply@id.example.com>")
    outbox.put("email", MAIL)
    row = OutboxMessage.objects.get()

    sent = mailbox.last_mail()

    assert sent.to == ["ana@example.com"]
    assert sent.subject == "Your code"
    assert sent.from_email == "Pool <no-reply@id.example.com>"
    assert sent.body == "Your code is 123456.\nCafé <3"
    assert [(a.content, a.mimetype) for a in sent.alternatives] == [(MAIL["html"], "text/html")]
    assert sent.extra_headers["Message-ID"] == f"<{row.pk}@id.example.com>"


def test_a_pool_may_have_its_own_sender():
    outbox.put("email", MAIL | {"from": "support@pool.example"})

    assert mailbox.last_mail().from_email == "support@pool.example"
    assert mailbox.last_mail().extra_headers["Message-ID"].endswith("@pool.example>")
    assert mailbox.last_mail().reply_to == []


def test_a_pool_may_want_answers_elsewhere():
    outbox.put("email", MAIL | {"reply_to": "help@pool.example"})

    assert mailbox.last_mail().reply_to == ["help@pool.example"]


def test_line_breaks_become_lines():
    assert email.plain_text("a<br/>b<BR>c<script>x</script><div>d</div>\n\n\n\ne") == "a\nb\ncd\n\ne"


@pytest.mark.parametrize("member", ["subject", "to", "from"])
def test_a_header_cannot_bring_another(member):
    outbox.put("email", MAIL | {member: "x@example.com\nBcc: all@example.com"})

    outbox.drain()

    assert mail.outbox == []
    assert OutboxMessage.objects.get().dead_at is not None


def test_a_recipient_refused_for_good_is_not_tried_again(settings):
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    outbox.put("email", MAIL)

    outbox.drain()

    row = OutboxMessage.objects.get()
    assert row.dead_at is not None
    assert row.last_error == "recipient refused by the mail server"


def test_a_recipient_refused_for_now_is_tried_again(settings):
    settings.EMAIL_BACKEND = f"{__name__}.BusyBackend"
    outbox.put("email", MAIL)

    outbox.drain()

    row = OutboxMessage.objects.get()
    assert row.dead_at is None
    assert row.last_error == "SMTPRecipientsRefused"


def test_an_sms_is_posted_to_the_webhook_with_a_key_that_stays(identity, http_server):
    http_server.answer("/sms", {})
    identity(SMS_SENDER="", SMS_WEBHOOK_URL=http_server.url("/sms"), FETCH_PRIVATE=())
    outbox.put("sms", SMS)
    row = OutboxMessage.objects.get()

    outbox.drain()

    (seen,) = http_server.seen
    assert json.loads(seen["body"]) == SMS
    assert seen["headers"]["Idempotency-Key"] == str(row.pk)
    row.refresh_from_db()
    assert row.sent_at is not None


def test_a_webhook_that_fails_is_tried_again(identity, http_server):
    http_server.answer("/sms", {}, status=503)
    identity(SMS_SENDER="", SMS_WEBHOOK_URL=http_server.url("/sms"))
    outbox.put("sms", SMS)

    outbox.drain()

    row = OutboxMessage.objects.get()
    assert (row.last_error, row.sent_at, row.dead_at) == ("SMS webhook answered with status 503", None, None)


def test_a_webhook_that_is_down_is_tried_again_and_its_address_kept_out(identity):
    identity(SMS_SENDER="", SMS_WEBHOOK_URL="http://127.0.0.1:1/sms?token=secret")
    outbox.put("sms", SMS)

    outbox.drain()

    assert OutboxMessage.objects.get().last_error == "SMS webhook: 127.0.0.1: ConnectionRefusedError"


def test_without_a_sender_the_operator_is_told(identity, caplog):
    identity(SMS_SENDER="", SMS_WEBHOOK_URL="")
    outbox.put("sms", SMS)

    outbox.drain()

    assert "SMS_WEBHOOK_URL" in caplog.text
    assert OutboxMessage.objects.get().dead_at is None


def test_the_tests_mailbox_reads_the_newest_code():
    outbox.put("email", MAIL)
    assert mailbox.last_code() == "123456"

    outbox.put("sms", SMS)
    assert mailbox.last_code() == "654321"
    assert mailbox.last_sms().to == "+15550100"

    outbox.put("email", MAIL)
    assert mailbox.last_code() == "123456"
    assert len(mailbox.mails()) == 2
