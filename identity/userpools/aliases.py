"""Sign-in names: which ones a user has, and who owns each.

The rows of ``Alias`` are the only judge: a name is had by inserting its row, and the unique key refuses a second
owner whatever races. ``sync`` makes a user's rows fit the user's attributes and status.
Source: cognito/user-pools §6.
"""

import hashlib

from django.db import IntegrityError, transaction

from identity.core.prepared import PreparedQuery
from identity.userpools import attribute_values
from identity.userpools.errors import AliasExists, InvalidParameter
from identity.userpools.models import Alias, User, UserPool, pool_settings

Kind = Alias.Kind

LONGEST_USERNAME = 128

# Long values are compared by their hash: an index entry of PostgreSQL holds 2,700 bytes at most.
_LONGEST_PLAIN = 512

_OWNER = PreparedQuery(
    Alias,
    lambda pool_id, name: Alias.objects.select_related("user").filter(pool=pool_id, name=name),
    UserPool._meta.pk,
    Alias._meta.get_field("name"),
)


class NameTaken(Exception):
    """Another user of the pool owns the name. ``kind`` is the kind it was wanted as."""

    def __init__(self, kind: Alias.Kind) -> None:
        super().__init__(kind.value)
        self.kind = kind

    def as_alias_error(self) -> AliasExists:
        return AliasExists(f"An account with the {self.kind.value} already exists.")


def folded(pool: UserPool, text: str) -> str:
    """The text in the case that the pool compares in, which is also the case it stores usernames in."""
    return text if pool_settings.is_case_sensitive(pool) else text.lower()


def comparable(pool: UserPool, name: str) -> str:
    """The form of a sign-in name that is unique in its pool."""
    text = folded(pool, name)
    if len(text) <= _LONGEST_PLAIN:
        return text
    return f"{text[:64]}…{hashlib.sha256(text.encode()).hexdigest()}"


def find_owner(pool: UserPool, name: str) -> User | None:
    """The user who signs in by that name. One query."""
    if not attribute_values.is_storable(name):
        return None
    found = _OWNER.first(pool.pk, comparable(pool, name))
    if found is None:
        return None
    user: User = found[User]
    user.pool = pool
    return user


def attribute_naming(pool: UserPool, name: str) -> str | None:
    """The attribute that such a username is, where the pool has its users named by one; else None."""
    allowed = pool_settings.username_attributes(pool)
    if "email" in allowed and attribute_values.is_email(name):
        return "email"
    if "phone_number" in allowed and attribute_values.is_phone_number(name):
        return "phone_number"
    return None


def come_from_attributes(pool: UserPool) -> bool:
    """Whether users of the pool sign in by anything but a username that never changes."""
    return bool(pool_settings.username_attributes(pool) or pool_settings.alias_attributes(pool))


def check_username(pool: UserPool, name: str) -> None:
    """Raises InvalidParameter where a new user of the pool cannot be called that."""
    # The wire's own constraint, for those who come another way.
    if not 1 <= len(name) <= LONGEST_USERNAME or not name.isprintable() or " " in name:
        raise InvalidParameter("The username has a form that no user pool allows.")
    allowed = pool_settings.username_attributes(pool)
    if allowed and attribute_naming(pool, name) is None:
        raise InvalidParameter(_WRONG_FORM[allowed])
    aliases = pool_settings.alias_attributes(pool)
    if "email" in aliases and attribute_values.is_email(name):
        raise InvalidParameter(
            "Username cannot be of email format, since user pool is configured for email alias."
        )
    if "phone_number" in aliases and attribute_values.is_phone_number(name):
        raise InvalidParameter(
            "Username cannot be of phone number format, since user pool is configured for phone number alias."
        )


_WRONG_FORM = {
    frozenset({"email"}): "Username should be an email.",
    frozenset({"phone_number"}): "Username should be a phone number.",
    frozenset({"email", "phone_number"}): "Username should be either an email or a phone number.",
}


def names_of(user: User) -> dict[Alias.Kind, str]:
    """The names a user is entitled to, in comparable form, each once: the first kind that has it holds it."""
    names: dict[Alias.Kind, str] = {}
    for kind, name in _entitled(user):
        text = comparable(user.pool, name)
        if text not in names.values():
            names[kind] = text
    return names


