"""The demo: its data, start page, mailbox, notes API and what the phone app asks for."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import Client

from identity.core import outbox
from identity.iam.models import Role
from identity.identitypools.models import IdentityPool
from identity.userpools.models import UserPool, UserPoolClient
from portal.demo import fixed, heartbeat, views
from portal.demo.mailbox import EmailBackend, keep_sms, text_of_html
from portal.demo.models import DemoMail, Note
from portal.demo.seed import seed
from tests import aws
from tests.portal.visitor import heading_of, text_of
from tests.userpools.people import PASSWORD

BASE = "http://localhost:8000"
PROVIDER = f"cognito-idp.us-east-1.amazonaws.com/{fixed.USER_POOL}"


@pytest.fixture
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    settings.IDENTITY = {
        **settings.IDENTITY,
        "BASE_URL": BASE,
        "ADMIN_ACCESS_KEY_ID": "AKIAAAAAAAAAAADEMO23",
        "ADMIN_SECRET_ACCESS_KEY": "an-administrators-secret-0123456789",
    }
    return tmp_path


@pytest.fixture
def demo(db: None, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's data; its worker is this process."""
    monkeypatch.delenv("IDENTITY_DEMO_ADMIN_PASSWORD", raising=False)
    seed("the-admins-password")


@pytest.fixture
def http() -> Client:
    return Client(headers={"host": "localhost:8000"})


@pytest.fixture
def signed_in(demo: None) -> dict[str, str]:
    """Credentials of a user of the demo's pool, with the identity's id."""
    idp = aws.client("cognito-idp", endpoint=BASE)
    attributes = [{"Name": "email", "Value": "ada@example.com"}]
    idp.sign_up(ClientId=fixed.CLIENT, Username="ada", Password=PASSWORD, UserAttributes=attributes)
    admin = aws.client(
        "cognito-idp",
        endpoint=BASE,
        access_key="AKIAAAAAAAAAAADEMO23",
        secret="an-administrators-secret-0123456789",
    )
    admin.admin_confirm_sign_up(UserPoolId=fixed.USER_POOL, Username="ada")
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    tokens = idp.initiate_auth(
        ClientId=fixed.CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]
    return {**credentials({PROVIDER: tokens["IdToken"]}), "AccessToken": tokens["AccessToken"]}


@pytest.fixture
def guest(demo: None) -> dict[str, str]:
    return credentials({})


def credentials(logins: dict[str, str]) -> dict[str, str]:
    identity = aws.client("cognito-identity", endpoint=BASE)
    given = {"Logins": logins} if logins else {}
    identity_id = identity.get_id(IdentityPoolId=fixed.IDENTITY_POOL, **given)["IdentityId"]
    got = identity.get_credentials_for_identity(IdentityId=identity_id, **given)["Credentials"]
    return {"IdentityId": identity_id, **{name: str(value) for name, value in got.items()}}


def call(
    method: str, path: str, by: dict[str, str], body: Any = None, *, service: str = "notes"
) -> tuple[int, Any]:
    """A signed call of the notes API, as botocore signs it."""
    return send(method, path, by, json.dumps(body) if body is not None else None, service=service)


def send(
    method: str, path: str, by: dict[str, str], data: str | None, *, service: str = "notes"
) -> tuple[int, Any]:
    """As ``call``, of any body."""
    headers = {"Content-Type": "application/json"} if data is not None else {}
    request = AWSRequest(method, f"{BASE}{path}", data=data, headers=headers)
    keys = Credentials(by["AccessKeyId"], by["SecretKey"], by["SessionToken"])
    SigV4Auth(keys, service, "us-east-1").add_auth(request)
    response = aws.send(Client(), request.prepare())
    return response.status_code, json.loads(response.content)


