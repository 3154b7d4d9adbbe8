"""Brokers in the admin: set up by hand, tried out, and only by those who may."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission, User
from django.test import Client

from identity.core.models import Event
from identity.identitypools import brokers, keys, pools
from identity.identitypools.models import Broker, SigningKey
from tests.identitypools.sts_server import StsServer, refusal

BASE = "/admin/identity_identitypools/broker"
USERS = "arn:aws:iam::111122223333:role/users"


@pytest.fixture
def form(pool_id: str, sts_there: StsServer) -> dict[str, Any]:
    return {
        "pool": pool_id,
        "endpoint": sts_there.url,
        "audience": "",
        "authenticated_role": USERS,
        "guest_role": "",
        "roles": "{}",
        "session_policy": "",
        "guest_session_policy": "",
        "duration_seconds": "3600",
    }


@pytest.fixture
def broker(form: dict[str, Any]) -> Broker:
    made = Broker(
        pool=pools.get(form["pool"]), endpoint=form["endpoint"], authenticated_role=form["authenticated_role"]
    )
    brokers.save(made)
    return made


def try_out(client: Client, broker: Broker, **more: str) -> str:
    sent = {"action": "try_out", "_selected_action": [broker.pk], **more}
    return client.post(f"{BASE}/", sent, follow=True).content.decode()


def test_a_broker_is_added_changed_and_deleted(boss: Client, form: dict[str, Any]) -> None:
    pool_id = form["pool"]
    page = f"{BASE}/{quote(pool_id)}"

    assert boss.post(f"{BASE}/add/", form).status_code == 302
    assert pools.current(pool_id).own_broker.audience == pool_id

    assert boss.post(f"{page}/change/", {**form, "audience": "our-client"}).status_code == 302
    assert pools.current(pool_id).own_broker.audience == "our-client"
    shown = boss.get(f"{page}/change/").content.decode()
    assert "must trust the issuer http://testserver/identity-pools with the client ID our-client" in shown

    assert boss.post(f"{page}/delete/", {"post": "yes"}).status_code == 302
    assert pools.current(pool_id).own_broker is None
    tags = Event.objects.filter(tag__startswith="identitypools:broker").order_by("id")
    assert [event.tag.rpartition(":")[2] for event in tags] == ["saved", "saved", "removed"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("endpoint", "http://sts.example.com"),
        ("roles", "[1]"),
        ("session_policy", "{}"),
        ("duration_seconds", "1"),
        ("audience", "two words"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    boss: Client, form: dict[str, Any], column: str, value: str
) -> None:
    answered = boss.post(f"{BASE}/add/", {**form, column: value})

    assert answered.status_code == 200
    assert list(answered.context["adminform"].form.errors) == [column]
    assert not Broker.objects.exists()


@pytest.mark.parametrize("page", ["add/", "{}/change/"])
def test_an_audience_that_another_broker_takes_meanwhile_is_told(
    boss: Client, form: dict[str, Any], make_pool: Any, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """Between the form's own checks and the writing somebody else saves."""
    rival = Broker(pool=pools.get(make_pool()), endpoint=form["endpoint"], audience="shared")
    if page != "add/":
        boss.post(f"{BASE}/add/", form)
    save = brokers.save
    monkeypatch.setattr(brokers, "save", lambda broker: (save(rival), save(broker)))

    answered = boss.post(
        f"{BASE}/{page.format(quote(form['pool']))}", {**form, "audience": "shared"}, follow=True
    )

    assert answered.status_code == 200
    *_, told = answered.context["messages"]
    assert told.level_tag == "error"
    assert Broker.objects.filter(audience="shared").count() <= 1


def test_trying_out_shows_the_answer_without_secrets(
    boss: Client, broker: Broker, sts_there: StsServer
) -> None:
    good = try_out(boss, broker)
    sts_there.answers(403, refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"))
    bad = try_out(boss, broker, from_page="1")

    assert f"{USERS}: credentials ASIATHEIRS until 2030-01-02 03:04 UTC" in good
    assert "their/secret" not in good
    assert "their//token" not in good
    assert "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity" in bad
    assert all(form["WebIdentityToken"] not in good + bad for form in sts_there.asked)


def test_who_may_only_look_asks_nobody(broker: Broker, sts_there: StsServer) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_broker"))
    client = Client()
    client.force_login(viewer)

    try_out(client, broker)

    assert client.get(f"{BASE}/{quote(broker.pk)}/change/").status_code == 200
    assert sts_there.asked == []


def test_the_brokers_key_is_replaced_like_any_other(boss: Client, broker: Broker) -> None:
    key = SigningKey.objects.get(region=keys.BROKERS)

    boss.post(
        "/admin/identity_identitypools/signingkey/", {"action": "replace", "_selected_action": [key.pk]}
    )

    assert keys.current(keys.BROKERS).kid == "brokers:2"
