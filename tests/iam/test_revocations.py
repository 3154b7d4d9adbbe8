"""Temporary credentials ended early."""

from datetime import timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError
from django.db import IntegrityError, transaction

from identity.core import clock
from identity.core.models import Event
from identity.iam import credentials, oidc_providers, revocations
from identity.iam.callers import IamCallers
from identity.iam.models import RevokedCredentials, Role
from identity.wire.callers import ExpiredKey
from tests import aws
from tests.iam import world
from tests.iam.documents import allow, document, trust

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


def test_what_others_read_before_a_revocation_is_committed_does_not_last(
    db, monkeypatch, django_capture_on_commit_callbacks
):
    given = world.session(world.pool_role("app"))
    with time_machine.travel(clock.now(), tick=False):
        for revoke in (
            lambda: revocations.revoke_key(given.access_key_id),
            lambda: revocations.revoke_sessions(Role.objects.get(), before=clock.now() + timedelta(days=1)),
        ):
            RevokedCredentials.objects.all().delete()
            revocations.forget()
            use(given)
            as_it_was = revocations._current(clock.now())
            with django_capture_on_commit_callbacks() as later:
                revoke()
            monkeypatch.setattr(revocations, "_snapshot", as_it_was)  # as another thread does
            for committed in later:
                committed()

            with pytest.raises(ExpiredKey):
                use(given)


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
    revocations.revoke_sessions(role, before=clock.now() - timedelta(hours=37))
    RevokedCredentials.objects.create(access_key_id="ASIAOLD", created_at=clock.now() - timedelta(hours=37))

    current = revocations._current(clock.now())

    assert not current.keys
    assert not current.roles


def test_a_row_is_of_one_kind(db):
    with pytest.raises(IntegrityError):
        RevokedCredentials.objects.create()


POOL, SUBJECT = "us-east-1:pool", "us-east-1:ana"
COGNITO = "cognito-identity.amazonaws.com"


def of_identity(subject=SUBJECT, pool=POOL):
    claims = {f"{COGNITO}:sub": subject, f"{COGNITO}:aud": pool, f"{COGNITO}:amr": ["authenticated"]}
    role = Role.objects.filter(name="app").first() or world.pool_role("app")
    return credentials.issue(
        role, session_name="x", duration=timedelta(hours=1), terms=credentials.Terms(claims=claims)
    )


def test_a_web_identitys_sessions_end_and_others_do_not(db):
    mine, others = of_identity(), of_identity("us-east-1:ben")

    revocations.revoke_subject(COGNITO, SUBJECT)

    for ended in (mine, of_identity()):  # what was being issued meanwhile is ended too
        with pytest.raises(ExpiredKey):
            use(ended)
    use(others)
    assert Event.objects.filter(tag="iam:web_identity:revoked").count() == 1


def test_who_is_let_in_again_gets_new_sessions_but_not_the_old_ones(db):
    old = of_identity()
    revocations.revoke_subject(COGNITO, SUBJECT)

    with time_machine.travel(clock.now() + timedelta(seconds=2), tick=False):
        revocations.restore_subject(COGNITO, SUBJECT)
        use(of_identity())
        with pytest.raises(ExpiredKey):
            use(old)
        revocations.revoke_subject(COGNITO, SUBJECT)
        with pytest.raises(ExpiredKey):
            use(of_identity())


def test_a_moment_lets_nobody_in_and_the_latest_of_several_counts(db):
    start = clock.now()
    with time_machine.travel(start + timedelta(seconds=2), tick=False):
        old = of_identity()
        revocations.revoke_claim(f"{COGNITO}:sub", SUBJECT, before=clock.now() + timedelta(milliseconds=1))
        revocations.revoke_claim(f"{COGNITO}:sub", SUBJECT, before=start)
        with pytest.raises(ExpiredKey):
            use(old)
    with time_machine.travel(start + timedelta(seconds=4), tick=False):
        use(of_identity())
        revocations.revoke_subject(COGNITO, SUBJECT)
        revocations.revoke_claim(f"{COGNITO}:sub", SUBJECT, before=clock.now())
    for later in (6, 90):  # what is new alone, and the whole list
        with time_machine.travel(start + timedelta(seconds=later), tick=False), pytest.raises(ExpiredKey):
            use(of_identity())


def test_all_sessions_of_an_identity_pool_end(db):
    mine, other = of_identity(), of_identity(pool="us-east-1:other")

    revocations.revoke_audience(COGNITO, POOL)

    with pytest.raises(ExpiredKey):
        use(mine)
    use(other)