class TestData:
    def test_it_has_fixed_names(self, demo: None) -> None:
        pool = UserPool.objects.get(pk="us-east-1_Demo00001")
        assert [row.domain for row in pool.domains.all()] == ["demo"]
        clients = {client.pk: client for client in UserPoolClient.objects.filter(pool=pool)}
        assert set(clients) == {fixed.CLIENT, fixed.CONFIDENTIAL_CLIENT, fixed.MACHINE_CLIENT}
        assert all(re.fullmatch("[a-z0-9]{26}", each) for each in clients)
        assert [clients[each].has_secret for each in sorted(clients)] == [False, True, True]
        assert f"{BASE}/demo/app/" in clients[fixed.CLIENT].settings["CallbackURLs"]
        identity_pool = IdentityPool.objects.get(pk="us-east-1:00000000-0000-4000-8000-000000000001")
        assert identity_pool.allows_guests
        assert set(Role.objects.values_list("name", flat=True)) >= {"DemoGuest", "DemoSignedIn"}

    def test_again_it_is_the_same_data(self, demo: None) -> None:
        before = [
            UserPool.objects.count(),
            UserPoolClient.objects.count(),
            Role.objects.count(),
            Note.objects.count(),
        ]
        pool = UserPool.objects.get(pk=fixed.USER_POOL)
        pool.name = "Renamed"
        pool.save()

        seed("the-admins-password")

        assert before == [
            UserPool.objects.count(),
            UserPoolClient.objects.count(),
            Role.objects.count(),
            Note.objects.count(),
        ]
        assert UserPool.objects.get(pk=fixed.USER_POOL).name == "Renamed"

    def test_on_another_port_the_app_is_registered_there_too(self, demo: None, settings: Any) -> None:
        settings.IDENTITY = {**settings.IDENTITY, "BASE_URL": "http://localhost:8001"}

        seed("the-admins-password")

        urls = UserPoolClient.objects.get(pk=fixed.CLIENT).settings["CallbackURLs"]
        assert {f"{BASE}/demo/app/", "http://localhost:8001/demo/app/", "http://localhost:3000/"} == set(urls)

    def test_the_admin_has_the_password_that_is_printed(self, demo: None) -> None:
        seed("another-password")

        admin = get_user_model().objects.get(username="admin")
        assert admin.is_superuser
        assert admin.check_password("another-password")

    def test_the_command_makes_a_password_once_and_prints_where_everything_is(
        self, db: None, var: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("IDENTITY_DEMO_ADMIN_PASSWORD", raising=False)
        out = StringIO()

        call_command("demo", stdout=out)
        call_command("demo", "--print-only", stdout=out)

        file = var / "demo-admin-password"
        assert file.stat().st_mode & 0o077 == 0
        password = file.read_text()
        assert out.getvalue().count(f"admin / {password}") == 2
        assert "AKIAAAAAAAAAAADEMO23 / an-administrators-secret-0123456789" in out.getvalue()
        assert f"{BASE}/demo/oauth2/authorize?" in out.getvalue()
        assert "…" not in out.getvalue()


class TestStartPage:
    def test_it_says_what_runs_and_how_to_reach_it(self, demo: None, http: Client) -> None:
        page = http.get("/")

        assert page.status_code == 200
        assert heading_of(page) == "Your own Cognito is up."
        words = text_of(page)
        assert re.search(r"Running · (SQLite|PostgreSQL) · ", words)
        for name in (
            fixed.USER_POOL,
            fixed.CLIENT,
            fixed.IDENTITY_POOL,
            "AWS CLI",
            "boto3",
            "Amplify",
            "OpenID",
        ):
            assert name in words
        assert "…" not in "".join(re.findall(r"(?s)<pre.*?</pre>", page.content.decode()))

    def test_the_worker_is_up_when_it_answered_by_the_outbox(self, demo: None, http: Client) -> None:
        assert "no worker" in text_of(http.get("/"))

        outbox.drain()

        assert "worker up" in text_of(http.get("/"))
        assert heartbeat.is_worker_up()

    def test_it_works_before_there_is_data(self, db: None, var: Path, http: Client) -> None:
        page = http.get("/")

        assert page.status_code == 200
        assert "The demo’s data isn’t there yet." in text_of(page)

    def test_the_secret_is_shown_on_the_own_machine_only(self, demo: None) -> None:
        secret = "an-administrators-secret-0123456789"

        own = Client(headers={"host": "localhost:8000"}, REMOTE_ADDR="127.0.0.1").get("/")
        other = Client(headers={"host": "localhost:8000"}, REMOTE_ADDR="192.0.2.7").get("/")

        assert secret in own.content.decode()
        assert secret not in other.content.decode()

    def test_no_other_site_can_read_it(self, demo: None, http: Client) -> None:
        for path in ("/", "/demo/mailbox", "/demo/mailbox/code?to=", "/demo/app/"):
            page = http.get(path, headers={"origin": "https://evil.example.com"})
            assert "Access-Control-Allow-Origin" not in page

    def test_every_page_has_the_strict_policy_and_nothing_inline(self, demo: None, http: Client) -> None:
        for path in ("/", "/demo/mailbox", "/demo/app/"):
            page = http.get(path)
            assert "default-src 'none'" in page["Content-Security-Policy"]
            assert page["Cache-Control"] == "no-store"
            body = page.content.decode()
            assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", body)

    def test_the_hosted_link_leads_to_the_sign_in_page(self, demo: None, http: Client) -> None:
        found = re.search(
            r'href="(http://localhost:8000/demo/oauth2/authorize[^"]+)"', http.get("/").content.decode()
        )
        assert found

        response = http.get(found[1].replace("&amp;", "&").removeprefix(BASE))

        assert response["Location"].startswith("/demo/login?")
        assert "to continue to Notes" in text_of(http.get(response["Location"]))


class TestMailbox:
    def test_mails_and_texts_are_kept_newest_first(self, db: None, http: Client) -> None:
        EmailBackend().send_messages(
            [mail.EmailMessage("First", "One <b>bold</b>", to=["a@example.com", "b@example.com"])]
        )
        keep_sms("+4930123456", "Your code is 123456", "us-east-1_Demo00001")

        words = text_of(http.get("/demo/mailbox"))

        assert words.index("+4930123456") < words.index("b@example.com") < words.index("a@example.com")
        # What came in a mail is shown as text.
        assert "One <b>bold</b>" in words

    def test_it_can_show_one_recipient(self, db: None, http: Client) -> None:
        for to in ("a@example.com", "b@example.com"):
            EmailBackend().send_messages([mail.EmailMessage("Hello", f"for {to}", to=[to])])

        words = text_of(http.get("/demo/mailbox?to=A@example.com"))

        assert "for a@example.com" in words
        assert "for b@example.com" not in words

    def test_html_is_kept_as_text_with_its_links(self) -> None:
        html = (
            '<style>p{}</style><p>Dear Ana,</p><p>open <a href="https://x.example/?a=1&amp;b=2">this</a></p>'
        )

        assert text_of_html(html) == "Dear Ana,\nopen this ( https://x.example/?a=1&b=2 )"

    def test_a_script_gets_the_newest_code(self, db: None, http: Client) -> None:
        for code in ("111111", "222222"):
            EmailBackend().send_messages([mail.EmailMessage("Code", f"It is {code}.", to=["a@example.com"])])

        response = http.get("/demo/mailbox/code?to=a@example.com")

        assert response.content == b"222222"
        assert response["Content-Type"] == "text/plain"

    @pytest.mark.parametrize("page", ["mailbox", "mailbox/code"])
    def test_what_no_address_can_have_finds_nothing(
        self, db: None, http: Client, page: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "_CODE_PATIENCE_SECONDS", 0)

        assert http.get(f"/demo/{page}?to=%00").status_code == (200 if page == "mailbox" else 404)

    def test_a_third_who_waits_is_told_to_come_again(
        self, db: None, http: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "_CODE_PATIENCE_SECONDS", 0)
        assert http.get("/demo/mailbox/code?to=ada@example.com").status_code == 404

        with views._waiting, views._waiting:
            assert http.get("/demo/mailbox/code?to=ada@example.com").status_code == 503
            assert http.get("/demo/mailbox/code").status_code == 404
        assert http.get("/demo/mailbox/code?to=ada@example.com").status_code == 404

    def test_an_empty_mailbox_says_so(self, db: None, http: Client) -> None:
        assert "Nothing yet." in text_of(http.get("/demo/mailbox"))
        assert http.get("/demo/mailbox/code").status_code == 404

    def test_a_sent_code_arrives(self, demo: None, http: Client, settings: Any) -> None:
        settings.EMAIL_BACKEND = "portal.demo.mailbox.EmailBackend"
        idp = aws.client("cognito-idp", endpoint=BASE)
        attributes = [{"Name": "email", "Value": "ada@example.com"}]
        idp.sign_up(ClientId=fixed.CLIENT, Username="ada", Password=PASSWORD, UserAttributes=attributes)
        outbox.drain()

        code = http.get("/demo/mailbox/code?to=ada@example.com").content.decode()
        idp.confirm_sign_up(ClientId=fixed.CLIENT, Username="ada", ConfirmationCode=code)

        assert DemoMail.objects.get().subject == "Your code for Notes"


class TestNotes:
    def test_a_user_writes_and_reads_their_own(self, signed_in: dict[str, str]) -> None:
        mine = f"/demo/notes/{signed_in['IdentityId']}"

        status, note = call("POST", mine, signed_in, {"title": "Shopping", "text": "Bread, coffee."})
        assert status == 201
        status, listed = call("GET", mine, signed_in)
        assert (status, [each["title"] for each in listed["notes"]]) == (200, ["Shopping"])
        assert call("GET", "/demo/notes/mine", signed_in)[1] == listed
        assert call("GET", f"{mine}/{note['id']}", signed_in) == (200, note)

    def test_somebody_elses_are_refused_with_the_reason(self, signed_in: dict[str, str]) -> None:
        status, refusal = call("GET", f"/demo/notes/{fixed.OTHER_IDENTITY}", signed_in)

        assert status == 403
        assert refusal["__type"] == "AccessDeniedException"
        assert "assumed-role/DemoSignedIn/" in refusal["message"]
        assert "no identity-based policy allows the execute-api:Invoke action" in refusal["message"]

    def test_somebody_elses_can_not_be_written_either(self, signed_in: dict[str, str]) -> None:
        status, _ = call("POST", f"/demo/notes/{fixed.OTHER_IDENTITY}", signed_in, {"title": "Mine now"})

        assert status == 403
        assert Note.objects.filter(owner=fixed.OTHER_IDENTITY).count() == 1

    def test_a_guest_reads_the_public_ones_and_no_others(
        self, guest: dict[str, str], signed_in: dict[str, str]
    ) -> None:
        status, listed = call("GET", "/demo/notes/public", guest)
        assert status == 200
        assert len(listed["notes"]) == 2

        for path in (signed_in["IdentityId"], guest["IdentityId"], fixed.OTHER_IDENTITY):
            status, refusal = call("GET", f"/demo/notes/{path}", guest)
            assert (status, refusal["__type"]) == (403, "AccessDeniedException")

    def test_nobody_writes_public_ones(self, signed_in: dict[str, str]) -> None:
        assert call("POST", "/demo/notes/public", signed_in, {"title": "Spam"})[0] == 403

    def test_amplifys_service_name_will_do(self, signed_in: dict[str, str]) -> None:
        assert call("GET", "/demo/notes/public", signed_in, service="execute-api")[0] == 200

    def test_another_services_signature_will_not(self, signed_in: dict[str, str]) -> None:
        assert call("GET", "/demo/notes/public", signed_in, service="s3")[0] == 403

    def test_without_a_signature_nothing_opens(self, demo: None, http: Client) -> None:
        response = http.get("/demo/notes/public")

        assert response.status_code in (401, 403)

    @pytest.mark.parametrize("depth", [10, 990, 100_000])
    def test_a_body_that_nests_is_a_bad_request(self, signed_in: dict[str, str], depth: int) -> None:
        assert send("POST", "/demo/notes/mine", signed_in, "[" * depth + "]" * depth)[0] == 400

    def test_a_body_that_is_too_large_is_told_so(self, signed_in: dict[str, str]) -> None:
        status, problem = send("POST", "/demo/notes/mine", signed_in, json.dumps({"title": "a" * 3_000_000}))

        assert (status, problem) == (413, {"message": "Request entity too large"})

    def test_a_note_needs_a_title(self, signed_in: dict[str, str]) -> None:
        status, problem = call("POST", "/demo/notes/mine", signed_in, {"text": "no title"})

        assert status == 400
        assert "title" in problem


class TestProfile:
    def test_an_access_token_tells_who_is_calling(self, signed_in: dict[str, str], http: Client) -> None:
        response = http.get("/demo/profile", headers={"authorization": f"Bearer {signed_in['AccessToken']}"})

        assert response.status_code == 200
        assert response.json()["username"] == "ada"

    def test_without_one_it_is_refused(self, demo: None, http: Client) -> None:
        response = http.get("/demo/profile")

        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")


class TestPhoneApp:
    def test_it_is_told_where_everything_is(self, demo: None, http: Client) -> None:
        body = http.get("/demo/app/").content.decode()

        assert f'data-client="{fixed.CLIENT}"' in body
        assert f'data-identity-pool="{fixed.IDENTITY_POOL}"' in body
        assert 'data-notes="/demo/notes/"' in body
        assert 'data-roles="/demo/role/"' in body
        assert f'data-callback="{BASE}/demo/app/"' in body
        assert "needs JavaScript" in body

    def test_it_can_show_what_a_role_may_do(self, demo: None, http: Client) -> None:
        shown = http.get("/demo/role/DemoSignedIn").json()

        resources = json.dumps(shown["policy"]["Statement"])
        assert "${cognito-identity.amazonaws.com:sub}" in resources
        assert shown["trust"]["Statement"][0]["Action"] == "sts:AssumeRoleWithWebIdentity"

    def test_it_shows_no_other_roles(self, demo: None, http: Client) -> None:
        assert http.get("/demo/role/Administrator").status_code == 404
