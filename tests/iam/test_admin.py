"""IAM in Django's admin."""

import json
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.contrib.auth.models import User as Admin
from django.urls import reverse

from identity.core import clock
from identity.core.models import Event
from identity.iam import keys, managed_policies, oidc_providers, revocations, saml_providers, users
from identity.iam.callers import IamCallers
from identity.iam.models import (
    AccessKey,
    ManagedPolicy,
    OidcProvider,
    RevokedCredentials,
    Role,
    SamlProvider,
    User,
)
from identity.wire.callers import ExpiredKey, UnknownKey
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, document, pool_trust, trust
from tests.iam.saml_idp import Idp

pytestmark = pytest.mark.core_suite


@pytest.fixture
def page(admin_client):
    """The admin's pages: ``page(model, kind, *args)`` gives the address."""

    def address(model, kind="changelist", *args):
        return reverse(f"admin:identity_iam_{model.__name__.lower()}_{kind}", args=args)

    address.client = admin_client
    return address


def inline(prefix, *rows):
    form = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


def role_form(**changes):
    form = {
        "name": "app",
        "path": "/",
        "description": "",
        "trust_policy": json.dumps(pool_trust()),
        "max_session_duration": "3600",
        "tags": "{}",
        **inline("inline_policies"),
    }
    return form | changes


def errors(response):
    return " ".join(response.context["adminform"].form.errors.as_text().split()) + str(
        [formset.formset.errors for formset in response.context["inline_admin_formsets"]]
        + [formset.formset.non_form_errors() for formset in response.context["inline_admin_formsets"]]
    )


@pytest.mark.parametrize(
    "model", [Role, ManagedPolicy, User, AccessKey, OidcProvider, SamlProvider, RevokedCredentials]
)
def test_every_list_and_page_shows_and_no_secret(page, model):
    _user, key = world.user("bob", document(allow()))
    role = world.pool_role("app")
    role.attached_policies.add(managed_policies.administrator_access())
    oidc_providers.create("https://idp.example.com", ["one"])
    saml_providers.create("corp", Idp().metadata())
    revocations.revoke_key("ASIAXXXXXXXXXXXXXXXX")
    revocations.revoke_sessions(role)
    sealed = AccessKey.objects.get().sealed_secret

    pages = [page(model), page(model) + "?q=a", page(model, "add")]
    pages += [page(model, "change", row.pk) for row in model.objects.all()]

    for address in pages:
        answer = page.client.get(address)
        assert answer.status_code == 200, address
        assert key.secret not in answer.content.decode()
        assert sealed not in answer.content.decode()


@pytest.mark.parametrize(
    ("model", "term", "found"),
    [
        (Role, "AROA", "app"),
        (Role, "app", "app"),
        (User, "AIDA", "bob"),
        (User, "key", "bob"),
        (AccessKey, "bo", "AKIA"),
        (AccessKey, "key", "AKIA"),
    ],
)
def test_search_by_what_people_paste(page, model, term, found):
    world.pool_role("app")
    _user, key = world.user("bob")

    answer = page.client.get(page(model), {"q": key.key_id if term == "key" else term})
    nothing = page.client.get(page(model), {"q": "zzzz"})

    assert found in answer.content.decode()
    assert answer.context["cl"].result_count == 1
    assert nothing.context["cl"].result_count == 0


# Roles