def test_between_whole_readings_only_what_is_new_is_read(db):
    start = clock.now()
    first, second = of_identity("us-east-1:first"), of_identity("us-east-1:second")
    with time_machine.travel(start, tick=False):
        revocations.revoke_subject(COGNITO, "us-east-1:first")
        with pytest.raises(ExpiredKey):
            use(first)  # the whole list was read
    with time_machine.travel(start + timedelta(seconds=2), tick=False):
        RevokedCredentials.objects.create(claim=f"{COGNITO}:sub", claim_value="us-east-1:second")
        for ended in (first, second):
            with pytest.raises(ExpiredKey):
                use(ended)
    RevokedCredentials.objects.all().delete()  # by another process
    with time_machine.travel(start + timedelta(seconds=61), tick=False):
        use(first)


def test_after_a_revocation_only_what_is_new_is_read(db, django_assert_num_queries):
    """Guests that merge all day are each a revocation."""
    start = clock.now()
    first, second = of_identity("us-east-1:first"), of_identity("us-east-1:second")
    role = world.pool_role("other")
    third, fourth = world.session(role), world.session(role)
    with time_machine.travel(start, tick=False):
        use(first)  # the whole list was read
        # Out of the short reading's sight:
        RevokedCredentials.objects.create(
            claim=f"{COGNITO}:sub", claim_value="us-east-1:first", created_at=start - revocations.LATELY
        )
        for revoke, ended in (
            (lambda: revocations.revoke_subject(COGNITO, "us-east-1:second"), second),
            (lambda: revocations.revoke_key(third.access_key_id), third),
            (lambda: revocations.revoke_sessions(role, before=start + timedelta(seconds=1)), fourth),
        ):
            revoke()
            with django_assert_num_queries(1), pytest.raises(ExpiredKey):
                use(ended)
        use(first)
        revocations.forget()
        with pytest.raises(ExpiredKey):
            use(first)


def test_what_took_long_to_commit_is_seen_at_once(db, django_capture_on_commit_callbacks):
    start = clock.now()
    mine, other = of_identity(), of_identity("us-east-1:ben")
    with time_machine.travel(start, tick=False) as clocks:
        with django_capture_on_commit_callbacks(execute=True):
            revocations.revoke_subject(COGNITO, SUBJECT)
            mine_row = RevokedCredentials.objects.get()
            RevokedCredentials.objects.all().delete()  # as others see it until it is committed
            clocks.move_to(start + timedelta(minutes=3))
            use(other)
            mine_row.save(force_insert=True)
        with pytest.raises(ExpiredKey):
            use(mine)


def test_a_reading_that_a_revocation_overtakes_is_not_the_last(db, monkeypatch):
    """Another thread has read the list before, and puts it in place after."""
    given = world.session(world.pool_role("app"))
    with time_machine.travel(clock.now(), tick=False):
        use(given)
        as_it_was = revocations._current(clock.now())
        revocations.revoke_key(given.access_key_id)
        monkeypatch.setattr(revocations, "_snapshot", as_it_was)
        with pytest.raises(ExpiredKey):
            use(given)


def test_a_row_names_one_identity_whole(db):
    for wrong in ({"claim": "x:sub"}, {"claim_value": "x"}, {"claim": "x:sub", "access_key_id": "ASIAX"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RevokedCredentials.objects.create(**wrong)


def test_what_speaks_of_nothing_any_more_is_tidied_up(db):
    old = clock.now() - timedelta(hours=37)
    about = {"claim": f"{COGNITO}:sub", "claim_value": SUBJECT}
    RevokedCredentials.objects.create(**about, created_at=old)
    RevokedCredentials.objects.create(**about, created_at=old, revoked_before=old)
    kept = {
        RevokedCredentials.objects.create(**about).pk,
        RevokedCredentials.objects.create(**about, created_at=old, revoked_before=clock.now()).pk,
        RevokedCredentials.objects.create(access_key_id="ASIAOLD", created_at=old).pk,
    }

    assert revocations.purge() == 2
    assert set(RevokedCredentials.objects.values_list("pk", flat=True)) == kept


def test_who_is_locked_out_of_another_provider_stays_locked_out(db, idp):
    """Its tokens are not ours: how long they live, and who gets a new one, is not known here."""
    provider = oidc_providers.create(idp.url, ["app"])
    name = f"{provider.name}:sub"
    role = world.role(
        "app", trust({"Federated": provider.arn}, "sts:AssumeRoleWithWebIdentity"), document(allow())
    )
    start = clock.now()

    def assume(subject):
        return aws.client("sts").assume_role_with_web_identity(
            RoleArn=role.arn,
            RoleSessionName="app",
            WebIdentityToken=idp.token(aud="app", sub=subject, now=clock.now()),
        )

    for subject in ("mallory", "ana"):
        revocations.revoke_claim(name, subject)
    revocations.restore_subject(provider.name, "ana")

    for later in (timedelta(seconds=2), timedelta(hours=37), timedelta(days=400)):
        with time_machine.travel(start + later, tick=False):
            revocations.purge()
            revocations.forget()
            with pytest.raises(ClientError) as caught:
                assume("mallory")
            assert caught.value.response["Error"]["Code"] == "AccessDenied"
            assert assume("ana")["Credentials"]
