"""Who calls, by the keys and sessions of this app; what they may do, by its policies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from identity.core import arns, sealing, tickets
from identity.core.conf import settings
from identity.iam import credentials, key_uses, keys, policy, revocations, rights
from identity.iam.credentials import Session
from identity.iam.models import AccessKey
from identity.iam.rights import Rights, RoleRights
from identity.wire.callers import AccessDenied, Caller, ExpiredKey, Key, Proof, UnknownKey


class IamCallers:
    """``identity.wire.callers.Callers`` with IAM users and role sessions.

    A long-term key costs two queries, temporary credentials one (the role's policies); asking
    for permission then costs none, since the policies come with the caller.
    """

    def find_key(
        self, access_key_id: str, session_token: str | None, now: datetime, proof: Proof | None = None
    ) -> Key:
        """Raises ``UnknownKey`` for an unknown id or a token that doesn't fit it, ``ExpiredKey`` past its end."""
        if session_token is None:
            return _long_term(access_key_id, now)
        return _temporary(access_key_id, session_token)

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Any]) -> None:
        """Raises ``AccessDenied`` with IAM's exact sentence. ``Any``: the values of condition keys."""
        held = rights_of(caller)
        request = policy.Request(action, resource, {**context, **caller.context}, held.principal)
        decision = policy.decide(
            request, identity=held.identity, boundary=held.boundary, sessions=held.sessions
        )
        if not decision.allowed:
            raise denied(caller, action, resource, decision.ending)


def denied(caller: Caller, action: str, resource: str, ending: str = "") -> AccessDenied:
    """The error that IAM answers. Source: IAM user guide, "Access denied error messages"."""
    sentence = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {ending}"
    return AccessDenied(sentence.rstrip())


def rights_of(caller: Caller) -> Rights:
    """The policies that came with a caller of ``IamCallers``. Raises ``TypeError`` for any other caller."""
    if not isinstance(caller.grants, Rights):
        raise TypeError(f"{caller.arn} was not authenticated by identity.iam")
    return caller.grants


def _long_term(access_key_id: str, now: datetime) -> Key:
    try:
        key = AccessKey.objects.select_related("user").get(pk=access_key_id)
    except AccessKey.DoesNotExist as error:
        raise UnknownKey(why="no such access key") from error
    if key.status != AccessKey.Status.ACTIVE:
        raise UnknownKey(why="the access key is switched off")
    try:
        secret = keys.secret_of(key)
    except sealing.SealBroken as error:
        raise UnknownKey(why="the secret is sealed by a master key that is not in the ring") from error
    key_uses.note(key, now)
    user = key.user
    context = {
        "aws:PrincipalArn": user.arn,
        "aws:userid": user.user_id,
        "aws:username": user.name,
        "aws:PrincipalType": str(policy.PrincipalKind.USER),
        "aws:PrincipalAccount": settings().account_id,
        **_tags(user.tags),
    }
    return Key(secret, _caller(user.arn, user.user_id, access_key_id, context, rights.of_user(user)))


def _temporary(access_key_id: str, session_token: str) -> Key:
    try:
        session = credentials.open_session(access_key_id, session_token)
    except tickets.TicketExpired as error:
        raise ExpiredKey from error
    except tickets.TicketError as error:
        raise UnknownKey(why="the session token does not open for this key") from error
    if revocations.is_revoked(access_key_id, session.role_id, session.issued_at):
        # Clients renew expired credentials by themselves: those still entitled recover from a revocation.
        raise ExpiredKey(why="the credentials were revoked")
    role = rights.of_role(session.role_id, session_policy_ids=session.terms.managed_policy_ids)
    if role is None:
        raise UnknownKey(why="the role is gone")
    return Key(session.secret, _session_caller(access_key_id, session, role))


def _session_caller(access_key_id: str, session: Session, role: RoleRights) -> Caller:
    arn = arns.assumed_role(role.name, session.name)
    user_id = f"{session.role_id}:{session.name}"
    kind = policy.PrincipalKind.ROLE_SESSION
    principal = policy.Principal(kind, arn, settings().account_id, role.arn, session.role_id)
    held = Rights(principal, role.identity, role.boundary, _session_policies(session, role), session.terms)
    return _caller(arn, user_id, access_key_id, _session_context(session, role, user_id), held)


def _session_policies(session: Session, role: RoleRights) -> tuple[policy.Policy, ...] | None:
    """All session policies as one union; None where the session has none. Those gone since allow nothing."""
    if not session.terms.has_policies:
        return None
    inline = tuple(rights.compiled(text, "session") for text in session.terms.policies)
    return inline + role.managed_session


def _session_context(session: Session, role: RoleRights, user_id: str) -> dict[str, Any]:
    """The condition keys that come with the credentials. ``Any``: some are lists."""
    terms = session.terms
    context: dict[str, Any] = {
        "aws:PrincipalArn": role.arn,
        "aws:userid": user_id,
        "aws:PrincipalType": str(policy.PrincipalKind.ROLE_SESSION),
        "aws:PrincipalAccount": settings().account_id,
        "aws:TokenIssueTime": session.issued_at,
        "aws:MultiFactorAuthPresent": "false",
        **_tags(merged_tags(role.tags, terms.tags)),
        **terms.claims,
    }
    if terms.provider:
        context["aws:FederatedProvider"] = terms.provider
    if terms.source_identity:
        context["aws:SourceIdentity"] = terms.source_identity
    return context


def merged_tags(role_tags: Mapping[str, str], session_tags: Mapping[str, str]) -> dict[str, str]:
    """Role tags overlaid by session tags, whose keys win ignoring case."""
    overlaid = {key.lower() for key in session_tags}
    return {k: v for k, v in role_tags.items() if k.lower() not in overlaid} | dict(session_tags)


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}


def _caller(arn: str, user_id: str, access_key_id: str, context: Mapping[str, Any], held: Rights) -> Caller:
    return Caller(
        arn=arn,
        user_id=user_id,
        account_id=settings().account_id,
        principal_type=str(held.principal.kind),
        access_key_id=access_key_id,
        context=context,
        grants=held,
    )