def test_a_role_is_made_with_its_policies(page):
    document_text = json.dumps(document(allow("notes:*")))
    form = role_form(**inline("inline_policies", {"name": "notes", "document": document_text}))

    answer = page.client.post(page(Role, "add"), form)

    assert answer.status_code == 302
    role = Role.objects.get(name="app")
    given = world.session(role)
    caller = IamCallers().find_key(given.access_key_id, given.session_token, clock.now()).caller
    IamCallers().authorize(caller, "notes:Get", "*", {})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trust_policy": "{"}, "not valid JSON"),
        (
            {"trust_policy": json.dumps(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ghost"}))},
            "Invalid principal in policy",
        ),
        ({"max_session_duration": "60"}, "greater than or equal to 3600"),
        ({"name": "no blanks"}, "letters"),
        ({"path": "nowhere"}, "slash"),
        ({"tags": '{"a": 1}'}, "texts"),
        ({"tags": '{"a": "1", "A": "2"}'}, "case"),
        (inline("inline_policies", {"name": "x", "document": '{"Statement": []}'}), "Statement"),
        (
            inline(
                "inline_policies",
                *(
                    {"name": f"p{n}", "document": json.dumps(document(allow(Sid="a" * 4000)))}
                    for n in range(3)
                ),
            ),
            "together exceed 10240",
        ),
    ],
)
def test_a_faulty_role_is_refused_with_its_reason(page, changes, words):
    answer = page.client.post(page(Role, "add"), role_form(**changes))

    assert answer.status_code == 200
    assert words in errors(answer)
    assert not Role.objects.exists()


def test_a_trusted_user_is_bound_when_the_role_is_saved(page):
    user, _key = world.user("bob")

    page.client.post(page(Role, "add"), role_form(trust_policy=json.dumps(trust({"AWS": user.arn}))))

    assert Role.objects.get(name="app").trusted_ids == {user.arn: user.user_id}


def test_revoking_sessions_asks_once(page):
    role = world.pool_role("app")
    given = world.session(role)
    form = {
        "action": "revoke_sessions",
        "_selected_action": role.pk,
        "index": 0,
        "select_across": 0,
        "from_page": 1,
    }

    asked = page.client.post(page(Role), form)

    assert asked.status_code == 200
    assert "Every temporary credential issued so far" in asked.content.decode()
    assert not RevokedCredentials.objects.exists()
    done = page.client.post(page(Role), {**form, "confirmed": 1})
    assert done.headers["Location"] == page(Role, "change", role.pk)
    with pytest.raises(ExpiredKey):
        IamCallers().find_key(given.access_key_id, given.session_token, clock.now())
    assert "revoked" in page.client.get(page(Role, "change", role.pk)).content.decode()


def test_the_objects_page_has_summary_and_actions(page):
    role = world.pool_role("app")

    body = page.client.get(page(Role, "change", role.pk)).content.decode()

    assert f"{role.arn}: 1 inline and 0 managed policies." in body
    assert "Revoke sessions issued before now" in body


def test_who_may_only_look_gets_no_actions(client, page):
    staff = Admin.objects.create_user("staff", password="staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_role", "view_accesskey"]))
    client.force_login(staff)
    role = world.pool_role("app")
    form = {
        "action": "revoke_sessions",
        "_selected_action": role.pk,
        "index": 0,
        "select_across": 0,
        "confirmed": 1,
    }

    body = client.get(page(Role, "change", role.pk)).content.decode()
    client.post(page(Role), form)

    assert "Revoke sessions" not in body
    assert not RevokedCredentials.objects.exists()


def test_deleted_revocations_count_no_more_in_this_process(page):
    given = world.session(world.pool_role("app"))
    row = revocations.revoke_key(given.access_key_id)
    with pytest.raises(ExpiredKey):
        IamCallers().find_key(given.access_key_id, given.session_token, clock.now())

    form = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    page.client.post(page(RevokedCredentials), form)

    assert not RevokedCredentials.objects.exists()
    assert IamCallers().find_key(given.access_key_id, given.session_token, clock.now())


def test_what_others_read_before_a_deletion_is_committed_does_not_last(
    page, monkeypatch, django_capture_on_commit_callbacks
):
    """The page deletes in a transaction: until its end other threads read the list as it was."""
    given = world.session(world.pool_role("app"))
    row = revocations.revoke_key(given.access_key_id)
    as_it_was = revocations._current(clock.now())
    with django_capture_on_commit_callbacks() as later:
        page.client.post(page(RevokedCredentials, "delete", row.pk), {"post": "yes"})

    monkeypatch.setattr(revocations, "_snapshot", as_it_was)  # as another thread does
    for committed in later:
        committed()

    assert IamCallers().find_key(given.access_key_id, given.session_token, clock.now())


# Access keys


@pytest.mark.parametrize("by_list", [True, False])
def test_that_a_key_was_deleted_is_told(page, by_list):
    _user, key = world.user("bob")

    if by_list:
        form = {"action": "delete_selected", "_selected_action": key.key_id, "post": "yes"}
        page.client.post(page(AccessKey), form)
    else:
        page.client.post(page(AccessKey, "delete", key.key_id), {"post": "yes"})

    assert not AccessKey.objects.exists()
    told = Event.objects.get(tag="iam:access_key:deleted").content
    assert told == {"key_id": key.key_id, "user": "bob"}


def test_a_secret_is_shown_once(page):
    user = users.create("bob")

    shown = page.client.post(page(AccessKey, "add"), {"user": user.pk})
    body = shown.content.decode()

    row = AccessKey.objects.get()
    assert shown.status_code == 200
    assert "no-store" in shown.headers["Cache-Control"]
    assert re.search(r"<code>([A-Za-z0-9+/]{40})</code>", body)[1] == keys.secret_of(row)
    later = page.client.get(page(AccessKey, "change", row.pk)).content.decode()
    assert keys.secret_of(row) not in later
    assert "set on " in later
    assert keys.secret_of(row) not in str(dict(page.client.session))


