from urllib.parse import quote

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from identity.core import clock, events, limits, outbox
from identity.core.models import Counter, OutboxMessage
from tests.core.test_events import Moved

pytestmark = [pytest.mark.core_suite, pytest.mark.django_db]


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def viewer(client):
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="identity_core", codename__startswith="view_")
    )
    client.force_login(user)
    return client


def changelist(name):
    return reverse(f"admin:identity_core_{name}_changelist")


def put(content, **columns):
    known = list(OutboxMessage.objects.values_list("pk", flat=True))
    outbox.put("email", content)
    row = OutboxMessage.objects.exclude(pk__in=known).get()
    OutboxMessage.objects.filter(pk=row.pk).update(**columns)
    return row


def ours():
    return [each for each in site._registry.values() if each.model.__module__.startswith("identity.")]


@pytest.mark.parametrize("model_admin", ours(), ids=lambda each: each.model._meta.label)
def test_no_column_that_a_list_does_not_offer_can_be_compared(model_admin):
    offered = [each[0] if isinstance(each, tuple) else each for each in model_admin.list_filter]
    columns = [field.name for field in model_admin.model._meta.fields]
    for name in {*columns, "pk"} - {*offered, model_admin.date_hierarchy}:
        for comparison in ("", "__gte", "__startswith", "__regex"):
            assert not model_admin.lookup_allowed(name + comparison, "a")
    for name in filter(
        None, [model_admin.date_hierarchy, *(each for each in offered if isinstance(each, str))]
    ):
        assert model_admin.lookup_allowed(f"{name}__exact", "a")
        assert not model_admin.lookup_allowed(f"{name}__regex", "a")
        assert not model_admin.lookup_allowed(f"{name}__year", "99999999")


@pytest.mark.parametrize("model_admin", ours(), ids=lambda each: each.model._meta.label)
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_an_id_that_no_database_stores_is_nothings(admin, model_admin, page):
    name = f"{model_admin.model._meta.app_label}_{model_admin.model._meta.model_name}"
    for given in ("\0", "a\0b"):
        address = reverse(f"admin:{name}_{page}", args=["placeholder"]).replace("placeholder", quote(given))

        assert admin.get(address).status_code in (302, 403, 404)


def test_a_list_refuses_to_compare_what_it_does_not_offer(admin):
    put({"html": "hidden-content"})

    assert admin.get(changelist("outboxmessage"), {"sealed_content__gt": "a"}).status_code == 400
    assert admin.get(changelist("event"), {"created_at__year": "99999999"}).status_code == 400
    assert admin.get(changelist("event"), {"created_at__year": "2026"}).status_code == 200


def test_messages_are_listed_by_state_and_never_show_their_content(admin):
    waiting = put({"html": "hidden-content"})
    dead = put({"html": "hidden-content"}, dead_at=clock.now(), last_error="status 503")
    sent = put({"html": "hidden-content"}, sent_at=clock.now())

    for state, row in (("waiting", waiting), ("dead", dead), ("sent", sent)):
        page = admin.get(changelist("outboxmessage"), {"state": state}).content.decode()
        assert [str(each.pk) in page for each in (waiting, dead, sent)].count(True) == 1
        assert str(row.pk) in page
    detail = admin.get(reverse("admin:identity_core_outboxmessage_change", args=[dead.pk])).content.decode()
    assert "status 503" in detail
    assert "hidden-content" not in detail
    assert "sealed" not in detail


def test_dead_messages_can_be_tried_again(admin):
    row = put({}, dead_at=clock.now(), attempts=12)

    admin.post(changelist("outboxmessage"), {"action": "retry", "_selected_action": [str(row.pk)]})

    row.refresh_from_db()
    assert (row.dead_at, row.attempts) == (None, 0)


def test_who_may_only_look_can_neither_retry_nor_unlock(viewer):
    row = put({}, dead_at=clock.now())
    limits.lockout_fail("ana")

    viewer.post(changelist("outboxmessage"), {"action": "retry", "_selected_action": [str(row.pk)]})
    viewer.post(changelist("counter"), {"action": "unlock", "_selected_action": ["ana"]})

    row.refresh_from_db()
    assert row.dead_at is not None
    assert Counter.objects.count() == 1


def test_events_are_to_be_seen_only(admin):
    events.record(Moved("a"))

    assert "tests:thing:moved" in admin.get(changelist("event")).content.decode()
    assert admin.get(reverse("admin:identity_core_event_add")).status_code == 403


def test_a_locked_user_can_be_found_and_unlocked(admin):
    for _ in range(6):
        limits.lockout_fail("password:us-east-1_x:ana")
    page = admin.get(changelist("counter"), {"q": "ana"}).content.decode()
    assert "password:us-east-1_x:ana" in page

    admin.post(changelist("counter"), {"action": "unlock", "_selected_action": ["password:us-east-1_x:ana"]})

    assert limits.lockout_check("password:us-east-1_x:ana").failures == 0
