"""Signing in to the admin, with the lock-out that users of pools have."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from identity.core import hosts, limits


class AdminLogin(AdminAuthenticationForm):
    """Counts wrong passwords by name and address: a stranger elsewhere locks no operator out."""

    def clean(self) -> dict[str, Any]:
        key = self._key()
        try:
            seen = limits.lockout_check(key)
        except limits.LockedOut as locked:
            raise ValidationError(
                _("Too many wrong passwords. Wait a while, then try again."), code="locked"
            ) from locked
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            limits.lockout_fail(key)
            raise
        limits.lockout_clear(seen)
        return cleaned

    def _key(self) -> str:
        address = hosts.client_address(self.request) if self.request else ""
        return f"admin:sign-in:{address}:{self.cleaned_data.get('username', '').lower()}"
