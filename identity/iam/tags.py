"""Tags of whatever carries them: a JSON column of texts, keys unlike ignoring case. Source: IAM user guide, "Tags"."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

from django.db import transaction

from identity.iam import policy, rows
from identity.iam.errors import InvalidInput, LimitExceeded
from identity.iam.models import ManagedPolicy, OidcProvider, Role, SamlProvider, User
from identity.iam.names import MAX_TAGS

Tagged = TypeVar("Tagged", Role, User, ManagedPolicy, OidcProvider, SamlProvider)

RESERVED: Final = "aws:"


def checked(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Tags as they are kept. Raises ``InvalidInput`` for keys alike and reserved ones, ``LimitExceeded`` for too many."""
    given = list(pairs)
    folded = [key.lower() for key, _ in given]
    if len(set(folded)) != len(folded):
        raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith(RESERVED) for key in folded):
        raise InvalidInput("Tag keys beginning with aws: are reserved for system use.")
    tags = dict(given)
    _require_room(tags)
    return tags


def add(row: Tagged, pairs: Iterable[tuple[str, str]]) -> None:
    """Set tags; one whose key differs in case only is replaced. Raises as ``checked`` does."""
    added = checked(pairs)
    with transaction.atomic():
        held = rows.hold(row)
        held.tags = policy.overlaid(held.tags, added)
        _require_room(held.tags)
        held.save(update_fields=["tags"])


def remove(row: Tagged, keys: Sequence[str]) -> None:
    """Take tags away, their keys compared ignoring case; those that aren't there are passed over."""
    folded = {key.lower() for key in keys}
    with transaction.atomic():
        held = rows.hold(row)
        held.tags = {key: value for key, value in held.tags.items() if key.lower() not in folded}
        held.save(update_fields=["tags"])


def _require_room(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise LimitExceeded("The number of tags has reached the maximum limit.")
