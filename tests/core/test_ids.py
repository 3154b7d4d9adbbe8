import re
import uuid
from datetime import UTC, datetime

import pytest
import time_machine

from identity.core import arns, clock, errors, ids

pytestmark = pytest.mark.core_suite


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        (lambda: ids.pool_id("eu-west-1"), r"eu-west-1_[A-Za-z0-9]{9}"),
        (lambda: ids.identity_pool_id("eu-west-1"), r"eu-west-1:[0-9a-f-]{36}"),
        (lambda: ids.client_id(), r"[a-z0-9]{26}"),
        (lambda: ids.client_secret(), r"[a-z0-9]{52}"),
        (lambda: ids.code(), r"[0-9]{6}"),
        (lambda: ids.code(digits=8), r"[0-9]{8}"),
        (lambda: ids.token(), r"[A-Za-z0-9_-]{43}"),
        (lambda: ids.letters(4, "ab"), r"[ab]{4}"),
    ],
)
def test_ids_have_the_form_that_clients_expect(make, pattern):
    assert re.fullmatch(pattern, make())


def test_uuids_are_random_ones():
    made = {ids.uuid() for _ in range(100)} | {ids.user_sub() for _ in range(100)}

    assert len(made) == 200
    assert all(uuid.UUID(each).version == 4 for each in made)


@pytest.mark.parametrize("minimum", [6, 8, 16, 24, 99])
def test_a_made_password_fits_every_policy(minimum):
    for _ in range(50):
        password = ids.password(minimum)
        assert minimum <= len(password) <= 99
        for needed in (r"[A-Z]", r"[a-z]", r"[0-9]", r"[\^$*.\[\]{}()?\-\"!@#%&/\\,><':;|_~`+=]"):
            assert re.search(needed, password)


@time_machine.travel(datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC), tick=False)
def test_the_clock_keeps_whole_milliseconds():
    now = clock.now()

    assert now == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert clock.epoch(now) == 1767323045.678
    assert clock.seconds(now) == 1767323045
    assert clock.at(clock.epoch(now)) == now


def test_arns_name_the_region_of_the_id():
    assert arns.user_pool("eu-west-1_AbCdEf123") == (
        "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_AbCdEf123"
    )
    assert arns.identity_pool("eu-west-1:1-2") == (
        "arn:aws:cognito-identity:eu-west-1:000000000000:identitypool/eu-west-1:1-2"
    )
    assert arns.role("reader") == "arn:aws:iam::000000000000:role/reader"
    assert arns.assumed_role("reader", "s") == "arn:aws:sts::000000000000:assumed-role/reader/s"


def test_an_arn_comes_apart_and_together_again():
    text = "arn:aws:lambda:us-east-1:123456789012:function:hook:prod"

    arn = arns.parse(text)

    assert arn == arns.Arn("aws", "lambda", "us-east-1", "123456789012", "function:hook:prod")
    assert str(arn) == text


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:aws:s3:::", "aws:arn:s3:::bucket", "arn:aws:s3::bucket", "arn::s3:::b"]
)
def test_what_is_no_arn_is_refused(text):
    with pytest.raises(ValueError, match="not an ARN"):
        arns.parse(text)


def test_an_error_tells_the_caller_its_message_and_the_log_why():
    class Refused(errors.ServiceError):
        code, message = "RefusedException", "Refused."

    error = Refused(why="because", Reason="x")

    assert (error.code, error.message, error.status, error.members) == (
        "RefusedException",
        "Refused.",
        400,
        {"Reason": "x"},
    )
    assert str(error) == "RefusedException: Refused. (because)"
    assert Refused("Other.").message == "Other."
