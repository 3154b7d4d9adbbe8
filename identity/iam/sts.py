"""Exchanging an identity for temporary credentials of a role.

Source: STS API reference, AssumeRole, AssumeRoleWithSAML and AssumeRoleWithWebIdentity; IAM user guide, "Request temporary
security credentials", "Chaining roles with session tags", "Source identity".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from identity.core import arns
from identity.iam import (
    credentials,
    denials,
    policy,
    revocations,
    roles,
    saml_identities,
    session_limits,
    trust,
    web_identity,
)
from identity.iam.callers import require_reach, rights_of
from identity.iam.credentials import Credentials, Terms
from identity.iam.errors import (
    IdpRejectedClaim,
    InvalidIdentityToken,
    InvalidParameterValue,
    RoleRefused,
    ValidationFailed,
)
from identity.iam.models import Role
from identity.iam.saml.response import Invalid as InvalidResponse
from identity.iam.saml_identities import SamlIdentity
from identity.iam.web_identity import WebIdentity
from identity.wire.callers import AccessDenied, Caller, denied

DEFAULT_DURATION: Final = timedelta(hours=1)
COGNITO_SESSION: Final = "CognitoIdentityCredentials"
WEB_IDENTITY_ACTION: Final = "sts:AssumeRoleWithWebIdentity"

SAML_ACTION: Final = "sts:AssumeRoleWithSAML"

Context = Mapping[str, Any]  # Any: the values of condition keys


class Federated(Protocol):
    """Whom another provider vouches for: by a token or by an assertion."""

    @property
    def principal(self) -> str: ...
    @property
    def tags(self) -> Mapping[str, str]: ...
    @property
    def transitive_tag_keys(self) -> tuple[str, ...]: ...
    @property
    def source_identity(self) -> str: ...
    @property
    def condition_keys(self) -> Mapping[str, str | Sequence[str]]: ...
    @property
    def session_keys(self) -> Mapping[str, str | Sequence[str]]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """The session that is asked for. ``policy`` and ``policy_arns`` are session policies."""

    role_arn: str
    session_name: str
    duration: timedelta = DEFAULT_DURATION
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""
    external_id: str = ""
    minimum_token_size: int = 0


@dataclass(frozen=True, slots=True)
class Assumed:
    """The session that was given. ``packed_percent`` is None where no policies and no tags were passed."""

    credentials: Credentials
    packed_percent: int | None
    source_identity: str


def assume_role_with_web_identity(
    token: str, wanted: Wanted, *, context: Context, now: datetime
) -> tuple[Assumed, WebIdentity]:
    """Credentials for who holds a token of a trusted provider, and who that is.

    An unknown role and one that does not trust the identity are refused alike, so that role names
    can't be probed; which managed policies there are is told to those alone whom the role lets in. Raises ``ValidationFailed``, ``MalformedPolicyDocument``, ``PackedPolicyTooLarge``,
    ``AccessDenied`` and what ``web_identity.verify`` raises.
    """
    _check_parameters(wanted)
    identity = web_identity.verify(token, now)
    check_token_tags(identity)
    _check_standing(identity)
    refused, role = _refused(WEB_IDENTITY_ACTION, wanted.role_arn, identity, wanted.session_name, context)
    if role is None:
        raise AccessDenied(f"Not authorized to perform {refused}")
    terms, percent = _granted(role, wanted, identity)
    return Assumed(_issue(role, wanted, terms), percent, identity.source_identity), identity


def assume_role_with_saml(
    provider_arn: str, response: str, wanted: Wanted, *, context: Context, now: datetime
) -> tuple[Assumed, SamlIdentity]:
    """Credentials for whom a SAML provider vouches for, and who that is.

    The assertion has to grant the role, and the role to trust the provider. The session has the assertion's name, lasts no longer than the provider allows, and is given once: the same assertion
    for the same role again is refused. Refusals are those of ``assume_role_with_web_identity``, and what
    ``saml_identities.verify`` raises.
    """
    _check_parameters(wanted)
    _check_provider_arn(provider_arn)
    person = saml_identities.verify(provider_arn, response, now=now)
    check_token_tags(person)
    refused, role = _refused(SAML_ACTION, wanted.role_arn, person, person.session_name, context)
    if role is None or not person.grants(wanted.role_arn):
        raise AccessDenied(f"Not authorized to perform {refused or SAML_ACTION}")
    terms, percent = _granted(role, wanted, person)
    try:
        once = saml_identities.once(provider_arn, person.assertion)
        saml_identities.spend(once, wanted.role_arn, now=now)
    except InvalidResponse as error:
        raise InvalidIdentityToken(error.message) from error
    given = replace(wanted, session_name=person.session_name, duration=_bounded(wanted.duration, person, now))
    return Assumed(_issue(role, given, terms), percent, person.source_identity), person


def for_identity(
    role_arn: str,
    *,
    claims: Mapping[str, Any],
    duration: timedelta = DEFAULT_DURATION,
    session_name: str = COGNITO_SESSION,
    session_policies: Sequence[str] = (),
    context: Context | None = None,
) -> Credentials:
    """Credentials for an identity of an identity pool (the enhanced flow), without a token in between.

    ``claims`` are those of the identity pool's token: ``aud``, ``sub``, ``amr``, and the tags claim where there
    are principal tags. The role's longest duration does not matter here. ``session_policies`` are
    JSON texts. Raises ``RoleRefused`` where STS would refuse the role; ``IdpRejectedClaim`` for
    malformed or too many tags, ``PackedPolicyTooLarge`` for tags that have no room in a session.
    """
    identity = _pool_identity(claims)
    refused, role = _refused(WEB_IDENTITY_ACTION, role_arn, identity, session_name, context or {})
    if role is None:
        raise RoleRefused(f"{role_arn} refuses {refused}")
    terms = _terms_of(identity, policies=tuple(session_policies))
    return credentials.issue(role, session_name=session_name, duration=duration, terms=terms)


@dataclass(frozen=True, slots=True)
class TrustAnswer:
    """Whether a role's trust policy allows one of the actions that a session takes; if not, why not."""

    action: str
    allowed: bool
    shortfalls: tuple[policy.Shortfall, ...] = ()


