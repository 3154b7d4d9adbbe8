"""The admin's page "May it …?": a decision, the statement that made it, and what is missing."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.auth.models import User as Admin

from identity.iam import managed_policies, roles
from identity.iam.models import RolePolicy
from tests.iam import world
from tests.iam.documents import allow, deny, document

pytestmark = pytest.mark.core_suite

NOTE = "arn:aws:notes:us-east-1:000000000000:note/1"


def ask(client, row, **asked):
    kind = type(row).__name__.lower()
    return client.get(f"/admin/identity_iam/{kind}/{row.pk}/why/", asked)


def answer(client, row, action, resource="*", context=""):
    return ask(client, row, action=action, resource=resource, context=context).context["answer"]


@pytest.fixture
def role(db):
    return world.pool_role("app", document(allow("notes:Read", NOTE, Sid="Reads"), deny("notes:Burn")))


def test_the_page_is_reached_from_the_role_and_asks(admin_client, role):
    body = admin_client.get(f"/admin/identity_iam/role/{role.pk}/change/").content.decode()
    page = ask(admin_client, role)

    assert f'href="/admin/identity_iam/role/{role.pk}/why/"' in body
    assert page.status_code == 200
    assert page.context["answer"] is None
    assert "May role app …?" in page.content.decode()


def test_what_allows_is_named(admin_client, role):
    shown = ask(admin_client, role, action="notes:Read", resource=NOTE, context="")
    told = shown.context["answer"]

    assert told["allowed"]
    assert [(one["effect"], one["number"], one["sid"], one["policy"]) for one in told["reasons"]] == [
        ("Allow", 1, "Reads", "role_app_policy0")
    ]
    assert "Yes, allowed" in shown.content.decode()
    assert "&quot;Sid&quot;: &quot;Reads&quot;" in shown.content.decode()


def test_what_denies_is_named_and_what_would_have_allowed(admin_client, role):
    roles.put_policy(role, "everything", document(allow()))

    told = answer(admin_client, role, "notes:Burn")

    assert not told["allowed"]
    assert told["sentence"].startswith("A statement denies it")
    assert [(one["effect"], one["number"]) for one in told["reasons"]] == [("Deny", 2)]
    assert [one["policy"] for one in told["others"]] == ["role_app_everything"]


def test_what_lacks_an_allow_is_named(admin_client, role):
    told = answer(admin_client, role, "notes:Write")
    assert (told["allowed"], told["sentence"]) == (False, "No identity-based policy allows it.")

    roles.put_policy(role, "everything", document(allow()))
    role.permissions_boundary = managed_policies.create("most", document(allow("notes:Read")))
    role.save()
    told = answer(admin_client, role, "notes:Write")
    assert told["sentence"] == "A policy allows it, but the permissions boundary does not: both have to."
    told = answer(admin_client, role, "notes:Read", NOTE)
    assert told["sentence"] == "A policy allows it, and so does the permissions boundary."
    link = f"/admin/identity_iam/managedpolicy/{role.permissions_boundary.pk}/change/"
    assert [one["url"] for one in told["reasons"] if one["type"] == "permissions boundary"] == [link]


def test_what_is_missing_is_named_and_can_be_given(admin_client, db):
    condition = {"StringEquals": {"notes:Owner": "${aws:username}"}, "Null": {"notes:Shelf": "false"}}
    ana, _ = world.user("ana", document(allow(Condition=condition)))

    missing = answer(admin_client, ana, "notes:Read")
    given = answer(admin_client, ana, "notes:Read", context="notes:Owner=ana\n\nNotes:shelf = a=b ")

    assert (missing["allowed"], missing["missing"]) == (False, ("notes:Owner", "notes:Shelf"))
    assert (given["allowed"], given["missing"]) == (True, ())
    assert ("aws:username", "ana") in given["brought"]


def test_a_key_on_several_lines_has_several_values(admin_client, db):
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}
    ana, _ = world.user("ana", document(allow(Condition=condition)))

    assert answer(admin_client, ana, "x:Y", context="aws:TagKeys=a\nAWS:tagkeys=b")["allowed"]
    assert not answer(admin_client, ana, "x:Y", context="aws:TagKeys=a\naws:TagKeys=c")["allowed"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"action": ""}, "action"),
        ({"action": "Read"}, "action"),
        ({"action": "notes:*"}, "action"),
        ({"action": "notes:Re\x00ad"}, "action"),
        ({"resource": "note/1"}, "resource"),
        ({"resource": "x" * 3000}, "resource"),
        ({"context": "notes:Owner"}, "context"),
        ({"context": "=x"}, "context"),
    ],
)
def test_what_can_not_be_asked(admin_client, role, asked, field):
    page = ask(admin_client, role, **({"action": "notes:Read", "resource": "*"} | asked))

    assert list(page.context["form"].errors) == [field]
    assert page.context["answer"] is None


def test_a_document_that_can_not_be_read_is_said_to_deny(admin_client, role):
    RolePolicy.objects.update(document="{")

    told = answer(admin_client, role, "notes:Read")

    assert [(one["effect"], one["sid"]) for one in told["reasons"]] == [("Deny", "Unreadable")]


def test_only_who_may_look_at_roles_may_ask(client, role):
    clerk = Admin.objects.create_user("clerk", "clerk@example.com", "x", is_staff=True)
    client.force_login(clerk)
    assert ask(client, role, action="notes:Read", resource="*").status_code == 403

    clerk.user_permissions.add(Permission.objects.get(codename="view_role"))
    assert ask(client, role, action="notes:Read", resource="*").status_code == 200


def test_a_role_that_is_not_there(admin_client, db):
    assert admin_client.get("/admin/identity_iam/role/99/why/").status_code == 404
    assert admin_client.get("/admin/identity_iam/role/x/why/").status_code == 404


def test_markup_in_names_and_values_stays_text(admin_client, db):
    ana, _ = world.user("ana", document(allow()), tags={"<b>": "<script>"})

    body = ask(admin_client, ana, action="a:B", resource="*", context="<i>=<u>").content.decode()

    assert "<script>" not in body
    assert "&lt;script&gt;" in body
    assert "<b>" not in body
    assert "<i>" not in body
