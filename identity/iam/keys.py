"""Access keys of IAM users: made, opened, switched off; and the administrator's key that a site starts with."""

import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from identity.core import events, sealing
from identity.core.conf import settings
from identity.iam import holders, managed_policies, names, rows
from identity.iam.errors import LimitExceeded, NoSuchEntity
from identity.iam.events import (
    AccessKeyCreated,
    AccessKeyDeleted,
    AccessKeyReplaced,
    AccessKeyStatusChanged,
    UserCreated,
)
from identity.iam.models import AccessKey, User
from identity.iam.models.access_keys import secret_binding

ADMINISTRATOR = "administrator"
MOST_KEYS = 2
"""Keys of one user through the API: one in use, one to change over to. Source: IAM user guide, "IAM and STS quotas"."""
KEY_ID = re.compile(r"\w{16,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is shown once."""

    key_id: str
    secret: str = field(repr=False)


def create(user: User, *, at_most: int | None = None) -> NewKey:
    """Make an access key. The secret is in the answer and never shown again.

    Raises ``LimitExceeded`` where the user holds ``at_most`` keys already.
    """
    new = NewKey(names.new_access_key_id("AKIA"), names.new_secret())
    with transaction.atomic():
        # Two at once must not pass the limit, and nobody gets a key while they are deleted.
        rows.hold(user)
        if at_most is not None and user.access_keys.count() >= at_most:
            raise LimitExceeded(f"Cannot exceed quota for AccessKeysPerUser: {at_most}")
        _insert(user, new)
    return new


def get(user: User, key_id: str) -> AccessKey:
    """A key of this user. One query. Raises ``NoSuchEntity``, for another user's key too."""
    return _one(AccessKey.objects.filter(user=user), key_id)


def get_any(key_id: str) -> AccessKey:
    """A key, whoever holds it. One query. Raises ``NoSuchEntity``."""
    return _one(AccessKey.objects.all(), key_id)


def _one(keys: "QuerySet[AccessKey]", key_id: str) -> AccessKey:
    found = keys.select_related("user").filter(pk=key_id).first()
    if found is None:
        raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")
    return found


def delete(key: AccessKey) -> None:
    """Delete a key: what is signed with it is refused from the next request on."""
    with transaction.atomic():
        if AccessKey.objects.filter(pk=key.pk).delete()[0]:
            events.record(AccessKeyDeleted(key.key_id, key.user.name))


def _insert(user: User, new: NewKey) -> None:
    row = AccessKey(key_id=new.key_id, user=user)
    row.seal(new.secret)
    row.save(force_insert=True)
    events.record(AccessKeyCreated(new.key_id, user.name))


def secret_of(key: AccessKey) -> str:
    """Open the secret. Raises ``sealing.SealBroken``."""
    return sealing.open_text(key.sealed_secret, bound_to=secret_binding(key))


def account_of(key_id: str) -> str | None:
    """The account of a key id: the one that it carries, or ours where it is a key of this site with an id of another kind.

    None where it is neither.
    """
    if KEY_ID.fullmatch(key_id) and AccessKey.objects.filter(pk=key_id).exists():
        return settings().account_id
    try:
        return names.account_of(key_id)
    except ValueError:
        return None


def set_status(key: AccessKey, status: AccessKey.Status) -> None:
    """Switch a key on or off, from the next request on."""
    with transaction.atomic():
        changed = AccessKey.objects.filter(pk=key.pk).exclude(status=status).update(status=status)
        if changed:
            events.record(AccessKeyStatusChanged(key.key_id, key.user.name, status))
    key.status = status


def ensure_administrator(access_key_id: str, secret: str) -> AccessKey:
    """Have a user ``administrator`` who may do everything and holds this key. Safe to repeat.

    A different secret replaces the old one; a key that was switched off stays off. Raises
    ``ImproperlyConfigured`` for an unusable id or one that another user holds, and where somebody else may be behind
    the names that this takes.
    """
    if not KEY_ID.fullmatch(access_key_id) or len(secret) < 16:
        raise ImproperlyConfigured(
            "The administrator's access key needs an id of 16 to 128 letters or digits "
            "and a secret of at least 16 characters."
        )
    with transaction.atomic():
        user = _administrator()
        # The row lock lets one of several starting processes insert the key; the others find it.
        User.objects.select_for_update().get(pk=user.pk)
        promote(user, but=access_key_id)
        key = AccessKey.objects.select_related("user").filter(pk=access_key_id).first()
        if key is None:
            _insert(user, NewKey(access_key_id, secret))
            return AccessKey.objects.get(pk=access_key_id)
        if key.user_id != user.pk:
            raise ImproperlyConfigured(f"Access key {access_key_id} belongs to user {key.user.name}.")
        _replace_secret(key, secret)
    return key


def _administrator() -> User:
    try:
        user, is_new = User.objects.get_or_create(name=ADMINISTRATOR)
    except IntegrityError as error:
        raise ImproperlyConfigured(
            f"An IAM user's name differs from {ADMINISTRATOR} in case only: rename or delete that user."
        ) from error
    if is_new:
        events.record(UserCreated(user.name))
    return user


def promote(user: User, *, but: str = "") -> None:
    """Let the user ``administrator`` do everything. Takes part in the caller's transaction.

    Whoever made a user of this name before, and holds a key of theirs (``but`` this one), must not be given everything
    by it. Raises ``ImproperlyConfigured``.
    """
    policy = managed_policies.administrator_access()
    if user.attached_policies.filter(pk=policy.pk).exists():
        return
    if user.access_keys.exclude(pk=but).exists():
        raise ImproperlyConfigured(
            f"IAM user {ADMINISTRATOR} holds access keys without the policy {policy.name}: "
            "delete the keys, attach the policy, or rename the user."
        )
    user.attached_policies.add(policy)
    holders.record(user, "attached", policy.arn)


def _replace_secret(key: AccessKey, secret: str) -> None:
    if hmac.compare_digest(secret_of(key).encode(), secret.encode()):
        return
    key.seal(secret)
    key.save(update_fields=["sealed_secret", "secret_set_at"])
    events.record(AccessKeyReplaced(key.key_id, key.user.name))


def ensure_administrator_from_settings() -> AccessKey | None:
    """``ensure_administrator`` with ``IDENTITY["ADMIN_ACCESS_KEY_ID"]`` and its secret; None where none is set."""
    given = settings()
    if not given.admin_access_key_id and not given.admin_secret_access_key:
        return None
    return ensure_administrator(given.admin_access_key_id, given.admin_secret_access_key)


def note_use(key_id: str, at: datetime) -> None:
    """Write when a key was last used, unless a later use is known."""
    earlier = Q(last_used_at=None) | Q(last_used_at__lt=at)
    AccessKey.objects.filter(earlier, pk=key_id).update(last_used_at=at)
