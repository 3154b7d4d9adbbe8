"""Writing a user's attributes: who may, and keeping columns, sign-in names and codes in step with them."""

from collections.abc import Mapping

from django.db.models import Q

from identity.core import clock
from identity.userpools import aliases, attribute_values
from identity.userpools.errors import NotAuthorized, UserNotFound
from identity.userpools.models import Code, User, UserPoolClient, pool_settings

FILTERABLE = ("email", "phone_number", "name", "given_name", "family_name", "preferred_username")

# Filter values have 256 characters at most, so longer ones need no more for exact and prefix search;
# an index entry of PostgreSQL holds 2,700 bytes.
_COLUMN_LENGTH = 512


def require_writable(client: UserPoolClient, names: Mapping[str, str]) -> None:
    """Raises NotAuthorized where a user of this app client may not write one of the attributes."""
    writable = pool_settings.writable_attributes(client)
    for name in names:
        # Proof of an address is the service's word, whatever a client was allowed.
        forbidden = name in ("sub", "identities", *attribute_values.VERIFICATIONS) or name.startswith(
            ("cognito:", "dev:")
        )
        if forbidden or (writable is not None and name not in writable):
            raise NotAuthorized("A client attempted to write unauthorized attribute")


def readable(client: UserPoolClient, user: User) -> dict[str, str]:
    """The attributes of a user that an app client may see, ``sub`` aside."""
    allowed = pool_settings.readable_attributes(client)
    return {
        name: value
        for name, value in user.attributes.items()
        if not name.startswith("dev:") and (allowed is None or name in allowed)
    }


def fill_columns(user: User) -> None:
    """Repeat in their columns, in lower case, the attributes that ListUsers can filter on."""
    for name in FILTERABLE:
        setattr(user, name, user.attributes.get(name, "").lower()[:_COLUMN_LENGTH])


def write(
    user: User,
    changes: Mapping[str, str],
    *,
    pending: Mapping[str, str] | None = None,
    take_aliases: bool = False,
) -> None:
    """Change attributes; an empty value deletes. In the caller's transaction, which a refusal must undo.

    ``pending`` are new values of e-mail and phone that count only once verified. A code that went to an
    address the user no longer has, or awaits, is void from here on.
    Raises AliasExists where a new sign-in name is another's, UserNotFound for a user deleted meanwhile.
    """
    _refresh(user)
    user.attributes = _merged(user.attributes, changes)
    user.pending_attributes = _merged(user.pending_attributes, _settled(changes) | dict(pending or {}))
    user.modified_at = clock.now()
    fill_columns(user)
    user.save(update_fields=["attributes", "pending_attributes", "modified_at", *FILTERABLE])
    if any(name in changes for name in attribute_values.VERIFIABLE) or pending:
        _void_codes(user)
    if not aliases.come_from_attributes(user.pool):
        return
    try:
        aliases.sync(user, take=take_aliases)
    except aliases.NameTaken as taken:
        raise taken.as_alias_error() from taken


def _refresh(user: User) -> None:
    """Read what is stored now, holding the row: two changes at once must not lose one another's."""
    stored = (
        User.objects.select_for_update()
        .filter(pk=user.pk)
        .values("attributes", "pending_attributes", "status")
        .first()
    )
    if stored is None:
        raise UserNotFound()
    user.attributes = stored["attributes"]
    user.pending_attributes = stored["pending_attributes"]
    user.status = stored["status"]


def _merged(present: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**present, **changes}.items() if value}


def _settled(changes: Mapping[str, str]) -> dict[str, str]:
    """An address that is written at once is no longer awaited."""
    return {name: "" for name in attribute_values.VERIFIABLE if name in changes}


def _void_codes(user: User) -> None:
    for name in attribute_values.VERIFIABLE:
        current = {user.attributes.get(name, ""), user.pending_attributes.get(name, "")}
        Code.objects.filter(Q(user=user, attribute=name) & ~Q(destination__in=current)).delete()
