"""The admin's own door."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db

PASSWORD = "Corr3ct-horse-battery"


def log_in(password: str, address: str = "192.0.2.1") -> bool:
    http = Client(REMOTE_ADDR=address)
    http.post("/admin/login/", {"username": "root", "password": password, "next": "/admin/"})
    return "_auth_user_id" in http.session


def test_many_wrong_passwords_lock_their_address_out_and_nobody_else() -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    assert log_in(PASSWORD)

    assert not any(log_in("wrong") for _ in range(10))

    assert not log_in(PASSWORD)
    assert log_in(PASSWORD, address="192.0.2.2")


def test_a_right_password_forgives() -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    for _ in range(3):
        assert not any(log_in("wrong") for _ in range(3))
        assert log_in(PASSWORD)
