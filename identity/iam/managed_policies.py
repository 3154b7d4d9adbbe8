"""Managed policies: made, found, given versions, deleted.

The default version's document stands in the policy's own row, the other versions in rows of their own; whatever
moves between them holds the policy's row.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from identity.core import arns, clock, events
from identity.iam import rows
from identity.iam.errors import DeleteConflict, InvalidInput, LimitExceeded, NoSuchEntity
from identity.iam.events import PolicyChanged, PolicyCreated, PolicyDeleted
from identity.iam.models import ManagedPolicy, PolicyVersion
from identity.iam.texts import Document, text

log = logging.getLogger("identity.iam")

ADMINISTRATOR_ACCESS = "AdministratorAccess"
ADMINISTRATOR_ARN: Final = f"arn:{arns.PARTITION}:iam::aws:policy/{ADMINISTRATOR_ACCESS}"
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
MOST_VERSIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a managed policy, wherever it is kept."""

    number: int
    document: str
    created_at: datetime
    is_default: bool


def create(
    name: str,
    document: Document,
    *,
    path: str = "/",
    description: str = "",
    tags: dict[str, str] | None = None,
) -> ManagedPolicy:
    """Make a managed policy. Raises Django's ``ValidationError``."""
    now = clock.now()
    managed = ManagedPolicy(
        name=name,
        path=path,
        document=text(document),
        description=description,
        tags=tags or {},
        created_at=now,
        updated_at=now,
        version_created_at=now,
    )
    managed.full_clean()
    save_new(managed)
    return managed


def save_new(managed: ManagedPolicy) -> None:
    """Write a policy that was checked."""
    with transaction.atomic():
        managed.save(force_insert=True)
        events.record(PolicyCreated(managed.arn))


def set_document(managed: ManagedPolicy, document: Document) -> None:
    """Make a new default version; the oldest other one goes where there are as many as may be.

    Raises Django's ``ValidationError``.
    """
    with transaction.atomic():
        held = rows.hold(managed)
        if held.other_versions.count() >= MOST_VERSIONS - 1:
            held.other_versions.order_by("number")[0].delete()
        _add_version(held, text(document), as_default=True)
    managed.refresh_from_db()


def create_version(managed: ManagedPolicy, document: Document, *, as_default: bool) -> Version:
    """Add a version. Raises ``LimitExceeded`` beyond five, Django's ``ValidationError``, ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(managed)
        if held.other_versions.count() >= MOST_VERSIONS - 1:
            raise LimitExceeded(
                f"A managed policy can have up to {MOST_VERSIONS} versions. Before you create a new version, "
                "you must delete an existing version."
            )
        return _add_version(held, text(document), as_default=as_default)


def versions(managed: ManagedPolicy) -> list[Version]:
    """All versions, the newest first."""
    others = [_other(row) for row in managed.other_versions.all()]
    return sorted([_default(managed), *others], key=lambda each: each.number, reverse=True)


def get_version(managed: ManagedPolicy, version_id: str) -> Version:
    """The version of an id such as ``v3``. Raises ``NoSuchEntity``."""
    for version in versions(managed):
        if f"v{version.number}" == version_id:
            return version
    raise _no_version(managed, version_id)


def set_default(managed: ManagedPolicy, version_id: str) -> None:
    """Let another version count, from the next request on. Raises ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(managed)
        chosen = get_version(held, version_id)
        if not chosen.is_default:
            held.other_versions.filter(number=chosen.number).delete()
            _put_aside_default(held)
            _make_default(held, chosen)


