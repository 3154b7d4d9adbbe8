"""GetSessionToken, GetFederationToken: wire words to ours and back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from identity.iam import sts_shapes, user_sessions
from identity.iam.operations import given
from identity.iam.service import sts as service
from identity.iam.user_sessions import DEFAULT_DURATION, Federation
from identity.wire.endpoint import tag_context
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@service.operation(unchecked=True)
def get_session_token(call: Call, request: Json) -> dict[str, Any]:
    """Temporary credentials of the calling user. Unchecked: AWS asks no policy about it."""
    given.refuse_mfa(request)
    made = user_sessions.start(
        call.signed_by,
        duration=_duration(request),
        minimum_token_size=request.get("MinimumSessionTokenSize", 0),
    )
    return sts_shapes.credentials(made)


@service.operation(unchecked=True)
def get_federation_token(call: Call, request: Json) -> dict[str, Any]:
    """Temporary credentials of a federated user. Unchecked on the wire: a session's key is refused before policies are asked."""
    wanted = _wanted(request)
    context = given.context(call) | tag_context(dict(request))
    made, percent = user_sessions.federate(call.signed_by, wanted, context=context)
    answer = sts_shapes.credentials(made)
    answer["FederatedUser"] = {"FederatedUserId": f"{call.account_id}:{wanted.name}", "Arn": made.arn}
    return answer if percent is None else answer | {"PackedPolicySize": percent}


def _wanted(request: Json) -> Federation:
    return Federation(
        name=request["Name"],
        duration=_duration(request),
        policy=request.get("Policy"),
        policy_arns=given.policy_arns(request),
        tags=tuple(given.pairs(request)),
        minimum_token_size=request.get("MinimumSessionTokenSize", 0),
    )


def _duration(request: Json) -> timedelta:
    return timedelta(seconds=request.get("DurationSeconds", DEFAULT_DURATION.total_seconds()))
