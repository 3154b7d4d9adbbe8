"""Refused is refused: who may do what to which of the demo's notes, each asked over the socket with a real signature."""

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from portal.demo import fixed
from tests.clients import notes, people
from tests.site import Site

pytestmark = pytest.mark.xdist_group("site")

PUBLIC_NOTE = "00000000-0000-4000-8000-0000000000a1"
OTHERS_NOTE = "00000000-0000-4000-8000-0000000000b1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OWNERS = ("public", "own", "others")
NOTE = {"title": "A note", "text": "of the table"}


@dataclass(frozen=True)
class Visitor:
    """Somebody with an identity of their own, a note in it where they may write one, and credentials."""

    name: str
    identity: str
    credentials: dict[str, Any]


def may(who: str, method: str, owner: str) -> bool:
    """The demo's rules as its start page tells them: public notes are everybody's to read, one's own are one's own."""
    if who == "administrator":
        return True
    if owner == "public":
        return method == "GET"
    return owner == "own" and who != "guest"


@pytest.fixture(scope="module")
def visitors(site: Site) -> dict[str, Visitor]:
    ana = notes.logins(site, notes.tokens(site, people.confirmed(site))["IdToken"])
    ben = notes.logins(site, notes.tokens(site, people.confirmed(site))["IdToken"])
    keys = site.keys()
    administrator = {
        "AccessKeyId": keys["IDENTITY_ADMIN_ACCESS_KEY_ID"],
        "SecretKey": keys["IDENTITY_ADMIN_SECRET_ACCESS_KEY"],
    }
    return {
        "guest": Visitor("guest", *notes.opened(site)),
        "ana": Visitor("ana", *notes.opened(site, ana)),
        "ben": Visitor("ben", *notes.opened(site, ben)),
        "administrator": Visitor("administrator", fixed.OTHER_IDENTITY, administrator),
    }


def path_of(visitor: Visitor, owner: str, note: str = "") -> str:
    named = {"public": "public", "own": visitor.identity, "others": fixed.OTHER_IDENTITY}[owner]
    return f"notes/{named}{'/' + note if note else ''}"


@pytest.mark.parametrize("who", ["guest", "ana", "ben", "administrator"])
def test_the_table_of_roles_actions_and_resources(site: Site, visitors: dict[str, Visitor], who: str) -> None:
    """Allowed calls end in the view's own answer, which may be "no such note" or "no such method"; never in a refusal."""
    visitor = visitors[who]
    table = {}
    for method, owner, note in itertools.product(METHODS, OWNERS, ("", PUBLIC_NOTE, OTHERS_NOTE)):
        body = NOTE if method in ("POST", "PUT", "PATCH") else None
        answer = notes.call(
            site, visitor.credentials, path_of(visitor, owner, note), method=method, body=body
        )
        table[method, owner, note] = "refused" if answer.status == 403 else "allowed"
        if answer.status == 403:
            assert answer.error == "AccessDeniedException", answer
            assert f"assumed-role/Demo{'Guest' if who == 'guest' else 'SignedIn'}/" in str(answer.body)
        else:
            assert answer.status in (200, 201, 404, 405), answer

    expected = {
        (method, owner, note): "allowed" if may(who, method, owner) else "refused"
        for method, owner, note in table
    }
    assert table == expected


def test_one_identity_can_neither_read_nor_write_anothers_notes(
    site: Site, visitors: dict[str, Visitor]
) -> None:
    ana, ben = visitors["ana"], visitors["ben"]
    written = notes.call(site, ana.credentials, f"notes/{ana.identity}", method="POST", body=NOTE).body

    own = notes.call(site, ana.credentials, f"notes/{ana.identity}/{written['id']}")
    stolen = notes.call(site, ben.credentials, f"notes/{ana.identity}/{written['id']}")
    borrowed = notes.call(site, ben.credentials, f"notes/{ben.identity}/{written['id']}")

    assert own.status == 200
    assert stolen.status == 403
    assert borrowed.status == 404


def test_nobody_without_a_signature(site: Site) -> None:
    assert notes.call(site, None, "notes/public").status == 403


def test_signatures_that_are_not_right_are_refused(site: Site, visitors: dict[str, Visitor]) -> None:
    """Each is a good request but for one thing; the same request unharmed is answered."""
    ana = visitors["ana"].credentials
    good = notes.call(site, ana, "notes/public")
    refused = {
        "wrong region": notes.call(site, ana, "notes/public", region="eu-nowhere-1"),
        "wrong service": notes.call(site, ana, "notes/public", service="cognito-idp"),
        "wrong secret": notes.call(site, {**ana, "SecretKey": "x" * 40}, "notes/public"),
        "token left out": notes.call(
            site, {k: v for k, v in ana.items() if k != "SessionToken"}, "notes/public"
        ),
        "another's token": notes.call(
            site, {**ana, "SessionToken": visitors["ben"].credentials["SessionToken"]}, "notes/public"
        ),
        "tampered token": notes.call(
            site, {**ana, "SessionToken": ana["SessionToken"][:-8] + "AAAAAAA="}, "notes/public"
        ),
    }

    assert good.status == 200
    assert {why: answer.status for why, answer in refused.items()} == dict.fromkeys(refused, 403)


def test_a_signature_replayed_with_another_body_path_or_header_is_refused(
    site: Site, visitors: dict[str, Visitor]
) -> None:
    credentials = visitors["ana"].credentials

    def harmed(*, date: str = "", **change: Any) -> int:
        ready = notes.signed(site, credentials, "notes/mine", method="POST", body={"title": "mine"})
        for name, value in change.items():
            setattr(ready, name, value)
        if date:
            ready.headers["X-Amz-Date"] = date
        return notes.send(ready).status

    assert harmed() == 201
    assert harmed(body=b'{"title": "evil"}') == 403
    assert harmed(url=f"{site.base}/demo/notes/public") == 403
    assert harmed(url=f"{site.base}/demo/notes/mine?x=1") == 403
    assert harmed(method="PUT") == 403
    assert harmed(date="20200101T000000Z") == 403


def test_presigned_addresses_open_until_they_expire_and_only_as_signed(
    site: Site, visitors: dict[str, Visitor]
) -> None:
    credentials = visitors["ana"].credentials
    signer = Credentials(credentials["AccessKeyId"], credentials["SecretKey"], credentials["SessionToken"])
    request = AWSRequest("GET", f"{site.base}/demo/notes/public")
    SigV4QueryAuth(signer, "notes", "us-east-1", expires=60).add_auth(request)
    ready = request.prepare()

    assert notes.send(ready).status == 200
    ready.url = ready.url.replace("/notes/public", f"/notes/{fixed.OTHER_IDENTITY}")
    assert notes.send(ready).status == 403


def test_a_guest_cannot_take_a_signed_in_identity(site: Site, visitors: dict[str, Visitor]) -> None:
    identity = people.app(site, "cognito-identity")

    with pytest.raises(identity.exceptions.NotAuthorizedException, match="is forbidden"):
        identity.get_credentials_for_identity(IdentityId=visitors["ana"].identity)


def test_one_user_cannot_take_anothers_identity(site: Site, visitors: dict[str, Visitor]) -> None:
    identity = people.app(site, "cognito-identity")
    mallory = notes.logins(site, notes.tokens(site, people.confirmed(site))["IdToken"])

    with pytest.raises(identity.exceptions.NotAuthorizedException, match="Logins don't match"):
        identity.get_credentials_for_identity(IdentityId=visitors["ana"].identity, Logins=mallory)