def delete_version(managed: ManagedPolicy, version_id: str) -> None:
    """Delete a version that is not the default one. Raises ``DeleteConflict`` for that one, ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(managed)
        chosen = get_version(held, version_id)
        if chosen.is_default:
            raise DeleteConflict("Cannot delete the default version of a policy.")
        held.other_versions.filter(number=chosen.number).delete()


def delete(managed: ManagedPolicy) -> None:
    """Delete a policy with its only version. Raises ``DeleteConflict`` while it is used, ``NoSuchEntity``."""
    with transaction.atomic():
        held = rows.hold(managed)
        users = (held.roles, held.users, held.bounded_roles, held.bounded_users)
        if any(each.exists() for each in users):
            raise DeleteConflict("Cannot delete a policy attached to entities.")
        if held.other_versions.exists():
            raise DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
        held.delete()
        events.record(PolicyDeleted(managed.arn))


def get(arn: str, *, missing: str = "Policy {} was not found.") -> ManagedPolicy:
    """The policy of exactly this ARN; one query. ``missing`` is the text about one that isn't there.

    ``AdministratorAccess`` is there for all who name it, by this one spelling: policies speak of ARNs. Raises ``InvalidInput`` for what is no ARN, ``NoSuchEntity``.
    """
    try:
        arns.parse(arn)
    except ValueError as error:
        raise InvalidInput(f"ARN {arn} is not valid.") from error
    if arn == ADMINISTRATOR_ARN:
        try:
            return administrator_access()
        except ImproperlyConfigured as error:
            log.error("%s", error)
            raise NoSuchEntity(missing.format(arn)) from error
    found = find_all([arn])
    if arn not in found:
        raise NoSuchEntity(missing.format(arn))
    return found[arn]


def find_all(wanted: Iterable[str]) -> dict[str, ManagedPolicy]:
    """The managed policies of these ARNs that exist, by ARN. One query."""
    names = {arn: arn.rpartition("/")[2] for arn in wanted if _is_policy(arn)}
    found = ManagedPolicy.objects.filter(name__in=set(names.values())) if names else ()
    by_arn = {managed.arn: managed for managed in found}
    return {arn: by_arn[arn] for arn in names if arn in by_arn}


def administrator_access() -> ManagedPolicy:
    """The policy that allows everything, made when first asked for.

    Raises ``ImproperlyConfigured`` where a policy of the account has its name, in whatever case.
    """
    try:
        managed, _ = ManagedPolicy.objects.get_or_create(
            name=ADMINISTRATOR_ACCESS,
            is_aws_managed=True,
            defaults={
                "document": text(EVERYTHING),
                "description": "Provides full access to all services and resources.",
            },
        )
    except IntegrityError as error:
        raise ImproperlyConfigured(
            f"A managed policy of the account has the name {ADMINISTRATOR_ACCESS}, which is the product's: delete it."
        ) from error
    return managed


def _is_policy(text: str) -> bool:
    try:
        return arns.parse(text).resource.startswith("policy/")
    except ValueError:
        return False


def _default(managed: ManagedPolicy) -> Version:
    return Version(managed.version, managed.document, managed.version_created_at, is_default=True)


def _other(row: PolicyVersion) -> Version:
    return Version(row.number, row.document, row.created_at, is_default=False)


def _add_version(held: ManagedPolicy, document: str, *, as_default: bool) -> Version:
    now = clock.now()
    added = Version(held.latest_version + 1, document, now, is_default=as_default)
    held.latest_version, held.updated_at = added.number, now
    if as_default:
        _put_aside_default(held)
        _make_default(held, added)
    else:
        _insert(held, added)
        held.save(update_fields=["latest_version", "updated_at"])
    return added


def _put_aside_default(held: ManagedPolicy) -> None:
    _insert(held, _default(held))


def _insert(held: ManagedPolicy, version: Version) -> None:
    row = PolicyVersion(
        policy=held, number=version.number, document=version.document, created_at=version.created_at
    )
    row.full_clean()
    row.save(force_insert=True)


def _make_default(held: ManagedPolicy, version: Version) -> None:
    held.version, held.document, held.version_created_at = (
        version.number,
        version.document,
        version.created_at,
    )
    held.clean()
    held.save()
    events.record(PolicyChanged(held.arn, held.version))


def _no_version(managed: ManagedPolicy, version_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {managed.arn} version {version_id} does not exist or is not attachable.")
