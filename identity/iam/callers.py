"""Who calls, by the keys and sessions of this app; what they may do, by its policies."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from identity.core import arns, sealing, tickets
from identity.core.conf import settings
from identity.iam import credentials, denials, key_uses, keys, policy, revocations, rights
from identity.iam.credentials import Session
from identity.iam.models import AccessKey
from identity.iam.policy import PrincipalKind
from identity.iam.rights import Holder, Rights
from identity.wire.callers import Caller, ExpiredKey, Key, Proof, UnknownKey, denied


class IamCallers:
    """``identity.wire.callers.Callers`` with IAM users, role sessions and federated users.

    A long-term key costs two queries, temporary credentials one (the role's or user's policies); asking
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
        require_reach(caller, action, resource)
        held = rights_of(caller)
        request = policy.Request(action, resource, {**context, **caller.context}, held.principal)
        decision = policy.decide(
            request, identity=held.identity, boundary=held.boundary, sessions=held.sessions
        )
        if not decision.allowed:
            message = partial(denials.encode, request, held, caller.user_id)
            raise denied(caller, action, resource, decision.ending, encode=message)


def require_reach(caller: Caller, action: str, resource: str) -> None:
    """Refuse what credentials of GetSessionToken and GetFederationToken can't do. Raises ``AccessDenied``."""
    is_session = rights_of(caller).is_session
    if not policy.is_within_reach(caller.principal_type, is_session=is_session, action=action):
        raise denied(caller, action, resource)


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
    context = rights.principal_context(user.arn, user.user_id, PrincipalKind.USER, user.tags)
    context["aws:username"] = user.name
    return Key(secret, _caller(user.arn, user.user_id, access_key_id, context, rights.of_user(user)))


def _temporary(access_key_id: str, session_token: str) -> Key:
    try:
        session = credentials.open_session(access_key_id, session_token)
    except tickets.TicketExpired as error:
        raise ExpiredKey from error
    except tickets.TicketError as error:
        raise UnknownKey(why="the session token does not open for this key") from error
    whose = {**session.terms.origin, **session.terms.claims}
    if revocations.is_revoked(access_key_id, session.role_id, session.issued_at, whose):
        # Clients renew expired credentials by themselves: those still entitled recover from a revocation.
        raise ExpiredKey(why="the credentials were revoked")
    load = rights.of_role if session.role_id else rights.of_user_id
    holder = load(session.role_id or session.user_id, session_policy_ids=session.terms.managed_policy_ids)
    if holder is None:
        raise UnknownKey(why="the role or user is gone")
    return Key(session.secret, _session_caller(access_key_id, session, holder))


def _session_caller(access_key_id: str, session: Session, holder: Holder) -> Caller:
    if session.role_id:
        return _role_caller(access_key_id, session, holder)
    if session.name:
        return _federated_caller(access_key_id, session, holder)
    return _user_session_caller(access_key_id, session, holder)


def _role_caller(access_key_id: str, session: Session, role: Holder) -> Caller:
    arn = arns.assumed_role(role.name, session.name)
    user_id = f"{session.role_id}:{session.name}"
    kind = PrincipalKind.ROLE_SESSION
    principal = policy.Principal(kind, arn, settings().account_id, role.arn, session.role_id)
    sessions = _session_policies(session, role) if session.terms.has_policies else None
    held = Rights(principal, role.identity, role.boundary, sessions, session.terms, is_session=True)
    return _caller(
        arn, user_id, access_key_id, _session_context(session, role, role.arn, user_id, kind), held
    )


def _federated_caller(access_key_id: str, session: Session, user: Holder) -> Caller:
    """Without session policies there are no rights but those that a resource's policy gives to the session."""
    account = settings().account_id
    arn, user_id = arns.federated_user(session.name), f"{account}:{session.name}"
    kind = PrincipalKind.FEDERATED_USER
    principal = policy.Principal(kind, arn, account, user.arn, session.user_id)
    sessions = _session_policies(session, user)
    held = Rights(principal, user.identity, user.boundary, sessions, session.terms, is_session=True)
    return _caller(arn, user_id, access_key_id, _session_context(session, user, arn, user_id, kind), held)


def _user_session_caller(access_key_id: str, session: Session, user: Holder) -> Caller:
    kind = PrincipalKind.USER
    principal = policy.Principal(kind, user.arn, settings().account_id, unique_id=session.user_id)
    held = Rights(principal, user.identity, user.boundary, None, session.terms, is_session=True)
    context = _session_context(session, user, user.arn, session.user_id, kind) | {"aws:username": user.name}
    return _caller(user.arn, session.user_id, access_key_id, context, held)


def _session_policies(session: Session, holder: Holder) -> tuple[policy.Policy, ...]:
    """All session policies as one union. Those gone since allow nothing."""
    return tuple(rights.compiled(text, "session") for text in session.terms.policies) + holder.managed_session


def _session_context(
    session: Session, holder: Holder, arn: str, user_id: str, kind: PrincipalKind
) -> dict[str, Any]:
    """The condition keys that come with the credentials. ``Any``: some are lists."""
    terms = session.terms
    tags = policy.overlaid(holder.tags, terms.tags)
    context = {
        **rights.principal_context(arn, user_id, kind, tags),
        "aws:TokenIssueTime": session.issued_at,
        "aws:MultiFactorAuthPresent": "false",
        **terms.claims,
    }
    if terms.provider:
        context["aws:FederatedProvider"] = terms.provider
    if terms.source_identity:
        context["aws:SourceIdentity"] = terms.source_identity
    return context


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
