"""What only several connections show. On PostgreSQL; SQLite has one writer."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection

from identity.kit.signin import accounts
from tests.races import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="TEST_BACKEND=postgres is not set"),
]


def test_two_first_sign_ins_at_once_make_one_account(settings: Any) -> None:
    settings.IDENTITY_KIT = {
        "SIGN_IN": {
            "ISSUER": "https://id.example/p",
            "CLIENT_ID": "c",
            "GROUPS": {"writers": "Editors"},
            "STAFF_GROUPS": ["writers"],
        }
    }
    claims = {"sub": "ana", "cognito:groups": ["writers"], "given_name": "Ana"}

    found = at_once(*[lambda: accounts.of_claims(claims)] * 4)

    (account,) = get_user_model().objects.all()
    assert [each.pk for each in found] == [account.pk] * 4
    assert (account.first_name, account.is_staff) == ("Ana", True)
    assert [each.name for each in account.groups.all()] == ["Editors"]
    assert Group.objects.count() == 1
