"""``make serve``: what it refuses, and that every variable of the README's table does what it says."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.core.management import call_command

from identity.core import outbox
from identity.core.models import OutboxMessage
from tests.clients.receivers import MailServer, WebServer, serving
from tests.clients.test_operations import child, has_successor, is_answering, query, refusal
from tests.races import wait_for
from tests.site import ROOT, Site, free_port

pytestmark = pytest.mark.xdist_group("site")

KEYS = {
    "SECRET_KEY": "production-test-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF",
    "IDENTITY_MASTER_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
}
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:"
SOURCE = "arn:aws:ses:eu-central-1:123456789012:identity/hello@example.com"
ADMIN = ("AKIAPRODUCTIONTEST01", "production-test-secret-of-the-administrator")


# --- refusals


def test_without_keys_it_does_not_start(tmp_path) -> None:
    said = refusal("serve", tmp_path)

    assert len(said) == 2
    assert any(line.startswith("IDENTITY_MASTER_KEYS is empty") for line in said)
    assert any(line.startswith("SECRET_KEY is empty") for line in said)


def test_what_cannot_be_read_is_told_of_variable_by_variable(tmp_path) -> None:
    said = refusal(
        "serve",
        tmp_path,
        **KEYS,
        DATABASE_URL="mysql://me:hidden@host/db",
        REDIS_URL="hidden",
        CELERY_BROKER_URL="http://hidden:1/",
        EMAIL_URL="imap://me:hidden@host",
        IDENTITY_BASE_URL="id.example.com",
        IDENTITY_SMS_WEBHOOK_URL="ftp://hidden",
        IDENTITY_TRIGGERS="{not json",
        WEB_WORKERS="many",
        DEBUG="perhaps",
        LOG_LEVEL="LOUD",
    )

    assert {line.split(" ")[0] for line in said} == {
        *["DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL", "IDENTITY_BASE_URL"],
        *["IDENTITY_SMS_WEBHOOK_URL", "IDENTITY_TRIGGERS", "WEB_WORKERS", "DEBUG", "LOG_LEVEL"],
    }
    assert len(said) == 10
    assert "hidden" not in "".join(said)


def test_what_is_unsafe_is_refused(tmp_path) -> None:
    said = refusal(
        "serve",
        tmp_path,
        SECRET_KEY="short",
        IDENTITY_MASTER_KEYS="c2hvcnQ=,not-base64!",
        IDENTITY_BASE_URL="http://id.example.com",
        IDENTITY_ACCOUNT_ID="12",
        IDENTITY_ADMIN_ACCESS_KEY_ID="AKIAALONE00000000000",
        IDENTITY_TRIGGERS='{"arn:aws:lambda:x:1:function:f": "no.such.module"}',
        IDENTITY_FETCH_PRIVATE="10.0.0.0/8",
        TRUSTED_PROXIES="the-proxy",
        DEBUG="1",
        HOST="0.0.0.0",  # noqa: S104 - it is refused
    )

    for sentence in (
        "Your SECRET_KEY has less than 50 characters",
        "Key 1 of IDENTITY_MASTER_KEYS is not 32 bytes in base64",
        "Key 2 of IDENTITY_MASTER_KEYS is not 32 bytes in base64",
        "DEBUG is on although the service is reached at id.example.com",
        "DEBUG is on although the server listens at 0.0.0.0",
        "IDENTITY_BASE_URL is http although",
        "IDENTITY_ACCOUNT_ID must be twelve digits",
        "IDENTITY_ADMIN_ACCESS_KEY_ID and IDENTITY_ADMIN_SECRET_ACCESS_KEY are only of use together",
        "IDENTITY_TRIGGERS names no.such.module",
        "IDENTITY_FETCH_PRIVATE has '10.0.0.0/8'",
        "TRUSTED_PROXIES has 'the-proxy'",
    ):
        assert [line for line in said if line.startswith(sentence)], (sentence, said)
    assert len(said) == 11


def test_a_database_that_does_not_answer(tmp_path) -> None:
    url = f"postgres://me:hidden@127.0.0.1:{free_port()}/db"
    (said,) = refusal("serve", tmp_path, **KEYS, DATABASE_URL=url, EMAIL_URL="smtp://localhost")

    assert said.startswith("The database of DATABASE_URL does not answer: ")
    assert "refused" in said
    assert "hidden" not in said


# --- a production site with everything set


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with serving(server):
        yield server


@pytest.fixture(scope="module")
def web_server() -> Iterator[WebServer]:
    server = WebServer()
    with serving(server):
        yield server


@pytest.fixture(scope="module")
def production(
    mail_server: MailServer, web_server: WebServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    triggers = {
        f"{FUNCTION}pre-sign-up": f"{web_server.base}/function",
        f"{FUNCTION}mail": "tests.clients.receivers.custom_message",
    }
    site = Site(
        tmp_path_factory.mktemp("production"),
        {
            **KEYS,
            "IDENTITY_BASE_URL": "https://id.example.com",
            "ALLOWED_HOSTS": "id.example.com,localhost",
            "TRUSTED_PROXIES": "127.0.0.1",
            "EMAIL_URL": f"smtp://mailer:s%40cret@127.0.0.1:{mail_server.port}",
            "IDENTITY_SMS_WEBHOOK_URL": f"{web_server.base}/sms",
            "IDENTITY_TRIGGERS": json.dumps(triggers),
            "IDENTITY_REGION": "eu-central-1",
            "IDENTITY_ACCOUNT_ID": "123456789012",
            "IDENTITY_ADMIN_ACCESS_KEY_ID": ADMIN[0],
            "IDENTITY_ADMIN_SECRET_ACCESS_KEY": ADMIN[1],
            "WEB_WORKERS": "2",
            "LOG_LEVEL": "warning",
        },
        verb="serve",
    )
    try:
        yield site.start()
    finally:
        code = site.stop()
    assert code == 0


@pytest.fixture(scope="module")
def idp(production: Site) -> Any:
    return boto3.client(
        "cognito-idp",
        endpoint_url=production.base,
        region_name="eu-central-1",
        aws_access_key_id=ADMIN[0],
        aws_secret_access_key=ADMIN[1],
    )


def make_client(idp: Any, **settings: Any) -> str:
    pool = idp.create_user_pool(PoolName="production", **settings)["UserPool"]
    assert re.fullmatch(r"eu-central-1_\w+", pool["Id"])
    assert pool["Arn"] == f"arn:aws:cognito-idp:eu-central-1:123456789012:userpool/{pool['Id']}"
    return str(
        idp.create_user_pool_client(UserPoolId=pool["Id"], ClientName="app")["UserPoolClient"]["ClientId"]
    )


def get(site: Site, path: str, *, peer: str = "127.0.0.1", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10, source_address=(peer, 0))
    connection.request(
        "GET",
        path,
        headers={"Host": "id.example.com", **{k.replace("_", "-"): v for k, v in headers.items()}},
    )
    return connection.getresponse()


def test_mail_triggers_and_the_administrators_key(
    production: Site, idp: Any, mail_server: MailServer, web_server: WebServer
) -> None:
    client = make_client(
        idp,
        AutoVerifiedAttributes=["email"],
        EmailConfiguration={"EmailSendingAccount": "DEVELOPER", "SourceArn": SOURCE},
        LambdaConfig={"PreSignUp": f"{FUNCTION}pre-sign-up", "CustomMessage": f"{FUNCTION}mail"},
    )
    email = {"Name": "email", "Value": "ana@example.com"}

    idp.sign_up(ClientId=client, Username="ana", Password="Corr3ct-horse", UserAttributes=[email])
    with pytest.raises(idp.exceptions.UserLambdaValidationException, match="not you"):
        idp.sign_up(ClientId=client, Username="refused-bob", Password="Corr3ct-horse", UserAttributes=[email])

    (mail,) = wait_for(lambda: mail_server.mails_to("ana@example.com"), "mail")
    assert mail["Subject"] == "Hello from a function"
    assert mail["From"] == "no-reply@id.example.com"
    body = mail.get_body(("html",))
    assert body is not None
    code = re.search(r"Your number: (\d{6})", body.get_content())
    assert code
    idp.confirm_sign_up(ClientId=client, Username="ana", ConfirmationCode=code[1])
    assert mail_server.logins[0] == "\0mailer\0s@cret"
    assert [event["triggerSource"] for event in web_server.events] == ["PreSignUp_SignUp"] * 2


def test_text_messages_go_to_the_webhook(idp: Any, web_server: WebServer) -> None:
    client = make_client(
        idp,
        AutoVerifiedAttributes=["phone_number"],
        SmsConfiguration={"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"},
    )
    phone = {"Name": "phone_number", "Value": "+4915112345678"}

    idp.sign_up(ClientId=client, Username="ana", Password="Corr3ct-horse", UserAttributes=[phone])

    (text,) = wait_for(lambda: web_server.texts, "SMS")
    assert (text["to"], bool(re.search(r"\d{6}", text["text"]))) == ("+4915112345678", True)
    assert text["user_pool_id"].startswith("eu-central-1_")
    assert text["key"]


def test_a_worker_killed_while_it_sends_loses_no_mail(
    production: Site, idp: Any, mail_server: MailServer
) -> None:
    """The mail server lets the worker wait, so the claim is held; its lease is then ended by hand instead of in 60 s."""
    client = make_client(idp, AutoVerifiedAttributes=["email"])
    mail_server.is_talking.clear()
    mail_server.was_called.clear()
    email = {"Name": "email", "Value": "held@example.com"}
    idp.sign_up(ClientId=client, Username="held", Password="Corr3ct-horse", UserAttributes=[email])
    assert mail_server.was_called.wait(15)

    worker = child(production, "celery")
    worker.kill()
    mail_server.is_talking.set()
    assert mail_server.mails_to("held@example.com") == []
    wait_for(lambda: has_successor(production, "celery", worker), "new worker")
    attempts = "SELECT attempts FROM identity_core_outboxmessage WHERE sent_at IS NULL AND kind = %s"
    assert query(production, attempts, "email") == [(1,)]
    ended = "UPDATE identity_core_outboxmessage SET claimed_until = '2020-01-01 00:00:00' WHERE kind = %s"
    query(production, ended, "email")

    wait_for(lambda: mail_server.mails_to("held@example.com"), "mail by the next worker")


def test_nothing_of_the_demo_is_there(production: Site) -> None:
    for path in ("/demo/mailbox", "/demo/mailbox/code?to=a@example.com", "/demo/app/", "/demo/notes/public"):
        assert get(production, path).status == 404, path
    assert not (production.var / "demo.env").exists()
    pools = "SELECT count(*) FROM identity_userpools_userpool WHERE id LIKE %s"
    assert query(production, pools, "%Demo%") == [(0,)]
    assert "/demo/" not in get(production, "/").read().decode()


def test_static_files_are_served(production: Site) -> None:
    page = get(production, "/admin/login/").read().decode()
    sheet = re.search(r'href="(/static/admin/css/base\.[0-9a-f]+\.css)"', page)

    assert sheet
    answer = get(production, sheet[1])
    assert (answer.status, answer.headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')


def test_a_proxy_is_believed_and_nobody_else(production: Site) -> None:
    forwarded = {"X_Forwarded_Proto": "https"}

    assert get(production, "/admin/login/", **forwarded).headers["Strict-Transport-Security"]
    assert get(production, "/admin/login/").headers["Strict-Transport-Security"] is None
    others = get(production, "/admin/login/", peer="127.0.0.2", **forwarded)
    assert others.headers["Strict-Transport-Security"] is None


def test_hosts_that_are_not_allowed_are_refused_but_health_is_told(production: Site) -> None:
    assert get(production, "/", Host="evil.example.com").status == 400
    assert get(production, "/healthz", Host="10.1.2.3").status == 200
    assert get(production, "/healthz").read() == b'{"status": "ok"}'


def test_web_workers_is_the_number_of_web_processes(production: Site) -> None:
    assert is_answering(production)
    workers = [
        each
        for each in child(production, "wsgi").children()
        if "resource_tracker" not in " ".join(each.cmdline())
    ]

    assert len(workers) == 2


def test_the_log_has_no_secrets_and_no_faults(production: Site) -> None:
    for word in ("Traceback", "database is locked", "s@cret", ADMIN[1], "Corr3ct", "INFO"):
        assert word not in production.output, word


# --- single variables


def settings_with(**variables: str) -> dict[str, Any]:
    """What the site's settings become in an environment."""
    code = (
        "import json; from portal.site import settings as s; "
        "print(json.dumps({k: v for k, v in vars(s).items() if k.isupper()}, default=str))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://me:p%2Fw@mail:2525", ("smtp", "mail", 2525, "me", "p/w", False, False)),
        ("smtp://mail", ("smtp", "mail", 25, "", "", False, False)),
        ("smtp+tls://me:pw@mail", ("smtp", "mail", 587, "me", "pw", True, False)),
        ("smtp+ssl://me:pw@mail", ("smtp", "mail", 465, "me", "pw", False, True)),
        ("consolemail://", ("console", "localhost", 25, "", "", False, False)),
        ("", ("console", "localhost", 25, "", "", False, False)),
    ],
)
def test_email_url(url: str, expected: tuple[Any, ...]) -> None:
    from portal.site.environment import Environment

    found = Environment({"EMAIL_URL": url}).mail("EMAIL_URL")

    assert found.pop("EMAIL_BACKEND") == f"django.core.mail.backends.{expected[0]}.EmailBackend"
    assert found.pop("EMAIL_FILE_PATH") == ""
    assert tuple(found.values()) == expected[1:]