def trust_for_identity(
    role_arn: str, *, claims: Mapping[str, Any], context: Context | None = None
) -> tuple[TrustAnswer, ...] | None:
    """What the role's trust policy says to each action that ``for_identity`` would need; None for an unknown role.

    Raises ``IdpRejectedClaim`` and ``PackedPolicyTooLarge`` as that does, ``policy.MalformedPolicy`` for a trust policy
    that can't be read.
    """
    identity = _pool_identity(claims)
    role = roles.find(role_arn)
    if role is None:
        return None
    asked = _asked(identity, COGNITO_SESSION, context or {})
    answers = []
    for action in _actions(WEB_IDENTITY_ACTION, identity.tags, identity.source_identity):
        allowed = trust.trusts_web_identity(role, identity.principal, action, asked)
        reasons = () if allowed else trust.shortfalls_of(role, identity.principal, action, asked)
        answers.append(TrustAnswer(action, allowed, reasons))
    return tuple(answers)


def assume_role(caller: Caller, wanted: Wanted, *, context: Context) -> Assumed:
    """Credentials of another role for a caller whom it trusts and whose own policies allow it.

    Transitive tags and the source identity of the calling session go on to the new one, which ends with the identity
    that the chain began with. Raises
    ``ValidationFailed``, ``InvalidParameterValue``, ``MalformedPolicyDocument``, ``PackedPolicyTooLarge``,
    ``AccessDenied`` (the same for an unknown role).
    """
    _check_parameters(wanted)
    if caller.principal_type == policy.PrincipalKind.ROOT:
        raise AccessDenied("Roles may not be assumed by root accounts.")
    require_reach(caller, "sts:AssumeRole", wanted.role_arn)
    session_limits.check_tags(wanted.tags, wanted.transitive_tag_keys)
    terms = _chained_terms(caller, wanted)
    role = _role_for_caller(caller, wanted, terms, context)
    terms = replace(terms, managed_policy_ids=session_limits.managed_policy_ids(wanted.policy_arns))
    is_chained = caller.principal_type == policy.PrincipalKind.ROLE_SESSION
    session_limits.check_duration(wanted.duration, role, is_chained=is_chained)
    session_limits.packed_percent(terms.policies, wanted.policy_arns, terms.tags)  # with those handed down
    percent = session_limits.packed_percent(terms.policies, wanted.policy_arns, dict(wanted.tags))
    return Assumed(_issue(role, wanted, terms), percent, terms.source_identity)


