"""Access keys: made, used, switched off; the administrator's key."""

import re
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from celery import Celery
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from identity.core import clock, nudging
from identity.core.breaker import Breaker
from identity.core.models import Event
from identity.iam import key_uses, keys, managed_policies, names, tasks
from identity.iam.callers import IamCallers
from identity.iam.errors import NoSuchEntity
from identity.iam.models import AccessKey, User
from identity.wire.callers import UnknownKey
from tests import aws
from tests.conftest import ADMIN_KEY_ID, ADMIN_SECRET
from tests.iam import world
from tests.iam.documents import allow, deny, document

pytestmark = pytest.mark.core_suite


@pytest.mark.parametrize("account", ["000000000000", "123456789012", "999999999999"])
def test_a_key_id_carries_its_account(settings, account):
    settings.IDENTITY = {**settings.IDENTITY, "ACCOUNT_ID": account}

    made = {names.new_access_key_id(prefix) for prefix in ("AKIA", "ASIA") for _ in range(50)}

    assert all(re.fullmatch(r"A[KS]IA[A-Z2-7]{16}", key_id) for key_id in made)
    assert {names.account_of(key_id) for key_id in made} == {account}
    assert len(made) == 100


def test_a_known_key_id_decodes_as_elsewhere():
    assert names.account_of("ASIAQNZGKIQY56JQ7WML") == "029608264753"


def test_secrets_look_like_awss():
    assert all(re.fullmatch(r"[A-Za-z0-9+/]{40}", names.new_secret()) for _ in range(20))


def test_a_secret_is_sealed_and_never_printed(db):
    _user, key = world.user("bob")
    row = AccessKey.objects.get(pk=key.key_id)

    assert key.secret not in row.sealed_secret
    assert keys.secret_of(row) == key.secret
    assert key.secret not in repr(key) + repr(row) + str(row)
    held = IamCallers().find_key(key.key_id, None, clock.now())
    assert key.secret not in repr(held)
    assert not Event.objects.filter(content__icontains=key.secret).exists()


def test_a_secret_moved_to_another_row_does_not_open(db):
    _, one = world.user("one")
    _, two = world.user("two")
    sealed = AccessKey.objects.get(pk=one.key_id).sealed_secret
    AccessKey.objects.filter(pk=two.key_id).update(sealed_secret=sealed)

    with pytest.raises(UnknownKey):
        IamCallers().find_key(two.key_id, None, clock.now())


def test_a_key_costs_two_queries_and_permission_none(db, django_assert_num_queries):
    user, key = world.user("bob", document(allow("svc:*")))
    user.attached_policies.add(managed_policies.administrator_access())
    callers = IamCallers()
    callers.find_key(key.key_id, None, clock.now())  # the first use is noted

    with django_assert_num_queries(2):
        held = callers.find_key(key.key_id, None, clock.now())
        callers.authorize(held.caller, "svc:Do", "*", {})


def test_an_inactive_key_is_unknown(db):
    user, key = world.user("bob")
    client = world.sts_client(key)
    client.get_caller_identity()

    keys.set_status(AccessKey.objects.get(pk=key.key_id), AccessKey.Status.INACTIVE)
    with pytest.raises(ClientError) as caught:
        client.get_caller_identity()
    keys.set_status(AccessKey.objects.get(pk=key.key_id), AccessKey.Status.ACTIVE)

    assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId"
    assert client.get_caller_identity()["UserId"] == user.user_id
    assert Event.objects.filter(tag="iam:access_key:status_changed").count() == 2


def test_a_wrong_secret_and_an_unknown_key(admin_key):
    wrong = aws.client("sts", access_key=ADMIN_KEY_ID, secret="x" * 40)
    unknown = aws.client("sts", access_key="AKIAAAAAAAAAAAAAAAAA", secret=ADMIN_SECRET)
    with_token = aws.client("sts", access_key=ADMIN_KEY_ID, secret=ADMIN_SECRET, token="nonsense")

    assert aws.refusal(wrong.get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert aws.refusal(unknown.get_caller_identity)[0] == "InvalidClientTokenId"
    assert aws.refusal(with_token.get_caller_identity)[0] == "InvalidClientTokenId"


@pytest.fixture
def eager(monkeypatch):
    """A Celery that runs a task at once, as a worker would a moment later."""
    made = Celery("tests", set_as_current=False)
    made.conf.task_always_eager = True
    monkeypatch.setattr(key_uses, "current_app", made)


def test_use_is_noted_at_most_once_an_hour(db, eager):
    _user, key = world.user("bob")
    now = clock.now()

    def used(at):
        IamCallers().find_key(key.key_id, None, at)
        return AccessKey.objects.get(pk=key.key_id).last_used_at

    assert used(now) == now
    assert used(now + timedelta(minutes=59)) == now
    assert used(now + timedelta(minutes=61)) == now + timedelta(minutes=61)


def test_the_worker_writes_what_it_is_told(db):
    _user, key = world.user("bob")
    now = clock.now()

    tasks.note_key_use(key.key_id, clock.epoch(now))

    assert AccessKey.objects.get(pk=key.key_id).last_used_at == now


def test_a_broken_broker_disturbs_no_request(db, monkeypatch, caplog):
    _user, key = world.user("bob")
    monkeypatch.setattr(key_uses, "current_app", Celery("tests", set_as_current=False, broker="memory://"))
    monkeypatch.setattr(nudging, "_publish", lambda *_: 1 / 0)
    monkeypatch.setattr(nudging, "_breaker", Breaker(rest_seconds=30))

    assert IamCallers().find_key(key.key_id, None, clock.now()).caller.arn.endswith("bob")
    assert "no worker was told of identity.iam.note_key_use" in caplog.text


def test_an_earlier_use_does_not_overwrite_a_later_one(db):
    _user, key = world.user("bob")
    now = clock.now()

    keys.note_use(key.key_id, now)
    keys.note_use(key.key_id, now - timedelta(hours=2))

    assert AccessKey.objects.get(pk=key.key_id).last_used_at == now


# The administrator that a site starts with


def test_the_administrator_is_made_once(db):
    for _ in range(2):
        keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)

    assert User.objects.count() == AccessKey.objects.count() == 1
    assert Event.objects.filter(tag="iam:access_key:created").count() == 1
    held = IamCallers().find_key(ADMIN_KEY_ID, None, clock.now())
    IamCallers().authorize(held.caller, "any:Thing", "arn:aws:any:::thing", {})


