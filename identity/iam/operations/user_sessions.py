"""GetSessionToken, GetFederationToken: wire words to ours and back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from identity.iam import sts_shapes, user_sessions
from identity.iam.service import sts as service
from identity.iam.user_sessions import DEFAULT_DURATION, Federation
from identity.wire import origin
from identity.wire.callers import AccessDenied
from identity.wire.endpoint import tag_context
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@service.operation(unchecked=True)
def get_session_token(call: Call, request: Json) -> dict[str, Any]:
    """Temporary credentials of the calling user. Unchecked: AWS asks no policy about it.

    MFA devices don't exist here, so a code of one is always wrong.
    """
    if "TokenCode" in request or "SerialNumber" in request:
        raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code.")
    given = user_sessions.start(
        call.signed_by,
        duration=_duration(request),
        minimum_token_size=request.get("MinimumSessionTokenSize", 0),
    )
    return sts_shapes.credentials(given)


@service.operation(unchecked=True)
def get_federation_token(call: Call, request: Json) -> dict[str, Any]:
    """Temporary credentials of a federated user. Unchecked on the wire: a session's key is refused before policies are asked."""
    wanted = _wanted(request)
    context = origin.condition_keys(call.origin, region=call.region, now=call.now) | tag_context(
        dict(request)
    )
    given, percent = user_sessions.federate(call.signed_by, wanted, context=context)
    answer = sts_shapes.credentials(given)
    answer["FederatedUser"] = {"FederatedUserId": f"{call.account_id}:{wanted.name}", "Arn": given.arn}
    return answer if percent is None else answer | {"PackedPolicySize": percent}


def _wanted(request: Json) -> Federation:
    return Federation(
        name=request["Name"],
        duration=_duration(request),
        policy=request.get("Policy"),
        policy_arns=tuple(one["arn"] for one in request.get("PolicyArns", ()) if "arn" in one),
        tags=tuple((tag["Key"], tag["Value"]) for tag in request.get("Tags", ())),
        minimum_token_size=request.get("MinimumSessionTokenSize", 0),
    )


def _duration(request: Json) -> timedelta:
    return timedelta(seconds=request.get("DurationSeconds", DEFAULT_DURATION.total_seconds()))
