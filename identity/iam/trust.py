"""May this principal become this role: the role's trust policy, and for our own callers their policies too."""

import logging
from collections.abc import Mapping
from typing import Any

from identity.iam import policy
from identity.iam.models import Role
from identity.iam.rights import Rights

log = logging.getLogger("identity.iam")

Context = Mapping[str, Any]  # Any: the values of condition keys


def trusts_web_identity(role: Role, principal_name: str, action: str, context: Context) -> bool:
    """Does the role let in a web identity of this provider? Only the trust policy counts."""
    principal = policy.Principal(policy.PrincipalKind.WEB_IDENTITY, principal_name)
    return _decide(role, action, context, Rights(principal))


def shortfalls_of(
    role: Role, principal_name: str, action: str, context: Context
) -> tuple[policy.Shortfall, ...]:
    """What keeps the role's trust policy from letting a web identity in. Raises ``policy.MalformedPolicy``."""
    principal = policy.Principal(policy.PrincipalKind.WEB_IDENTITY, principal_name)
    request = policy.Request(action, role.arn, {**context, **_role_tags(role)}, principal)
    return policy.shortfalls(role.trust_policy, request, principal_ids=role.trusted_ids)


def trusts_caller(role: Role, held: Rights, action: str, context: Context) -> bool:
    """Does the role let in a caller, and do the caller's own policies, where they count, let them go there?"""
    return _decide(role, action, context, held)


def _decide(role: Role, action: str, context: Context, held: Rights) -> bool:
    try:
        trust = policy.parse(role.trust_policy, kind="trust", principal_ids=role.trusted_ids)
    except policy.MalformedPolicy as error:
        log.error("the trust policy of role %s is unreadable: nobody may assume it: %s", role.name, error)
        return False
    return policy.decide(
        policy.Request(action, role.arn, {**context, **_role_tags(role)}, held.principal),
        identity=held.identity,
        boundary=held.boundary,
        sessions=held.sessions,
        resource_policies=[trust],
        resource_policy_required=True,
    ).allowed


def _role_tags(role: Role) -> dict[str, str]:
    return {f"{name}:ResourceTag/{key}": value for key, value in role.tags.items() for name in ("aws", "iam")}