def test_another_secret_replaces_the_old_one(db):
    keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)
    keys.ensure_administrator(ADMIN_KEY_ID, "another-secret-of-the-administrator")

    assert (
        IamCallers().find_key(ADMIN_KEY_ID, None, clock.now()).secret == "another-secret-of-the-administrator"
    )


def test_a_key_that_was_switched_off_stays_off(db):
    key = keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)
    keys.set_status(key, AccessKey.Status.INACTIVE)

    keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)

    with pytest.raises(UnknownKey):
        IamCallers().find_key(ADMIN_KEY_ID, None, clock.now())


@pytest.mark.parametrize(
    ("key_id", "secret"),
    [("short", ADMIN_SECRET), (ADMIN_KEY_ID, "short"), ("AKIA-WITH-DASHES", ADMIN_SECRET)],
)
def test_an_unusable_administrators_key_is_refused(db, key_id, secret):
    with pytest.raises(ImproperlyConfigured) as caught:
        keys.ensure_administrator(key_id, secret)

    assert secret not in str(caught.value)


def test_the_administrators_key_must_not_be_somebody_elses(db):
    _user, key = world.user("bob")

    with pytest.raises(ImproperlyConfigured, match="bob"):
        keys.ensure_administrator(key.key_id, ADMIN_SECRET)


def test_who_holds_keys_under_the_administrators_name_is_not_made_one(db):
    user, _key = world.user("administrator")

    with pytest.raises(ImproperlyConfigured, match="holds access keys"):
        keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)
    with pytest.raises(CommandError, match="holds access keys"):
        call_command("create_access_key")

    assert not user.attached_policies.exists()
    assert user.access_keys.count() == 1
    user.access_keys.all().delete()
    assert keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET).user == user


def test_an_administrator_with_further_keys_stays_one(db):
    key = keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)
    keys.create(key.user)

    assert keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET) == key


def test_a_name_like_the_administrators_is_told_of(db):
    world.user("Administrator")

    with pytest.raises(ImproperlyConfigured, match="case"):
        keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)


@pytest.mark.parametrize("name", ["AdministratorAccess", "administratoraccess"])
def test_a_policy_of_the_account_is_never_taken_for_the_products(db, name):
    managed_policies.create(name, document(deny()))

    with pytest.raises(ImproperlyConfigured, match="AdministratorAccess"):
        keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)
    with pytest.raises(NoSuchEntity):
        managed_policies.get(managed_policies.ADMINISTRATOR_ARN)

    assert not User.objects.exists()


def test_settings_name_the_administrators_key(db, settings):
    assert keys.ensure_administrator_from_settings() is None

    settings.IDENTITY = {
        **settings.IDENTITY,
        "ADMIN_ACCESS_KEY_ID": ADMIN_KEY_ID,
        "ADMIN_SECRET_ACCESS_KEY": ADMIN_SECRET,
    }
    assert keys.ensure_administrator_from_settings().key_id == ADMIN_KEY_ID


# The command


def test_the_command_makes_a_key_that_works(db, capsys):
    managed = managed_policies.create("Notes", document(allow("notes:*")))

    call_command("create_access_key", "--user", "robot", "--policy", "Notes", "--policy", managed.arn)

    printed = dict(line.split("=", 1) for line in capsys.readouterr().out.split())
    client = aws.client(
        "sts", access_key=printed["AWS_ACCESS_KEY_ID"], secret=printed["AWS_SECRET_ACCESS_KEY"]
    )
    assert client.get_caller_identity()["Arn"].endswith(":user/robot")
    assert [one.name for one in User.objects.get(name="robot").attached_policies.all()] == ["Notes"]


def test_the_command_makes_an_administrator_by_default_and_warns_of_a_user_without_rights(db, capsys):
    call_command("create_access_key")
    call_command("create_access_key", "--user", "nobody")

    assert [one.name for one in User.objects.get(name="administrator").attached_policies.all()] == [
        "AdministratorAccess"
    ]
    assert "may do nothing" in capsys.readouterr().err


def test_the_command_refuses_what_is_not_there(db):
    with pytest.raises(CommandError, match="Ghost"):
        call_command("create_access_key", "--user", "robot", "--policy", "Ghost")
    with pytest.raises(CommandError, match="letters"):
        call_command("create_access_key", "--user", "no blanks")
    assert not User.objects.exists()