def _check_parameters(wanted: Wanted) -> None:
    try:
        is_role = arns.parse(wanted.role_arn).resource.startswith("role/")
    except ValueError as error:
        raise ValidationFailed(f"{wanted.role_arn} is invalid") from error
    if not is_role:
        raise ValidationFailed("Request ARN is invalid")
    if wanted.source_identity.lower().startswith("aws:"):
        raise ValidationFailed("Source identity can't begin with aws:")
    if wanted.policy is not None:
        session_limits.check_policy(wanted.policy)


def _check_standing(identity: WebIdentity) -> None:
    """Who was deleted, merged or locked out since the token was made gets nothing for it any more."""
    if revocations.is_token_revoked(identity.condition_keys, identity.issued_at):
        raise AccessDenied(f"Not authorized to perform {WEB_IDENTITY_ACTION}", why="the identity was revoked")


def _check_provider_arn(arn: str) -> None:
    try:
        is_provider = arns.parse(arn).resource.startswith("saml-provider/")
    except ValueError as error:
        raise ValidationFailed(f"{arn} is invalid") from error
    if not is_provider:
        raise ValidationFailed("Request ARN is invalid")


def _bounded(asked: timedelta, person: SamlIdentity, now: datetime) -> timedelta:
    """The shortest of what was asked for, what the provider allows, and what is left of the session there."""
    ends = person.assertion.session_ends
    bounds = (asked, person.longest_session, ends - now if ends else None)
    return min(one for one in bounds if one is not None)


def check_token_tags(identity: Federated) -> None:
    """Tags that break the limits are the provider's fault, not a parameter's. Raises ``IdpRejectedClaim``."""
    try:
        session_limits.check_tags(tuple(identity.tags.items()), identity.transitive_tag_keys)
    except (ValidationFailed, InvalidParameterValue) as error:
        raise IdpRejectedClaim(why=error.message) from error


def _pool_identity(claims: Mapping[str, Any]) -> WebIdentity:
    """Raises ``IdpRejectedClaim``, ``PackedPolicyTooLarge``."""
    identity = web_identity.of_identity_pool(claims)
    check_token_tags(identity)
    session_limits.packed_percent((), (), identity.tags)
    return identity


def _refused(
    action: str, role_arn: str, identity: Federated, session_name: str, context: Context
) -> tuple[str, Role | None]:
    """The role, or the action that is refused; an unknown role refuses the first one."""
    role = roles.find(role_arn)
    if role is None:
        return action, None
    asked = _asked(identity, session_name, context)
    for needed in _actions(action, identity.tags, identity.source_identity):
        if not trust.trusts_web_identity(role, identity.principal, needed, asked):
            return needed, None
    return "", role


def _asked(identity: Federated, session_name: str, context: Context) -> dict[str, Any]:
    """What a role's trust policy may ask about an identity of a provider and the session that it would have."""
    asked = {**context, **_session_keys(session_name, identity.source_identity)}
    asked |= {**identity.condition_keys, "aws:FederatedProvider": identity.principal}
    return asked | _tag_keys(identity.tags, identity.transitive_tag_keys)


