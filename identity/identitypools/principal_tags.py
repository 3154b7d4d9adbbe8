"""Attributes for access control: what a login's provider says of its user becomes tags of the session.

Source: Cognito developer guide, "Using attributes for access control".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from identity.iam import session_limits
from identity.iam.errors import InvalidParameterValue, ValidationFailed
from identity.identitypools import providers
from identity.identitypools.errors import InvalidParameter, ResourceNotFound
from identity.identitypools.logins import saml
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool

MOST_BYTES = 460
"""All tag names and claim names of one map together. Source: as above."""

USERNAME, CLIENT = "username", "client"
_SAML_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"

Tags = Mapping[str, str]


def defaults(provider: str) -> Tags:
    """Tag name to claim name where ``UseDefaults`` is set: who the user is there, and for which app."""
    if provider.startswith("arn:"):
        return {USERNAME: saml.NAME_ID_CLAIM, CLIENT: _SAML_NAME}
    return {USERNAME: "user_id" if provider == providers.AMAZON else "sub", CLIENT: "aud"}


def require_provider(pool: IdentityPool, name: str) -> str:
    """The canonical name of a provider of the pool. Raises ResourceNotFound."""
    canonical = providers.oidc_name(name) if name.startswith("arn:") else providers.canonical(name)
    if canonical not in providers.of_pool(pool):
        raise ResourceNotFound(f"IdentityProvider '{name}' not found.")
    return canonical


def document(request: Mapping[str, Any]) -> dict[str, Any]:
    """What SetPrincipalTagAttributeMap stores. Raises InvalidParameter."""
    tags = request.get("PrincipalTags", {})
    check(dict.fromkeys(tags, ""))  # the values are names of claims, which may have any character
    if sum(len(text.encode()) for pair in tags.items() for text in pair) > MOST_BYTES:
        raise InvalidParameter(
            f"The names of tags and attributes have at most {MOST_BYTES} characters together."
        )
    return {"UseDefaults": bool(request.get("UseDefaults")), "PrincipalTags": dict(tags)}


def check(tags: Tags) -> None:
    """Raises InvalidParameter for tags that no session can have."""
    try:
        session_limits.check_tags(tuple(tags.items()), ())
    except (ValidationFailed, InvalidParameterValue) as error:
        raise InvalidParameter(error.message) from error


def map_of(pool: IdentityPool, provider: str) -> tuple[bool, Tags]:
    """Whether a provider's tags are the default ones, and tag name to claim name. None where nothing was set."""
    stored = pool.principal_tag_maps.get(provider, {})
    if stored.get("UseDefaults"):
        return True, defaults(provider)
    return False, stored.get("PrincipalTags", {})


def of_logins(pool: IdentityPool, proofs: Sequence[Proof]) -> dict[str, str]:
    """The tags that a session of these logins has. Of two logins that give the same tag the first counts."""
    tags: dict[str, str] = {}
    if not pool.principal_tag_maps:
        return tags
    for proof in proofs:
        is_default, mapping = map_of(pool, proof.provider)
        taken = {name.lower() for name in tags}
        for name, claim in mapping.items():
            value = _default(proof, name) if is_default else None
            value = value or _text(proof.claims.get(claim))
            if value is not None and name.lower() not in taken:
                tags[name] = value
    return tags


def in_token(tags: Tags) -> dict[str, dict[str, list[str]]]:
    """The tags claim's value: each tag has a list of one."""
    return {"principal_tags": {name: [value] for name, value in tags.items()}}


def _default(proof: Proof, name: str) -> str | None:
    """What the check of the login has found out, whatever the provider's claims are called."""
    return proof.user_id if name == USERNAME else proof.audience


def _text(value: Any) -> str | None:
    """A claim as a tag's value: one text, number or truth value, alone or in a list. A tag can't hold more than one."""
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None
