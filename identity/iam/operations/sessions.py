"""AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity, GetCallerIdentity: wire words to ours and back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from identity.iam import sts, sts_shapes
from identity.iam.errors import InvalidIdentityToken
from identity.iam.operations import given
from identity.iam.saml import aws
from identity.iam.service import sts as service
from identity.wire.callers import denied
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@service.operation(unchecked=True)
def get_caller_identity(call: Call, request: Json) -> dict[str, Any]:
    """Who the caller is. No policy can deny it."""
    caller = call.signed_by
    return {"UserId": caller.user_id, "Account": caller.account_id, "Arn": caller.arn}


@service.operation(unchecked=True)
def assume_role(call: Call, request: Json) -> dict[str, Any]:
    """Credentials of a role for the caller. Unchecked on the wire: the role's trust policy has to be asked with theirs.

    Trusted context assertions don't exist here, so offering one is refused.
    """
    caller = call.signed_by
    given.refuse_mfa(request)
    if request.get("ProvidedContexts"):
        raise denied(caller, "sts:SetContext", request["RoleArn"])
    assumed = sts.assume_role(caller, _wanted(request), context=given.context(call))
    return _assumed(assumed)


@service.operation
def assume_role_with_web_identity(call: Call, request: Json) -> dict[str, Any]:
    """Credentials of a role for who holds a provider's ID token. Access tokens (``ProviderId``) are of no known provider."""
    if "ProviderId" in request:
        raise InvalidIdentityToken(
            f"No OpenIDConnect provider found in your account for {request['ProviderId']}"
        )
    assumed, identity = sts.assume_role_with_web_identity(
        request["WebIdentityToken"], _wanted(request), context=given.context(call), now=call.now
    )
    return _assumed(assumed) | {
        "Audience": identity.audience,
        "Provider": identity.principal,
        "SubjectFromWebIdentityToken": identity.subject,
    }


@service.operation
def assume_role_with_saml(call: Call, request: Json) -> dict[str, Any]:
    """Credentials of a role for whom a SAML identity provider vouches for. The session's name is in the assertion."""
    assumed, person = sts.assume_role_with_saml(
        request["PrincipalArn"],
        request["SAMLAssertion"],
        _wanted(request),
        context=given.context(call),
        now=call.now,
    )
    return _assumed(assumed) | {
        "Subject": person.assertion.name_id,
        "SubjectType": aws.subject_type(person.assertion),
        "Issuer": person.assertion.issuer,
        "Audience": person.assertion.recipient,
        "NameQualifier": person.name_qualifier,
    }


def _wanted(request: Json) -> sts.Wanted:
    return sts.Wanted(
        role_arn=request["RoleArn"],
        session_name=request.get("RoleSessionName", ""),
        duration=timedelta(seconds=request.get("DurationSeconds", 3_600)),
        policy=request.get("Policy"),
        policy_arns=given.policy_arns(request),
        tags=tuple(given.pairs(request)),
        transitive_tag_keys=tuple(request.get("TransitiveTagKeys", ())),
        source_identity=request.get("SourceIdentity", ""),
        external_id=request.get("ExternalId", ""),
        minimum_token_size=request.get("MinimumSessionTokenSize", 0),
    )


def _assumed(assumed: sts.Assumed) -> dict[str, Any]:
    made = assumed.credentials
    answer = sts_shapes.credentials(made)
    answer["AssumedRoleUser"] = {"AssumedRoleId": made.assumed_role_id, "Arn": made.arn}
    if assumed.packed_percent is not None:
        answer["PackedPolicySize"] = assumed.packed_percent
    if assumed.source_identity:
        answer["SourceIdentity"] = assumed.source_identity
    return answer