def _role_for_caller(caller: Caller, wanted: Wanted, terms: Terms, context: Context) -> Role:
    role = roles.find(wanted.role_arn)
    asked = {**context, **caller.context, **_session_keys(wanted.session_name, terms.source_identity)}
    asked |= _tag_keys(dict(wanted.tags), wanted.transitive_tag_keys)
    if wanted.external_id:
        asked["sts:ExternalId"] = wanted.external_id
    held = rights_of(caller)
    # Tags that the calling session hands down are set like those of the request: they need the role's consent too.
    for action in _actions("sts:AssumeRole", terms.tags, terms.source_identity):
        if role is None or not trust.trusts_caller(role, held, action, asked):
            # The reasons are those of the caller's own policies: the role's would tell whether there is such a role.
            request = policy.Request(action, wanted.role_arn, asked, held.principal)
            message = partial(denials.encode, request, held, caller.user_id)
            raise denied(caller, action, wanted.role_arn, encode=message)
    if role is None:
        raise TypeError("an unknown role refuses the first action")
    return role


def _actions(first: str, tags: object, source_identity: str) -> list[str]:
    """All that the role has to allow for such a session."""
    optional = (("sts:TagSession", tags), ("sts:SetSourceIdentity", source_identity))
    return [first, *(action for action, is_needed in optional if is_needed)]


def _session_keys(session_name: str, source_identity: str) -> dict[str, str]:
    keys = {"sts:RoleSessionName": session_name}
    return keys | ({"sts:SourceIdentity": source_identity} if source_identity else {})


def _tag_keys(tags: Mapping[str, str], transitive: Sequence[str]) -> dict[str, Any]:
    if not tags:
        return {}
    keys: dict[str, Any] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    keys["aws:TagKeys"] = list(tags)
    return keys | ({"sts:TransitiveTagKeys": list(transitive)} if transitive else {})


def _granted(role: Role, wanted: Wanted, identity: Federated) -> tuple[Terms, int | None]:
    """The terms of the session that the role would give, and how full its room is. Raises ``ValidationFailed``, ``PackedPolicyTooLarge``."""
    managed_ids = session_limits.managed_policy_ids(wanted.policy_arns)
    session_limits.check_duration(wanted.duration, role, is_chained=False)
    inline = (wanted.policy,) if wanted.policy else ()
    percent = session_limits.packed_percent(inline, wanted.policy_arns, identity.tags)
    return _terms_of(identity, policies=inline, managed_policy_ids=managed_ids), percent


def _terms_of(
    identity: Federated, *, policies: tuple[str, ...], managed_policy_ids: tuple[str, ...] = ()
) -> Terms:
    return Terms(
        policies=policies,
        managed_policy_ids=managed_policy_ids,
        tags=identity.tags,
        transitive_tag_keys=identity.transitive_tag_keys,
        source_identity=identity.source_identity,
        provider=identity.principal,
        claims=identity.session_keys,
    )


def _chained_terms(caller: Caller, wanted: Wanted) -> Terms:
    calling = rights_of(caller).terms
    tags = dict(wanted.tags)
    inherited = session_limits.inherited_tags(tags, calling.tags, calling.transitive_tag_keys)
    if calling.source_identity and wanted.source_identity not in ("", calling.source_identity):
        raise denied(caller, "sts:SetSourceIdentity", wanted.role_arn)
    return Terms(
        policies=(wanted.policy,) if wanted.policy else (),
        tags=tags | inherited,
        transitive_tag_keys=(*wanted.transitive_tag_keys, *inherited),
        source_identity=wanted.source_identity or calling.source_identity,
        origin={**calling.origin, **calling.claims},
    )


def _issue(role: Role, wanted: Wanted, terms: Terms) -> Credentials:
    return credentials.issue(
        role,
        session_name=wanted.session_name,
        duration=wanted.duration,
        terms=terms,
        minimum_token_size=wanted.minimum_token_size,
    )
