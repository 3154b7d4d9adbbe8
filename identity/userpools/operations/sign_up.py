"""Self-registration over the wire. Source: cognito/user-pools §6 to §8, cognito/auth-flows §9."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import clients, registration, user_shapes
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]


@cognito_idp.operation
def sign_up(call: Call, request: Json) -> dict[str, Any]:
    """Make a user, who has to prove an address by the code sent to it where the pool wants that."""
    client = clients.get(request["ClientId"])
    clients.require_secret_hash(client, request["Username"], request.get("SecretHash"))
    form = registration.SignUpForm(
        username=request["Username"],
        password=request.get("Password"),
        attributes=user_shapes.values_of(request.get("UserAttributes")),
        validation=user_shapes.values_of(request.get("ValidationData")),
        metadata=request.get("ClientMetadata"),
    )
    made = registration.sign_up(client, form)
    answer: dict[str, Any] = {"UserConfirmed": made.is_confirmed, "UserSub": str(made.user.sub)}
    if made.delivery:
        answer["CodeDeliveryDetails"] = user_shapes.code_delivery(made.delivery)
    return answer


@cognito_idp.operation
def confirm_sign_up(call: Call, request: Json) -> dict[str, Any]:
    """Confirm a user by the code that was sent to them. A wrong code counts although the call fails."""
    client = clients.get(request["ClientId"])
    clients.require_secret_hash(client, request["Username"], request.get("SecretHash"))
    registration.confirm(
        client,
        request["Username"],
        request["ConfirmationCode"],
        take_alias=request.get("ForceAliasCreation", False),
        metadata=request.get("ClientMetadata"),
    )
    return {}


@cognito_idp.operation
def resend_confirmation_code(call: Call, request: Json) -> dict[str, Any]:
    """Send a new code; the former one is void."""
    client = clients.get(request["ClientId"])
    clients.require_secret_hash(client, request["Username"], request.get("SecretHash"))
    delivery = registration.resend(client, request["Username"], request.get("ClientMetadata"))
    return {"CodeDeliveryDetails": user_shapes.code_delivery(delivery)}
