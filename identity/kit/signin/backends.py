"""Django ``AUTHENTICATION_BACKENDS`` of a user pool."""

import logging
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from identity.kit.signin import accounts, passwords
from identity.kit.signin.errors import SignInRefused

log = logging.getLogger("identity.kit")

REFUSAL = "identity_sign_in_refusal"
"""The attribute of a request that says why its sign-in was refused, for the host's form."""


class UserPoolBackend(ModelBackend):
    """Keeps those signed in who came by the hosted pages. Permissions are Django's own: by user and group."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, user_pool_claims: Mapping[str, Any] | None = None, **_: Any
    ) -> AbstractBaseUser | None:
        """The account of proven claims. Passwords are not this backend's. Raises SignInRefused."""
        return None if user_pool_claims is None else accounts.of_claims(user_pool_claims)

    async def aauthenticate(  # type: ignore[override]
        self, request: HttpRequest | None, **credentials: Any
    ) -> AbstractBaseUser | None:
        """The same: ModelBackend's own would take passwords of the site's table."""
        return await sync_to_async(self.authenticate)(request, **credentials)


class UserPoolPasswordBackend(UserPoolBackend):
    """Takes a name and a password and asks the pool: for the host's own form, and for the admin's.

    None for a refusal, so that other backends are asked too; ``request.identity_sign_in_refusal`` says why. A pool that
    wants more than a password (a second factor, a new password) is refused here: that needs the hosted pages.
    """

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        user_pool_claims: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> AbstractBaseUser | None:
        """The account of the pool's user, made at the first sign-in."""
        if user_pool_claims is not None:
            return super().authenticate(request, user_pool_claims)
        if not username or not password:
            return None
        try:
            return accounts.of_claims(passwords.prove(username, password))
        except SignInRefused as error:
            log.info("Sign-in by password refused: %s", error.why or error.message)
            if request is not None:
                setattr(request, REFUSAL, error.message)
            return None
