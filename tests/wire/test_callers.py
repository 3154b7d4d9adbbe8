"""The implementation that reads one key from the settings, and the request's condition keys."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings

from identity.core import clock
from identity.wire import callers
from identity.wire.errors import MissingAuthenticationToken, UnknownKey
from tests.wire.conftest import ACCOUNT, KEY_ID, SECRET


def find(key_id: str = KEY_ID, token: str | None = None) -> callers.Key:
    return callers.SettingsCallers().find_key(key_id, token, clock.now())


def test_the_administrator():
    key = find()

    assert key.secret == SECRET
    assert SECRET not in repr(key)
    assert key.caller.arn == f"arn:aws:iam::{ACCOUNT}:root"
    assert (key.caller.user_id, key.caller.principal_type) == (ACCOUNT, "Account")
    assert key.caller.is_authenticated


def test_every_other_key_is_unknown():
    for key_id, token in (("AKIAOTHER", None), (KEY_ID.lower(), None), ("", None), (KEY_ID, "token")):
        with pytest.raises(UnknownKey):
            find(key_id, token)


@pytest.mark.parametrize(
    "identity", [{}, {"ADMIN_ACCESS_KEY_ID": KEY_ID}, {"ADMIN_SECRET_ACCESS_KEY": SECRET}]
)
def test_half_a_key_is_none(identity):
    with override_settings(IDENTITY=identity):
        for key_id in ("", KEY_ID):
            with pytest.raises(UnknownKey):
                find(key_id)


def test_the_implementation_is_that_of_the_settings():
    assert isinstance(callers.current(), callers.SettingsCallers)
    with override_settings(IDENTITY={"CALLERS": "tests.wire.test_callers.Nobody"}):
        assert isinstance(callers.current(), Nobody)


class Nobody(callers.SettingsCallers):
    pass


def test_the_condition_keys_of_a_request(rf: Any):
    request = rf.get("/", secure=True, REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="aws-cli/2\x00")
    now = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)

    assert callers.request_context(request, region="eu-west-1", now=now) == {
        "aws:SourceIp": "203.0.113.9",
        "aws:UserAgent": "aws-cli/2",
        "aws:SecureTransport": "true",
        "aws:CurrentTime": "2026-01-02T03:04:05Z",
        "aws:EpochTime": "1767323045",
        "aws:RequestedRegion": "eu-west-1",
    }


def test_authenticate_is_for_any_view(rf: Any):
    with pytest.raises(MissingAuthenticationToken):
        callers.authenticate(rf.get("/notes"), service="execute-api")
