"""Temporary credentials: all that they are is sealed in the session token, so that issuing writes nothing.

The secret exists only inside the seal, which is bound to the key id. A token is some 500 bytes,
more with session policies and tags, which are compressed in it.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from identity.core import arns, clock, tickets
from identity.iam import names
from identity.iam.models import Role

KIND = "iam:session"

Claims = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session is given beyond its role's or user's. Source: STS API reference, AssumeRole.

    ``policies`` are inline session policies; ``managed_policy_ids`` the ``ANPA…`` of managed ones, whose
    present documents count. ``claims`` are condition keys that the identity brought
    (``cognito-identity.amazonaws.com:sub``); ``provider`` is ``aws:FederatedProvider``. ``origin`` are those of the
    session that a chain of roles began with: no policy sees them, but the session ends with that identity.
    """

    policies: tuple[str, ...] = ()
    managed_policy_ids: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""
    provider: str = ""
    claims: Claims = field(default_factory=dict)
    origin: Claims = field(default_factory=dict)

    @property
    def has_policies(self) -> bool:
        """Is the session bounded by policies of its own?"""
        return bool(self.policies or self.managed_policy_ids)


@dataclass(frozen=True, slots=True)
class Session:
    """An opened session token: of a role (``role_id`` is set), or of a user (``user_id``).

    ``name`` is the role session's or the federated user's; a user's own session has none.
    """

    secret: str = field(repr=False)
    role_id: str
    user_id: str
    name: str
    terms: Terms
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials as they are handed out. ``expiration`` is in whole seconds.

    ``assumed_role_id`` is set for sessions of a role only.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime
    arn: str
    assumed_role_id: str = ""


def issue(
    role: Role,
    *,
    session_name: str,
    duration: timedelta,
    terms: Terms | None = None,
    minimum_token_size: int = 0,
) -> Credentials:
    """Make credentials for a session of ``role``. Writes nothing. Who may have them is the caller's affair.

    ``minimum_token_size`` (bytes) pads the token, for clients that want to test their limits.
    """
    sealed = _seal({"r": role.role_id, "n": session_name}, duration, terms or Terms(), minimum_token_size)
    arn = arns.assumed_role(role.name, session_name)
    return Credentials(*sealed, arn, f"{role.role_id}:{session_name}")


def issue_for_user(
    user_id: str,
    arn: str,
    *,
    duration: timedelta,
    federated_name: str = "",
    terms: Terms | None = None,
    minimum_token_size: int = 0,
) -> Credentials:
    """Make credentials for a session of the IAM user with this unique id, or of one whom the user federates by name.

    ``arn`` is the session's. Writes nothing; ``minimum_token_size`` as for ``issue``.
    """
    held_by = {"u": user_id} | ({"n": federated_name} if federated_name else {})
    return Credentials(*_seal(held_by, duration, terms or Terms(), minimum_token_size), arn)


def _seal(
    held_by: Mapping[str, str], duration: timedelta, terms: Terms, minimum_token_size: int
) -> tuple[str, str, str, datetime]:
    """Key id, secret, session token and end of new credentials."""
    key_id, secret = names.new_access_key_id("ASIA"), names.new_secret()
    expiration = (clock.now() + duration).replace(microsecond=0)
    content = {"s": secret, **held_by, **_packed(terms)}
    token = tickets.issue(KIND, content, lifetime=duration, bound_to=key_id)
    if len(token) < minimum_token_size:
        content["pad"] = "0" * (minimum_token_size - len(token))
        token = tickets.issue(KIND, content, lifetime=duration, bound_to=key_id)
    return key_id, secret, token, expiration


def open_session(access_key_id: str, session_token: str) -> Session:
    """Open a session token that belongs to this key id.

    Raises ``tickets.TicketInvalid`` for a foreign, garbled or tampered token, ``tickets.TicketExpired``.
    """
    ticket = tickets.open(KIND, session_token, bound_to=access_key_id)
    content = ticket.content
    # Tokens of an earlier release, good for up to 36 hours, have tags and transitive keys as they are.
    tags, transitive = (
        _unpacked(content["tp"]) if "tp" in content else (content.get("t", {}), content.get("tt", ()))
    )
    terms = Terms(
        policies=tuple(_unpacked(content["p"])) if "p" in content else (),
        managed_policy_ids=tuple(content.get("m", ())),
        tags=tags,
        transitive_tag_keys=tuple(transitive),
        source_identity=content.get("i", ""),
        provider=content.get("f", ""),
        claims=content.get("c", {}),
        origin=content.get("o", {}),
    )
    return Session(
        secret=content["s"],
        role_id=content.get("r", ""),
        user_id=content.get("u", ""),
        name=content.get("n", ""),
        terms=terms,
        issued_at=ticket.issued_at,
        expires_at=ticket.expires_at,
    )


def _packed(terms: Terms) -> dict[str, Any]:
    """The terms in the token's content; absent members are empty. ``Any``: the ticket's JSON."""
    optional = {
        "p": _text(terms.policies) if terms.policies else "",
        "m": list(terms.managed_policy_ids),
        "tp": _text([dict(terms.tags), terms.transitive_tag_keys]) if terms.tags else "",
        "i": terms.source_identity,
        "f": terms.provider,
        "c": dict(terms.claims),
        "o": dict(terms.origin),
    }
    return {name: value for name, value in optional.items() if value}


def pack(value: Any) -> bytes:
    """JSON, compressed: what session policies and tags cost in a token. ``Any``: any JSON."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 9)


def _text(value: Any) -> str:
    return base64.b64encode(pack(value)).decode()


def _unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))
