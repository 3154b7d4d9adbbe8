"""The demo's GraphQL API: what each role and token opens, and whose notes are whose."""

import base64
import json
from typing import Any

import pytest
from django.test import Client

from identity.identitypools.logins import known_issuers
from identity.kit import issuer_keys
from identity.kit.graphql import authorizer
from portal.demo import fixed
from portal.demo.models import Note
from portal.demo.seed import seed
from tests import aws
from tests.kit.graphql import world

pytestmark = pytest.mark.core_suite

PASSWORD = "Corr3ct-horse"
LOGIN = f"cognito-idp.us-east-1.amazonaws.com/{fixed.USER_POOL}"
PUBLIC, OTHERS = "00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000b1"
CREATE = 'mutation { createNote(title: "Mine", text: "x") { id title text owner createdAt } }'

FIELDS = {
    "publicNotes": "{ publicNotes { id title owner } }",
    "note": '{ note(id: "%s") { title } }' % PUBLIC,  # noqa: UP031 - braces
    "myNotes": "{ myNotes { id } }",
    "createNote": CREATE,
    "deleteNote": 'mutation { deleteNote(id: "x") { id } }',
    "createPublicNote": 'mutation { createPublicNote(title: "All") { id } }',
}
OPEN = {
    "guest": {"publicNotes", "note"},
    "signed in": {"publicNotes", "note", "myNotes", "createNote", "deleteNote"},
    "token": {"publicNotes", "note", "myNotes", "createNote", "deleteNote"},
    "editor's token": set(FIELDS),
    "identity's token": {"publicNotes", "note", "myNotes", "createNote", "deleteNote"},
    "guest's own token": {"publicNotes", "note"},
    "API key": {"publicNotes", "note"},
    "visitor": {"publicNotes", "note"},
    "administrator": {"publicNotes", "note"},
}


@pytest.fixture
def demo(settings: Any, tmp_path: Any, admin_key: tuple[str, str]) -> None:
    """The demo's data; nothing is kept of another test's keys."""
    settings.VAR_DIR = tmp_path
    authorizer.forget()
    issuer_keys.forget()
    known_issuers.forget()
    seed("the-admins-password")


