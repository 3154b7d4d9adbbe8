"""Brokers: an identity pool's credentials from a security token service elsewhere, which trusts our issuer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from identity.core import clock, events
from identity.iam import sts, web_identity
from identity.iam.credentials import Credentials
from identity.iam.errors import IdpRejectedClaim
from identity.identitypools import broker_tokens, keys, outside_sts, pools, scope_down, session_templates
from identity.identitypools.errors import (
    BrokerUnreachable,
    InvalidIdentityPoolConfiguration,
    TooManyRequests,
)
from identity.identitypools.events import BrokerRemoved, BrokerSaved
from identity.identitypools.models import Broker
from identity.identitypools.session_templates import Unfillable

GUEST = "unauthenticated"
NOBODY = "00000000-0000-0000-0000-000000000000"
"""The identity that tries a broker out: none can have this id."""

MOST_TRIALS = 10

Claims = Mapping[str, Any]  # Any: a token's claims


@dataclass(frozen=True, slots=True)
class Trial:
    """What the service answered for one role: no secrets."""

    role_arn: str
    is_good: bool
    answer: str


def save(broker: Broker) -> None:
    """Write a new or changed broker, which counts from the next call. Raises Django's ``ValidationError``."""
    broker.full_clean()
    keys.current(
        keys.BROKERS
    )  # some services read the keys when they are told of the issuer, before any token
    broker.modified_at = clock.now()
    try:
        with transaction.atomic():
            broker.save()
            pools.mark_changed(broker.pool_id)
            events.record(BrokerSaved(broker.pool_id, broker.endpoint))
    except IntegrityError as error:
        raise ValidationError(
            {"audience": "Another broker has this audience, or the pool is gone."}
        ) from error
    outside_sts.forget_faults(broker.endpoint)


def remove(broker: Broker) -> None:
    """Credentials come from our own STS again; those already issued run out by themselves."""
    with transaction.atomic():
        pool_id = broker.pool_id
        broker.delete()
        pools.mark_changed(pool_id)
        events.record(BrokerRemoved(pool_id))


def credentials(broker: Broker, role_arn: str, claims: Claims, *, now: datetime) -> Credentials:
    """What the service gives for the role that the pool's settings chose. ``claims`` are the identity's own token's.

    Not inside a transaction. Raises InvalidIdentityPoolConfiguration, BrokerUnreachable, TooManyRequests.
    """
    try:
        identity = web_identity.of_identity_pool(claims)
        sts.check_token_tags(identity)
        known = session_templates.values(claims["sub"], broker.pool_id, identity.tags)
        return outside_sts.assume(_wanted(broker, role_there(broker, role_arn), claims, known, now))
    except (IdpRejectedClaim, Unfillable, outside_sts.Refused) as error:
        raise InvalidIdentityPoolConfiguration(why=f"{broker.host}: {error}") from error
    except outside_sts.Unreachable as error:
        raise BrokerUnreachable(why=f"{broker.host}: {error}") from error
    except outside_sts.Busy as error:
        raise TooManyRequests(why="too many threads wait for others") from error


def role_there(broker: Broker, role_arn: str) -> str:
    """The role that the service is asked for. Raises InvalidIdentityPoolConfiguration where the broker has none."""
    if role_arn in broker.roles:
        found: str = broker.roles[role_arn]
        return found
    if role_arn in broker.default_roles.values():
        return role_arn
    raise InvalidIdentityPoolConfiguration(why=f"the broker has no role for {role_arn}")


def try_out(broker: Broker) -> list[Trial]:
    """Ask the service for credentials of each role, for an identity that doesn't exist. Not inside a transaction."""
    outside_sts.forget_faults(broker.endpoint)
    roles = list(dict.fromkeys(_roles_there(broker)))[:MOST_TRIALS]
    return [_tried(broker, role_arn, state) for role_arn, state in roles]


def _wanted(
    broker: Broker, role_arn: str, claims: Claims, known: Mapping[str, str], now: datetime
) -> outside_sts.Wanted:
    template = _template(broker, is_guest=GUEST in claims["amr"])
    return outside_sts.Wanted(
        endpoint=broker.endpoint,
        role_arn=role_arn,
        token=broker_tokens.issue(claims, audience=broker.audience, now=now),
        duration_seconds=broker.duration_seconds,
        policy=session_templates.fill(template, known) if template else "",
    )


def _template(broker: Broker, *, is_guest: bool) -> str:
    """Guests are always bounded. Of Cognito's two policies for them only the first can be passed inline."""
    if is_guest:
        return broker.guest_session_policy or scope_down.GUEST_POLICIES[0]
    return broker.session_policy


def _roles_there(broker: Broker) -> Iterator[tuple[str, str]]:
    for state, role_arn in broker.default_roles.items():
        yield role_arn, state
    for role_arn in broker.roles.values():
        yield role_arn, "authenticated"


def _tried(broker: Broker, role_arn: str, state: str) -> Trial:
    identity_id = f"{broker.pool_id.partition(':')[0]}:{NOBODY}"
    known = session_templates.values(identity_id, broker.pool_id, {})
    template = _template(broker, is_guest=state == GUEST)
    examples = dict.fromkeys(session_templates.names(template) if template else (), "example")
    claims = {"sub": identity_id, "amr": [state]}
    try:
        given = outside_sts.assume(_wanted(broker, role_arn, claims, examples | known, clock.now()))
    except (outside_sts.Refused, outside_sts.Unreachable) as error:
        return Trial(role_arn, False, str(error))
    except outside_sts.Busy:
        return Trial(role_arn, False, "too many threads wait for others; try again")
    return Trial(
        role_arn, True, f"credentials {given.access_key_id} until {given.expiration:%Y-%m-%d %H:%M} UTC"
    )
