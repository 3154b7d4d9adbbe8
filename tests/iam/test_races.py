"""What only racing connections show: one administrator, one role of a name, limits that hold."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from identity.core import clock
from identity.core.errors import ServiceError
from identity.iam import holders, keys, managed_policies, oidc_providers, policy, roles, users
from identity.iam.callers import IamCallers
from identity.iam.models import AccessKey, ManagedPolicy, OidcProvider, Role, RolePolicy, User
from tests import aws
from tests.conftest import ADMIN_KEY_ID, ADMIN_SECRET
from tests.iam import world
from tests.iam.documents import allow, document, trust

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("needs_postgres"),
]

THREADS = 20
TRUST = json.dumps(trust({"AWS": "000000000000"}))


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


def refusals_of(deeds):
    """As ``race``, where the API's errors are outcomes too."""

    def worded(deed):
        def tried():
            try:
                deed()
            except ServiceError as refused:
                raise ValidationError(refused.code) from refused

        return tried

    return race([worded(deed) for deed in deeds])


def test_a_user_gets_no_more_keys_than_allowed():
    user, _ = world.user("ana")

    outcomes = refusals_of([lambda: keys.create(user, at_most=keys.MOST_KEYS)] * 20)

    assert outcomes == {"": 1, "ValidationError": 19}
    assert user.access_keys.count() == keys.MOST_KEYS


def test_a_role_gets_no_more_policies_than_allowed():
    role = roles.create("app", trust({"AWS": "000000000000"}))
    made = [managed_policies.create(f"p{number}", document(allow())) for number in range(20)]

    outcomes = refusals_of([lambda one=one: holders.attach(role, one) for one in made])

    assert outcomes == {"": holders.MOST_ATTACHED, "ValidationError": 20 - holders.MOST_ATTACHED}
    assert role.attached_policies.count() == holders.MOST_ATTACHED


def test_versions_made_at_once_have_numbers_of_their_own():
    managed = managed_policies.create("p", document(allow()))

    outcomes = refusals_of(
        [lambda: managed_policies.create_version(managed, document(allow()), as_default=True)] * 10
    )

    assert outcomes == {"": 4, "ValidationError": 6}
    assert [one.number for one in managed_policies.versions(ManagedPolicy.objects.get())] == [5, 4, 3, 2, 1]


def test_setting_the_default_version_loses_no_version():
    managed = managed_policies.create("p", document(allow()))
    for _ in range(3):
        managed_policies.create_version(managed, document(allow()), as_default=False)

    outcomes = refusals_of(
        [
            lambda number=number: managed_policies.set_default(managed, f"v{number % 4 + 1}")
            for number in range(20)
        ]
    )

    assert outcomes == {"": 20}
    assert [one.number for one in managed_policies.versions(ManagedPolicy.objects.get())] == [4, 3, 2, 1]


def test_a_policy_is_attached_or_deleted_but_never_both():
    for number in range(10):
        role = roles.create(f"r{number}", trust({"AWS": "000000000000"}))
        managed = managed_policies.create(f"p{number}", document(allow()))

        outcomes = refusals_of(
            [lambda m=managed: managed_policies.delete(m), lambda r=role, m=managed: holders.attach(r, m)]
        )

        assert outcomes == {"": 1, "ValidationError": 1}
        assert role.attached_policies.count() == ManagedPolicy.objects.filter(pk=managed.pk).count()


def test_a_role_is_given_a_policy_or_deleted_but_never_both():
    for number in range(10):
        role = roles.create(f"r{number}", trust({"AWS": "000000000000"}))

        outcomes = refusals_of(
            [
                lambda r=role: roles.delete_bare(r),
                lambda r=role: holders.put_policy(r, "p", document(allow())),
                lambda r=role: roles.update(r, description="x"),
            ]
        )

        assert outcomes[""] >= 1
        there = Role.objects.filter(pk=role.pk).exists()
        assert there is RolePolicy.objects.filter(role_id=role.pk).exists()


def test_audiences_added_at_once_are_all_there():
    provider = oidc_providers.create("https://idp.example.com", [])

    outcomes = refusals_of(
        [lambda n=number: oidc_providers.add_client_id(provider, f"c{n}") for number in range(20)]
    )

    assert outcomes == {"": 20}
    provider.refresh_from_db()
    assert len(provider.client_ids) == 20


def test_an_arn_has_one_provider():
    spellings = ["https://idp.example.com", "https://idp.example.com/"]

    outcomes = refusals_of([lambda n=n: oidc_providers.create(spellings[n % 2], []) for n in range(20)])

    assert outcomes[""] == 1
    assert OidcProvider.objects.count() == 1


def test_a_user_renamed_and_moved_at_once_is_both():
    user = world.user("ana")[0]
    copies = [User.objects.get(pk=user.pk) for _ in range(2)]

    outcomes = refusals_of(
        [lambda: users.rename(copies[0], name="ben"), lambda: users.rename(copies[1], path="/team/")]
    )

    assert outcomes == {"": 2}
    user.refresh_from_db()
    assert (user.name, user.path) == ("ben", "/team/")


def test_a_name_is_taken_once_through_the_api(admin_key):
    def create():
        iam = aws.client("iam", access_key=admin_key[0], secret=admin_key[1])
        try:
            iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
        except iam.exceptions.EntityAlreadyExistsException as refused:
            raise ValidationError("taken") from refused

    assert race([create] * 10) == {"": 1, "ValidationError": 9}