def test_deactivating_asks_once_and_activating_does_not(page):
    _user, key = world.user("bob")
    form = {"_selected_action": key.key_id, "index": 0, "select_across": 0}

    page.client.post(page(AccessKey), {**form, "action": "deactivate"})
    assert IamCallers().find_key(key.key_id, None, clock.now())
    page.client.post(page(AccessKey), {**form, "action": "deactivate", "confirmed": 1})
    with pytest.raises(UnknownKey):
        IamCallers().find_key(key.key_id, None, clock.now())
    page.client.post(page(AccessKey), {**form, "action": "activate"})
    assert IamCallers().find_key(key.key_id, None, clock.now())


# The others


def test_a_managed_policys_versions_are_counted(page):
    managed = managed_policies.create("Notes", document(allow("notes:*")))
    form = {"description": "", "document": json.dumps(document(allow("notes:Get*")))}

    assert page.client.post(page(ManagedPolicy, "change", managed.pk), form).status_code == 302

    managed.refresh_from_db()
    assert managed.version == 2
    assert "notes:Get*" in managed.document


def test_a_malformed_managed_policy_is_refused(page):
    form = {
        "name": "Bad",
        "path": "/",
        "description": "",
        "document": json.dumps(document(allow(Principal="*"))),
    }

    answer = page.client.post(page(ManagedPolicy, "add"), form)

    assert "should not specify a principal" in errors(answer)
    assert not ManagedPolicy.objects.exists()


def test_the_products_own_policy_stays(page):
    managed = managed_policies.administrator_access()

    body = page.client.get(page(ManagedPolicy, "change", managed.pk)).content.decode()
    answer = page.client.post(page(ManagedPolicy, "delete", managed.pk), {"post": "yes"})

    assert "<textarea" not in body
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("url", "client_ids", "words"),
    [
        ("https://idp.example.com", '["one"]', ""),
        ("http://testserver/us-east-1_abc", '["one"]', ""),  # our own address
        ("http://idp.example.com", '["one"]', "https"),
        ("idp.example.com", '["one"]', "address"),
        ("https://idp.example.com?x=1", '["one"]', "address"),
        ("https://idp.example.com", '"one"', "list"),
        ("https://idp.example.com", "[7]", "list"),
    ],
)
def test_providers(page, url, client_ids, words):
    answer = page.client.post(page(OidcProvider, "add"), {"url": url, "client_ids": client_ids, "tags": "{}"})

    if words:
        assert words in errors(answer)
    else:
        assert OidcProvider.objects.get().url == url


def test_one_key_is_revoked_by_its_id(page):
    given = world.session(world.pool_role("app"))

    page.client.post(page(RevokedCredentials, "add"), {"access_key_id": given.access_key_id})

    with pytest.raises(ExpiredKey):
        IamCallers().find_key(given.access_key_id, given.session_token, clock.now())


