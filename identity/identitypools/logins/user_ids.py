"""Which ids of providers' users a login can have: one rule for tokens, assertions, answers and developers' words."""

from typing import Final, TypeGuard

from identity.core.storable import is_storable

LONGEST: Final = 1_024
"""Characters. OpenID Connect itself promises at most 255 of ``sub``."""
MOST_BYTES: Final = 2_048
"""In UTF-8: with pool and provider it has to fit into an entry of PostgreSQL's index, of at most 2,704 bytes."""


def is_usable(found: object) -> TypeGuard[str]:
    """Whether it is text that a login's row and index can hold."""
    return (
        isinstance(found, str)
        and 0 < len(found) <= LONGEST
        and is_storable(found)
        and len(found.encode()) <= MOST_BYTES
    )
