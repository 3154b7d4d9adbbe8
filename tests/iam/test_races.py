"""What only racing connections show: one administrator, one role of a name, limits that hold."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from identity.core import clock
from identity.iam import keys, policy, roles
from identity.iam.callers import IamCallers
from identity.iam.models import AccessKey, ManagedPolicy, Role, RolePolicy, User
from tests.conftest import ADMIN_KEY_ID, ADMIN_SECRET
from tests.iam import world
from tests.iam.documents import allow, document, trust

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("needs_postgres"),
]

THREADS = 20


def race(deeds):
    """Do all at once, each thread with a connection of its own; how often each outcome came ("" is success)."""

    def outcome(deed):
        try:
            deed()
        except (IntegrityError, ValidationError) as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(THREADS) as threads:
        return Counter(threads.map(outcome, deeds))


def test_processes_that_start_together_make_one_administrator():
    outcomes = race([lambda: keys.ensure_administrator(ADMIN_KEY_ID, ADMIN_SECRET)] * 40)

    assert outcomes == {"": 40}
    assert User.objects.count() == AccessKey.objects.count() == ManagedPolicy.objects.count() == 1


def test_a_name_has_one_role():
    outcomes = race([lambda n=n: roles.create("App" if n % 2 else "app", trust("*")) for n in range(40)])

    assert outcomes[""] == 1
    assert Role.objects.count() == 1


def test_inline_policies_never_outgrow_their_limit_together():
    role = world.role("app", trust("*"))
    large = document(allow(Sid="a" * 3000))

    outcomes = race([lambda n=n: roles.put_policy(role, f"p{n}", large) for n in range(20)])

    assert outcomes == {"": 3, "ValidationError": 17}
    assert sum(policy.size(one.document) for one in RolePolicy.objects.all()) <= 10_240


def test_a_policy_and_its_use_do_not_disturb_each_other():
    role = world.pool_role("app")
    given = world.session(role)

    def use():
        IamCallers().find_key(given.access_key_id, given.session_token, clock.now())

    def change():
        roles.put_policy(role, "policy0", document(allow("svc:*")))

    assert race([use, change] * 40) == {"": 80}