KEY, CLAIM, VALUE = "access_key_id", "claim", "claim_value"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Give an access key ID, or a role"),
        ({KEY: "ASIAX", CLAIM: "x:sub", VALUE: "ana"}, "One at a time"),
        ({CLAIM: "x:sub"}, "Give the value of the condition key"),
        ({VALUE: "ana"}, "Give the condition key that has this value"),
        (
            {KEY: "ASIAX", "revoked_before_0": "2026-01-01", "revoked_before_1": "00:00"},
            "leave the moment empty",
        ),
        (
            {CLAIM: "x:sub", VALUE: "ana", "revoked_before_0": "2199-01-01", "revoked_before_1": "00:00"},
            "yet to come",
        ),
        ({"role": "1", "revoked_before_0": "nonsense"}, "Enter a valid date"),
        ({"role": "x"}, "Select a valid choice"),
        ({"role": "9" * 30}, "Select a valid choice"),
        ({"role": "-1"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_revoked_is_told_in_words(page, form, words):
    answer = page.client.post(page(RevokedCredentials, "add"), form)

    assert words in errors(answer)
    assert "Constraint" not in answer.content.decode()
    assert not RevokedCredentials.objects.exists()


def test_a_roles_sessions_until_now_end_where_no_moment_is_given(page):
    role = world.pool_role("app")
    given = world.session(role)

    with time_machine.travel(clock.now() + timedelta(seconds=2), tick=False):
        page.client.post(page(RevokedCredentials, "add"), {"role": role.pk})

        with pytest.raises(ExpiredKey):
            IamCallers().find_key(given.access_key_id, given.session_token, clock.now())
        assert RevokedCredentials.objects.get().revoked_before == clock.now()


def test_a_web_identity_is_revoked_until_a_moment(page):
    form = {CLAIM: "x:sub", VALUE: "ana", "revoked_before_0": "2026-01-01", "revoked_before_1": "00:00"}

    page.client.post(page(RevokedCredentials, "add"), form)

    assert RevokedCredentials.objects.get().revoked_before.year == 2026


@pytest.mark.parametrize("given", ["x", "9" * 30, "nobody\x07"])
def test_a_user_that_cannot_be_is_no_keys(page, given):
    answer = page.client.post(page(AccessKey, "add"), {"user": given})

    assert "Select a valid choice" in errors(answer)


def test_a_roles_trust_is_changed_on_its_page(page):
    role = world.pool_role("app")
    user, _key = world.user("bob")
    form = role_form(
        trust_policy=json.dumps(trust({"AWS": user.arn})), max_session_duration="7200", name="ignored"
    )
    inline_policy = role.inline_policies.get()
    form |= inline(
        "inline_policies",
        {"id": inline_policy.pk, "role": role.pk, "name": "policy0", "document": inline_policy.document},
    )
    form["inline_policies-INITIAL_FORMS"] = 1

    assert page.client.post(page(Role, "change", role.pk), form).status_code == 302

    role.refresh_from_db()
    assert role.trusted_ids == {user.arn: user.user_id}
    assert (role.name, role.max_session_duration) == ("app", 7200)


def test_saving_a_role_does_not_trust_a_namesake_made_since(page):
    user, _key = world.user("bob")
    text = json.dumps(trust({"AWS": user.arn}), indent=2)
    role = world.role("app", text)
    bound = role.trusted_ids
    user.delete()
    world.user("bob")
    typed = text.replace("\n", "\r\n") + "\r\n"

    form = role_form(description="only this", trust_policy=typed)
    assert page.client.post(page(Role, "change", role.pk), form).status_code == 302

    role.refresh_from_db()
    assert (role.description, role.trusted_ids, role.trust_policy) == ("only this", bound, text)
    changed = role_form(trust_policy=json.dumps(trust({"AWS": user.arn})))
    assert page.client.post(page(Role, "change", role.pk), changed).status_code == 302
    role.refresh_from_db()
    assert role.trusted_ids == {user.arn: User.objects.get(name="bob").user_id} != bound


def test_of_two_addresses_of_one_arn_the_second_is_refused(page):
    oidc_providers.create("https://idp.example.com", ["one"])

    form = {"url": "https://idp.example.com/", "client_ids": '["two"]', "tags": "{}"}
    answer = page.client.post(page(OidcProvider, "add"), form)

    assert "ARN" in errors(answer)
    assert OidcProvider.objects.count() == 1


@pytest.mark.parametrize("changed", ["description", "document"])
def test_saving_a_managed_policy_loses_no_version_made_meanwhile(page, rf, changed):
    managed = managed_policies.create("notes", document(allow("notes:Get")))
    shown = ManagedPolicy.objects.get(pk=managed.pk)
    managed_policies.set_document(managed, document(allow("notes:Put")))  # by the API, while the page is open
    value = {"description": "new", "document": json.dumps(document(allow("notes:List")))}[changed]
    setattr(shown, changed, value)
    form = SimpleNamespace(changed_data=[changed], initial={"document": json.dumps({})})

    site.get_model_admin(ManagedPolicy).save_model(rf.post("/"), shown, form, change=True)

    managed.refresh_from_db()
    versions = {each.number: each.document for each in managed_policies.versions(managed)}
    assert getattr(managed, changed) == value
    assert "notes:Put" in versions[2]
    assert managed.version == managed.latest_version == max(versions)
    assert len(versions) == (3 if changed == "document" else 2)


# SAML providers


def test_a_saml_provider_is_made_and_given_new_metadata(page):
    form = {"name": "corp", "metadata": Idp().metadata(), "tags": "{}"}

    page.client.post(page(SamlProvider, "add"), form)
    made = SamlProvider.objects.get()
    shown = page.client.get(page(SamlProvider, "change", made.pk)).content.decode()
    again = {**form, "metadata": Idp("urn:new").metadata()}
    page.client.post(page(SamlProvider, "change", made.pk), again)

    assert "assertions of https://idp.example/saml are accepted; 1 signing key." in shown
    made.refresh_from_db()
    assert (made.name, made.entity_id) == ("corp", "urn:new")


def test_metadata_that_can_not_be_read_is_refused_with_its_reason(page):
    form = {"name": "corp", "metadata": "<a/>", "tags": "{}"}

    answer = page.client.post(page(SamlProvider, "add"), form)

    assert "Could not parse metadata" in answer.content.decode()
    assert not SamlProvider.objects.exists()


def test_a_saml_provider_is_deleted(page):
    made = saml_providers.create("corp", Idp().metadata())

    page.client.post(page(SamlProvider, "delete", made.pk), {"post": "yes"})

    assert not SamlProvider.objects.exists()