def _entitled(user: User) -> list[tuple[Alias.Kind, str]]:
    entitled = [(Kind.USERNAME, user.username)]
    if user.status == User.Status.EXTERNAL_PROVIDER:
        return entitled  # signs in elsewhere; its attributes are no names here
    usernames = pool_settings.username_attributes(user.pool)
    aliases = pool_settings.alias_attributes(user.pool)
    for attribute in attribute_values.VERIFIABLE:
        verified = user.attributes.get(f"{attribute}_verified") == "true"
        if attribute in usernames or (attribute in aliases and verified):
            entitled.append((Kind(attribute), user.attributes.get(attribute, "")))
    preferred = user.attributes.get("preferred_username", "")
    is_confirmed = user.status != User.Status.UNCONFIRMED
    # One that reads as an address would keep it from whoever can prove that it is theirs.
    if "preferred_username" in aliases and is_confirmed and not _is_alias_address(user.pool, preferred):
        entitled.append((Kind.PREFERRED_USERNAME, preferred))
    return [(kind, name) for kind, name in entitled if name]


def has_form_of_address(pool: UserPool, name: str) -> bool:
    """Whether the name has the form of an address by which users of the pool may sign in."""
    return attribute_naming(pool, name) is not None or _is_alias_address(pool, name)


def _is_alias_address(pool: UserPool, name: str) -> bool:
    aliases = pool_settings.alias_attributes(pool)
    return ("email" in aliases and attribute_values.is_email(name)) or (
        "phone_number" in aliases and attribute_values.is_phone_number(name)
    )


def claim(user: User, *, take: bool = False) -> None:
    """Insert the rows of a user who was just made. In the caller's transaction, which a refusal must undo.

    Raises NameTaken. ``take`` moves e-mail and phone aliases here from whoever has them.
    """
    for kind, name in names_of(user).items():
        _insert(user, kind, name, take=take)


def sync(user: User, *, take: bool = False) -> None:
    """Make the rows of an existing user fit. In the caller's transaction, which holds the user's row.

    Raises NameTaken, which must undo the transaction.
    """
    wanted = names_of(user)
    present = {Kind(row.kind): row for row in Alias.objects.filter(user=user)}
    stale = [row.pk for kind, row in present.items() if wanted.get(kind) != row.name]
    if stale:
        Alias.objects.filter(pk__in=stale).delete()
    for kind, name in wanted.items():
        if kind not in present or present[kind].pk in stale:
            _insert(user, kind, name, take=take)


def _insert(user: User, kind: Alias.Kind, name: str, *, take: bool) -> None:
    row = Alias(pool_id=user.pool_id, user=user, kind=kind, name=name)
    movable = pool_settings.alias_attributes(user.pool) & set(attribute_values.VERIFIABLE)
    if take and kind.value in movable:
        _take_over(row)
        return
    try:
        row.save(force_insert=True)
    except IntegrityError as clash:
        raise NameTaken(kind) from clash


def _take_over(row: Alias) -> None:
    """Insert the row; where another user has the name as an alias too, that user's value becomes unverified."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
        return
    except IntegrityError as clash:
        if not _release(row):
            raise NameTaken(Kind(row.kind)) from clash
    try:
        row.save(force_insert=True)
    except IntegrityError as clash:  # somebody else was quicker
        raise NameTaken(Kind(row.kind)) from clash


def _release(row: Alias) -> bool:
    """Take the alias from its owner; False where it isn't an alias of the same kind: a username never moves."""
    # The owner's row is held so that its attributes aren't written over meanwhile.
    owned = Alias.objects.filter(pool_id=row.pool_id, name=row.name, kind=row.kind).first()
    if owned is None:
        return False
    owner = User.objects.select_for_update().filter(pk=owned.user_id).first()
    if owner is None or not Alias.objects.filter(pk=owned.pk).exists():
        return True  # given up meanwhile
    owner.attributes = {**owner.attributes, f"{row.kind}_verified": "false"}
    owner.save(update_fields=["attributes"])
    owned.delete()
    return True
