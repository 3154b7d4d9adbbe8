"""Passwords: policy, history, and what is kept of one (a hash, and a sealed SRP verifier)."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from identity.core import clock, hashing, sealing
from identity.userpools import attributes, srp
from identity.userpools.errors import (
    InvalidParameter,
    InvalidPassword,
    PasswordHistoryPolicyViolation,
    UserNotFound,
)
from identity.userpools.models import FormerPassword, User, UserPool, pool_settings

MAX_LENGTH = 256

# The model's own pattern would forbid inner blanks; this is the one that the service applies.
_FORM = re.compile(r"[\S]+.*[\S]+\Z")
_SYMBOL = re.compile(r"[\^$*.\[\]{}()?\"!@#%&/\\,><':;|_~`=+\- ]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is kept of a password, computed before the transaction that stores it."""

    hash: str = field(repr=False)
    srp_salt: str = field(repr=False)
    sealed_srp_verifier: bytes = field(repr=False)


def check_policy(pool: UserPool, password: str) -> None:
    """Raises InvalidParameter for a form no pool takes, InvalidPassword with the first rule of this pool that fails.

    Source: cognito/user-pools §9.
    """
    _check_form(password)
    policy = pool_settings.password_policy(pool)
    rules = (
        (True, len(password) >= policy.minimum_length, "Password not long enough"),
        (policy.require_lowercase, re.search("[a-z]", password), "Password must have lowercase characters"),
        (policy.require_uppercase, re.search("[A-Z]", password), "Password must have uppercase characters"),
        (policy.require_numbers, re.search("[0-9]", password), "Password must have numeric characters"),
        (policy.require_symbols, _SYMBOL.search(password), "Password must have symbol characters"),
    )
    for applies, is_met, text in rules:
        if applies and not is_met:
            raise InvalidPassword(f"Password did not conform with policy: {text}")


def _check_form(password: str) -> None:
    if len(password) > MAX_LENGTH:
        raise InvalidParameter(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_LENGTH}"
        )
    if not _is_text(password) or (len(password) > 1 and not _FORM.match(password)):
        raise InvalidParameter(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$"
        )


def _is_text(password: str) -> bool:
    """Whether the password can be hashed: JSON can carry halves of surrogate pairs."""
    return not any("\ud800" <= character <= "\udfff" for character in password)


def check_history(user: User, password: str) -> None:
    """Raises PasswordHistoryPolicyViolation for one of the last passwords, the present one counted.

    As slow as a verification for each that is kept; outside any transaction.
    """
    size = pool_settings.password_policy(user.pool).history_size
    if not size:
        return
    kept = [user.password] if _is_permanent(user) else []
    former = FormerPassword.objects.filter(user=user).order_by("-created_at", "-pk")
    kept += former.values_list("password", flat=True)[: size - len(kept)]
    if any(hashing.verify_password(password, each) for each in kept):
        raise PasswordHistoryPolicyViolation()


def prepare(user: User, password: str) -> Prepared:
    """Hash the password and make its SRP verifier; outside any transaction. The user need not be stored yet."""
    salt, verifier = srp.make(user.pool.srp_name, user.username, password)
    return Prepared(
        hash=hashing.hash_password(password),
        srp_salt=salt,
        sealed_srp_verifier=sealing.seal(verifier, bound_to=_binding(user)),
    )


def put(user: User, prepared: Prepared, *, expires_at: datetime | None = None) -> None:
    """Set the password's columns without saving. ``expires_at`` makes it a temporary one."""
    user.password = prepared.hash
    user.srp_salt = prepared.srp_salt
    user.sealed_srp_verifier = prepared.sealed_srp_verifier
    user.temporary_password_expires_at = expires_at
    user.password_changed_at = clock.now()


def store(
    user: User, prepared: Prepared, *, status: User.Status | None = None, expires_at: datetime | None = None
) -> None:
    """Store a new password, and the user's status with it. In the caller's transaction.

    The former one, unless temporary, goes into the history where the pool keeps one. Without ``status`` that
    column isn't written: somebody may have changed it since the user was read. A user whom it confirms gets the
    sign-in names of a confirmed one. Raises UserNotFound for a user deleted meanwhile, AliasExists.
    """
    was_unconfirmed = user.status == User.Status.UNCONFIRMED
    _keep_former(user)
    put(user, prepared, expires_at=expires_at)
    user.modified_at = clock.now()
    changed = {name: getattr(user, name) for name in _COLUMNS}
    if status is not None:
        user.status = changed["status"] = status
    if not User.objects.filter(pk=user.pk).update(**changed):
        raise UserNotFound(why="deleted meanwhile")
    if status is not None and was_unconfirmed:
        attributes.write(user, {})


_COLUMNS = (
    "password",
    "srp_salt",
    "sealed_srp_verifier",
    "temporary_password_expires_at",
    "password_changed_at",
    "modified_at",
)


def temporary_until(pool: UserPool) -> datetime:
    """When a temporary password that is set now expires."""
    return clock.now() + pool_settings.password_policy(pool).temporary_password_validity


def is_expired(user: User) -> bool:
    """Whether the user's password is a temporary one whose time is over."""
    expires_at = user.temporary_password_expires_at
    return expires_at is not None and expires_at <= clock.now()


def is_right(user: User, password: str) -> bool:
    """Check the password; as slow for a user without one. Upgrades the hash where its parameters are old."""
    if not user.password or not _is_text(password):
        hashing.burn("")
        return False
    if not hashing.verify_password(password, user.password):
        return False
    if hashing.needs_upgrade(user.password):
        upgraded = hashing.hash_password(password)
        if User.objects.filter(pk=user.pk, password=user.password).update(password=upgraded):
            user.password = upgraded
    return True


def register_verifiers() -> None:
    """Let resealing find the verifiers. Called when the app is ready."""
    sealing.register_column(User, "sealed_srp_verifier", bound_to=_binding)


def srp_verifier(user: User) -> bytes | None:
    """The opened verifier, or None for a user without a password. Raises ``sealing.SealBroken``."""
    if not user.sealed_srp_verifier:
        return None
    return sealing.open(bytes(user.sealed_srp_verifier), bound_to=_binding(user))


def _binding(user: User) -> str:
    return f"userpools:srp:{user.sub}"


def _is_permanent(user: User) -> bool:
    return bool(user.password) and user.temporary_password_expires_at is None


def _keep_former(user: User) -> None:
    size = pool_settings.password_policy(user.pool).history_size
    if not size:
        return
    former = FormerPassword.objects.filter(user=user)
    if _is_permanent(user):
        former.create(user=user, password=user.password, created_at=clock.now())
    kept = former.order_by("-created_at", "-pk").values_list("pk", flat=True)[: size - 1]
    former.exclude(pk__in=list(kept)).delete()
