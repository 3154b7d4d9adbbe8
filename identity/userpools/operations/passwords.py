"""Passwords over the wire: forgotten, changed, set and reset. Source: cognito/user-pools §7 to §9."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import accounts, clients, password_changes, pools, recovery, sessions, user_shapes
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]


@cognito_idp.operation
def forgot_password(call: Call, request: Json) -> dict[str, Any]:
    """Send a code that sets a new password; hidden users are answered alike where the client hides them."""
    client = clients.get(request["ClientId"])
    clients.require_secret_hash(client, request["Username"], request.get("SecretHash"))
    delivery = recovery.begin(client, request["Username"], request.get("ClientMetadata"))
    return {"CodeDeliveryDetails": user_shapes.code_delivery(delivery)}


@cognito_idp.operation
def confirm_forgot_password(call: Call, request: Json) -> dict[str, Any]:
    """Set a new password by the code. A wrong code counts although the call fails."""
    client = clients.get(request["ClientId"])
    clients.require_secret_hash(client, request["Username"], request.get("SecretHash"))
    recovery.finish(
        client,
        request["Username"],
        request["ConfirmationCode"],
        request["Password"],
        request.get("ClientMetadata"),
    )
    return {}


@cognito_idp.operation
def change_password(call: Call, request: Json) -> dict[str, Any]:
    """Change one's own password, five times an hour at most."""
    session = sessions.by_access_token(request["AccessToken"])
    password_changes.by_user(session, request.get("PreviousPassword"), request["ProposedPassword"])
    return {}


@cognito_idp.operation
def admin_set_user_password(call: Call, request: Json) -> dict[str, Any]:
    """Set a user's password: for good, or to be changed at the next sign-in."""
    user = accounts.get_as_admin(pools.get(request["UserPoolId"]), request["Username"])
    is_permanent = request.get("Permanent", False)
    password_changes.by_administrator(user, request["Password"], is_permanent=is_permanent)
    return {}


@cognito_idp.operation
def admin_reset_user_password(call: Call, request: Json) -> dict[str, Any]:
    """Void a user's password and sign-ins, and send a code that sets another."""
    user = accounts.get_as_admin(pools.get(request["UserPoolId"]), request["Username"])
    recovery.demand(user, request.get("ClientMetadata"))
    return {}
