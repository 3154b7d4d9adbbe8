"""Temporary credentials ended early."""

from datetime import timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError
from django.db import IntegrityError

from identity.core import clock
from identity.core.models import Event
from identity.iam import revocations
from identity.iam.callers import IamCallers
from identity.iam.models import RevokedCredentials
from identity.wire.callers import ExpiredKey
from tests.iam import world

pytestmark = pytest.mark.core_suite


def use(given):
    return IamCallers().find_key(given.access_key_id, given.session_token, clock.now())


def test_a_roles_sessions_end_and_new_ones_work(db):
    role, other = world.pool_role("app"), world.pool_role("other")
    old, others = world.session(role), world.session(other)
    use(old)

    revocations.revoke_sessions(role, before=clock.now() + timedelta(milliseconds=1))

    with pytest.raises(ExpiredKey):
        use(old)
    use(others)
    with time_machine.travel(clock.now() + timedelta(seconds=2), tick=False):
        use(world.session(role))
    assert Event.objects.filter(tag="iam:role:sessions_revoked").count() == 1


def test_clients_see_them_expired_and_renew(db):
    role = world.pool_role("app")
    given = world.session(role)
    revocations.revoke_key(given.access_key_id)

    with pytest.raises(ClientError) as caught:
        world.session_client("sts", given).get_caller_identity()

    assert caught.value.response["Error"]["Code"] == "ExpiredToken"
    assert use(world.session(role))


def test_another_process_notices_within_a_second(db):
    role = world.pool_role("app")
    given = world.session(role)
    start = clock.now()
    with time_machine.travel(start, tick=False):
        use(given)  # this process has read the list
        RevokedCredentials.objects.create(access_key_id=given.access_key_id)  # as another process does
        use(given)
    with time_machine.travel(start + timedelta(seconds=1), tick=False), pytest.raises(ExpiredKey):
        use(given)


def test_the_list_is_read_once_a_second(db, django_assert_num_queries):
    given = world.session(world.pool_role("app"))
    with time_machine.travel(clock.now(), tick=False):
        use(given)
        with django_assert_num_queries(3):
            for _ in range(3):
                use(given)


def test_the_latest_of_several_revocations_counts(db):
    role = world.pool_role("app")
    given = world.session(role)
    now = clock.now()
    revocations.revoke_sessions(role, before=now + timedelta(seconds=1))
    revocations.revoke_sessions(role, before=now - timedelta(hours=1))

    with pytest.raises(ExpiredKey):
        use(given)


def test_what_has_run_out_by_itself_is_not_read(db, django_assert_num_queries):
    role = world.pool_role("app")
    revocations.revoke_sessions(role, before=clock.now() - timedelta(hours=13))
    RevokedCredentials.objects.create(access_key_id="ASIAOLD", created_at=clock.now() - timedelta(hours=13))

    current = revocations._current(clock.now())

    assert not current.keys
    assert not current.roles


def test_a_row_is_of_one_kind(db):
    with pytest.raises(IntegrityError):
        RevokedCredentials.objects.create()