def test_an_environment_of_many_variables() -> None:
    found = settings_with(
        IDENTITY_VAR="/srv/a+b c",
        PORT="9000",
        DATABASE_URL="postgres://me:p%40w@db:5433/identity?sslmode=require",
        REDIS_URL="redis://cache:6379/1",
        CELERY_BROKER_URL="amqp://me:pw@broker:5672//",
        IDENTITY_FETCH_PRIVATE="idp.internal, 10.0.0.7",
        DEBUG="on",
    )

    database = found["DATABASES"]["default"]
    assert (database["USER"], database["PASSWORD"], database["HOST"], database["PORT"]) == (
        *("me", "p@w", "db"),
        5433,
    )
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == 10
    assert found["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/1"
    assert found["CELERY_BROKER_URL"] == "amqp://me:pw@broker:5672//"
    assert found["IDENTITY"]["FETCH_PRIVATE"] == ["idp.internal", "10.0.0.7"]
    assert found["BASE_URL"] == "http://localhost:9000"
    assert found["STATIC_ROOT"] == "/srv/a+b c/static"
    assert found["DEBUG"] is True


def test_the_defaults() -> None:
    found = settings_with(IDENTITY_VAR="/srv/a+b c", IDENTITY_BASE_URL="https://id.example.com/")

    assert found["DATABASES"]["default"]["NAME"] == "/srv/a+b c/identity.sqlite3"
    assert found["ALLOWED_HOSTS"][:2] == ["id.example.com", ".auth.id.example.com"]
    assert found["IDENTITY"]["BASE_URL"] == "https://id.example.com"
    assert found["DEBUG"] is False
    assert found["EMBEDDED_BROKER"] is True


def test_every_variable_is_in_the_readme_and_every_one_there_is_read() -> None:
    readme = (ROOT / "README.md").read_text()
    table = readme[readme.index("| variable |") : readme.index("## Add it to your own")]
    first_columns = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    documented = set(re.findall(r"`([A-Z_]+)`", " ".join(first_columns)))
    settings = (ROOT / "portal" / "site" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings)) - {"IDENTITY_DEMO"}

    assert documented == read


@pytest.mark.django_db
def test_drain_outbox_sends_what_waits(capsys: pytest.CaptureFixture[str], mailoutbox: list[Any]) -> None:
    mail = {"to": "ana@example.com", "subject": "s", "html": "h", "user_pool_id": "p", "from": ""}
    outbox.put("email", mail)

    call_command("drain_outbox")

    assert capsys.readouterr().out == "1 message tried.\n"
    assert [each.to for each in mailoutbox] == [["ana@example.com"]]
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0
