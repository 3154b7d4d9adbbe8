"""Where messages go, and how much of that a caller is told."""

from dataclasses import dataclass, field

from identity.core import sealing
from identity.userpools import attribute_values
from identity.userpools.models import User, UserPool, pool_settings

MEDIUMS = {"email": "EMAIL", "phone_number": "SMS"}


@dataclass(frozen=True, slots=True)
class Target:
    """An address of a user: the attribute (``email``, ``phone_number``) and its value."""

    attribute: str
    value: str = field(repr=False)

    @property
    def medium(self) -> str:
        return MEDIUMS[self.attribute]

    @property
    def delivery(self) -> "Delivery":
        return Delivery(self.attribute, self.medium, masked(self.attribute, self.value))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a caller is told of a message: ``destination`` is masked, ``medium`` is ``EMAIL`` or ``SMS``."""

    attribute: str
    medium: str
    destination: str


def masked(attribute: str, value: str) -> str:
    """``f***@e***`` or ``+*******1234``. Source: cognito/user-pools §7."""
    if attribute == "phone_number":
        return f"+*******{value[-4:]}"
    local, _, domain = value.rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def for_sign_up(user: User) -> Target | None:
    """Where the code of a new user goes: one only, by SMS if it can. None where nothing is to be verified.

    Source: cognito/user-pools §7.
    """
    automatic = pool_settings.auto_verified_attributes(user.pool)
    for attribute in ("phone_number", "email"):
        value = user.attributes.get(attribute)
        if attribute in automatic and value and user.attributes.get(f"{attribute}_verified") != "true":
            return Target(attribute, value)
    return None


def for_recovery(user: User) -> Target | None:
    """Where the code of a forgotten password goes: the best verified address that the pool allows, or None."""
    for mechanism in pool_settings.recovery_mechanisms(user.pool):
        attribute = mechanism.removeprefix("verified_")
        if attribute in MEDIUMS and user.attributes.get(f"{attribute}_verified") == "true":
            value = user.attributes.get(attribute)
            if value:
                return Target(attribute, value)
    return None


def simulated(pool: UserPool, name: str, preferred: tuple[str, ...]) -> Delivery:
    """What is told of a user who isn't there: always the same for a name, in a form a real one could have.

    An address typed as the name is masked itself; else ``preferred`` gives the attribute, a keyed hash the rest.
    """
    if attribute_values.is_email(name):
        return Target("email", name).delivery
    if attribute_values.is_phone_number(name):
        return Target("phone_number", name).delivery
    digest = bytes.fromhex(sealing.fingerprint(f"userpools:nobody:{pool.pk}:{name}"))
    attribute = preferred[0] if preferred else "email"
    if attribute == "phone_number":
        return Target(attribute, f"{int.from_bytes(digest[:4], 'big') % 10_000:04d}").delivery
    local, domain = (_LETTERS[byte % len(_LETTERS)] for byte in digest[:2])
    return Target(attribute, f"{local}@{domain}").delivery


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
