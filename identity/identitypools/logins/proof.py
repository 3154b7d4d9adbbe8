"""What a checked login proves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Proof:
    """A user of a provider, proven by a valid token.

    ``amr`` is what the identity's own token says of this login; ``mapping_key`` is where RoleMappings has its rules;
    ``public`` is false for a developer provider's user, of whom an identity may have several. ``audience`` is the app
    that the token was made for, as far as it may be shown. ``once`` names a proof that counts once only, and only in
    the enhanced flow: a SAML assertion.
    """

    provider: str
    user_id: str = field(repr=False)
    amr: tuple[str, ...] = field(repr=False)
    mapping_key: str
    claims: Mapping[str, Any] = field(repr=False)
    audience: str = ""
    public: bool = True
    once: str = field(default="", repr=False)