def sign_up(name: str, *, groups: tuple[str, ...] = (), admin_key: tuple[str, str]) -> dict[str, str]:
    admin = aws.client("cognito-idp", access_key=admin_key[0], secret=admin_key[1])
    attributes = [{"Name": "email", "Value": f"{name}@example.com"}]
    admin.sign_up(ClientId=fixed.CLIENT, Username=name, Password=PASSWORD, UserAttributes=attributes)
    admin.admin_confirm_sign_up(UserPoolId=fixed.USER_POOL, Username=name)
    for group in groups:
        admin.create_group(UserPoolId=fixed.USER_POOL, GroupName=group)
        admin.admin_add_user_to_group(UserPoolId=fixed.USER_POOL, Username=name, GroupName=group)
    tokens: dict[str, str] = admin.initiate_auth(
        ClientId=fixed.CLIENT,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return tokens


class Visitor:
    """Somebody who asks, in one of the ways in."""

    def __init__(self, headers: dict[str, str] | None = None, key: Any = None) -> None:
        self.headers, self.key = headers, key

    def ask(self, query: str) -> Any:
        return self.response(query).json()

    def response(self, query: str) -> Any:
        path = "/demo/graphql"
        if self.key is None:
            body = json.dumps({"query": query})
            return Client().post(path, body, content_type="application/json", headers=self.headers or {})
        return world.signed(query, self.key, path=path)


def identity_of(tokens: dict[str, str] | None) -> tuple[str, dict[str, str], str]:
    """Identity, credentials and own token that the identity pool gives for a login, or to a guest."""
    pool = aws.client("cognito-identity")
    logins = {LOGIN: tokens["IdToken"]} if tokens else {}
    identity = pool.get_id(IdentityPoolId=fixed.IDENTITY_POOL, Logins=logins)["IdentityId"]
    credentials = pool.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    return identity, credentials, pool.get_open_id_token(IdentityId=identity, Logins=logins)["Token"]


def bearer(token: str) -> Visitor:
    return Visitor({"Authorization": token})


@pytest.fixture
def visitors(demo: None, admin_key: tuple[str, str]) -> dict[str, Visitor]:
    ada = sign_up("ada", admin_key=admin_key)
    _, signed_in, own_token = identity_of(ada)
    _, guest, guest_token = identity_of(None)
    return {
        "guest": Visitor(key=guest),
        "signed in": Visitor(key=signed_in),
        "token": bearer(ada["AccessToken"]),
        "editor's token": bearer(sign_up("eve", groups=("editors",), admin_key=admin_key)["AccessToken"]),
        "identity's token": bearer(own_token),
        "guest's own token": bearer(guest_token),
        "API key": Visitor({"x-api-key": fixed.GRAPHQL_KEY}),
        "visitor": bearer(fixed.GRAPHQL_TOKEN),
        "administrator": Visitor(key=admin_key),
    }


def test_each_way_in_opens_its_fields_and_no_others(visitors: dict[str, Visitor]) -> None:
    opened = {
        who: {name for name, query in FIELDS.items() if "errors" not in visitor.ask(query)}
        for who, visitor in visitors.items()
    }

    assert opened == OPEN


def test_a_person_has_the_same_notes_by_token_and_by_credentials(
    demo: None, admin_key: tuple[str, str]
) -> None:
    ada = sign_up("ada", admin_key=admin_key)
    by_token = bearer(ada["IdToken"])
    first = by_token.ask(CREATE)["data"]["createNote"]
    identity, credentials, own_token = identity_of(ada)
    second = Visitor(key=credentials).ask(CREATE)["data"]["createNote"]

    assert first["owner"] == second["owner"] == identity
    for visitor in (by_token, Visitor(key=credentials), bearer(own_token)):
        mine = visitor.ask("{ myNotes { id } }")["data"]["myNotes"]
        assert {note["id"] for note in mine} == {first["id"], second["id"]}
        assert visitor.ask(f'{{ note(id: "{first["id"]}") {{ title }} }}')["data"]["note"] == {
            "title": "Mine"
        }


def test_nobody_gets_at_anybody_elses(visitors: dict[str, Visitor]) -> None:
    adas = visitors["token"].ask(CREATE)["data"]["createNote"]["id"]

    for who, visitor in visitors.items():
        assert visitor.ask(f'{{ note(id: "{OTHERS}") {{ id }} }}')["data"] == {"note": None}, who
        if who not in ("token", "signed in", "identity's token"):
            assert visitor.ask(f'{{ note(id: "{adas}") {{ id }} }}')["data"] == {"note": None}, who
            visitor.ask(f'mutation {{ deleteNote(id: "{adas}") {{ id }} }}')
    assert Note.objects.filter(pk=adas).exists()

    deleted = visitors["signed in"].ask(f'mutation {{ deleteNote(id: "{adas}") {{ title }} }}')
    assert deleted["data"] == {"deleteNote": {"title": "Mine"}}
    assert not Note.objects.filter(pk=adas).exists()


def test_public_notes_belong_to_nobody(visitors: dict[str, Visitor]) -> None:
    made = visitors["editor's token"].ask('mutation { createPublicNote(title: "All") { id owner } }')

    assert made["data"]["createPublicNote"]["owner"] is None
    seen = visitors["API key"].ask(f'{{ note(id: "{made["data"]["createPublicNote"]["id"]}") {{ title }} }}')
    assert seen["data"] == {"note": {"title": "All"}}
    assert visitors["editor's token"].ask(f'mutation {{ deleteNote(id: "{PUBLIC}") {{ id }} }}')["data"] == {
        "deleteNote": None
    }


def test_machines_tokens_are_not_for_here(demo: None) -> None:
    pair = base64.b64encode(f"{fixed.MACHINE_CLIENT}:{fixed.MACHINE_SECRET}".encode()).decode()
    granted = (
        Client()
        .post(
            "/demo/oauth2/token",
            "grant_type=client_credentials&scope=notes/read",
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": f"Basic {pair}"},
        )
        .json()
    )

    assert bearer(granted["access_token"]).response("{ publicNotes { id } }").status_code == 401


def test_who_signed_out_is_out(demo: None, admin_key: tuple[str, str]) -> None:
    ada = sign_up("ada", admin_key=admin_key)
    assert bearer(ada["AccessToken"]).response("{ myNotes { id } }").status_code == 200
    aws.client("cognito-idp").global_sign_out(AccessToken=ada["AccessToken"])

    assert bearer(ada["AccessToken"]).response("{ myNotes { id } }").status_code == 401


@pytest.mark.parametrize(
    "arguments",
    ['title: ""', f'title: "{"x" * 121}"', f'title: "a", text: "{"x" * 2001}"', 'title: "\\u0000"'],
)
def test_a_note_that_cannot_be_stored_is_told(arguments: str, visitors: dict[str, Visitor]) -> None:
    answer = visitors["token"].ask(f"mutation {{ createNote({arguments}) {{ id }} }}")

    assert answer["data"] == {"createNote": None}
    assert answer["errors"][0]["errorType"] == "ValidationError"


def test_seeding_again_keeps_what_was_changed(demo: None) -> None:
    from identity.iam.models import Role

    policy = Role.objects.get(name=fixed.GUEST_ROLE).inline_policies.get(name="GraphQL")
    policy.document = json.dumps({"Version": "2012-10-17", "Statement": []})
    policy.save()

    seed("the-admins-password")

    policy.refresh_from_db()
    assert json.loads(policy.document)["Statement"] == []
