"""Temporary credentials out of an IAM user's own key: for the user, or for somebody whom the user vouches for.

They live on when the key that made them is switched off or deleted, as AWS has it, and end with the user, whose
policies are read with every request.

Source: STS API reference, GetSessionToken and GetFederationToken; IAM user guide, "Permissions for GetFederationToken"
and "Disabling permissions for temporary security credentials".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from identity.core import arns
from identity.iam import credentials, session_limits
from identity.iam.callers import IamCallers, rights_of
from identity.iam.credentials import Credentials, Terms
from identity.iam.policy import PrincipalKind
from identity.wire.callers import AccessDenied, Caller, denied

DEFAULT_DURATION: Final = timedelta(hours=12)

Context = Mapping[str, Any]  # Any: the values of condition keys


@dataclass(frozen=True, slots=True)
class Federation:
    """The federated user that is asked for. ``policy`` and ``policy_arns`` are session policies."""

    name: str
    duration: timedelta = DEFAULT_DURATION
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    minimum_token_size: int = 0

    @property
    def arn(self) -> str:
        return arns.federated_user(self.name)


def start(caller: Caller, *, duration: timedelta, minimum_token_size: int = 0) -> Credentials:
    """A session with the user's own rights, short of IAM and most of STS. Raises ``AccessDenied``."""
    _require_own_key(caller, "GetSessionToken")
    return credentials.issue_for_user(
        caller.user_id, caller.arn, duration=duration, minimum_token_size=minimum_token_size
    )


def federate(caller: Caller, wanted: Federation, *, context: Context) -> tuple[Credentials, int | None]:
    """A session of a federated user: what both the user's policies and the session policies allow.

    The percentage is None where no policies and no tags were passed. Raises ``AccessDenied``,
    ``MalformedPolicyDocument``, ``PackedPolicyTooLarge``, ``ValidationFailed``, ``InvalidParameterValue``.
    """
    _require_own_key(caller, "GetFederationToken")
    _require_allowed(caller, wanted, context)
    if wanted.policy is not None:
        session_limits.check_policy(wanted.policy)
    session_limits.check_tags(wanted.tags, ())
    inline = (wanted.policy,) if wanted.policy is not None else ()
    tags = dict(wanted.tags)
    managed_ids = session_limits.managed_policy_ids(wanted.policy_arns)
    percent = session_limits.packed_percent(inline, wanted.policy_arns, tags)
    given = credentials.issue_for_user(
        caller.user_id,
        wanted.arn,
        duration=wanted.duration,
        federated_name=wanted.name,
        terms=Terms(policies=inline, managed_policy_ids=managed_ids, tags=tags),
        minimum_token_size=wanted.minimum_token_size,
    )
    return given, percent


def _require_own_key(caller: Caller, operation: str) -> None:
    """Sessions make no sessions of these kinds. An account's root has no keys of this app, so nothing to make one of."""
    if caller.principal_type == PrincipalKind.ROOT:
        raise denied(caller, f"sts:{operation}", "*")
    if rights_of(caller).is_session:
        raise AccessDenied(f"Cannot call {operation} with session credentials")


def _require_allowed(caller: Caller, wanted: Federation, context: Context) -> None:
    IamCallers().authorize(caller, "sts:GetFederationToken", wanted.arn, context)
    if wanted.tags:
        IamCallers().authorize(caller, "sts:TagSession", wanted.arn, context)
