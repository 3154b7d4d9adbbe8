"""AssumeRoot, GetWebIdentityToken, GetDelegatedAccessToken: off in an AWS account until something else is set up.

They need an organization's management account, an account-wide issuer of tokens, and partners' tokens to trade in;
none of them exists here, so the answers are those of an account that has not switched them on.
"""

from collections.abc import Mapping
from typing import Any

from identity.iam.errors import OutboundWebIdentityFederationDisabled
from identity.iam.service import sts as service
from identity.wire.callers import denied
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@service.operation(resource=lambda call, request: request["TargetPrincipal"])
def assume_root(call: Call, request: Json) -> dict[str, Any]:
    """Refused to everyone: root access is managed centrally in no account."""
    raise denied(call.signed_by, "sts:AssumeRoot", request["TargetPrincipal"])


@service.operation
def get_web_identity_token(call: Call, request: Json) -> dict[str, Any]:
    """Refused to who may call it: the account gives out no tokens of its own."""
    raise OutboundWebIdentityFederationDisabled


@service.operation
def get_delegated_access_token(call: Call, request: Json) -> dict[str, Any]:
    """Refused to everyone: no partner gives out tokens that could be traded in here."""
    raise denied(call.signed_by, "sts:GetDelegatedAccessToken", "*")
