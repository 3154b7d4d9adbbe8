"""User attributes over the wire. Source: cognito/user-pools §4 and §8."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import accounts, attribute_updates, pools, sessions, user_shapes
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]


@cognito_idp.operation
def update_user_attributes(call: Call, request: Json) -> dict[str, Any]:
    """Change one's own attributes; a code goes to each new address that the pool verifies."""
    session = sessions.by_access_token(request["AccessToken"])
    changes = user_shapes.values_of(request["UserAttributes"])
    metadata = request.get("ClientMetadata")
    deliveries = attribute_updates.by_user(session.user, session.client, changes, metadata)
    return {"CodeDeliveryDetailsList": [user_shapes.code_delivery(each) for each in deliveries]}


@cognito_idp.operation
def get_user_attribute_verification_code(call: Call, request: Json) -> dict[str, Any]:
    """Send a code to one's own e-mail address or phone number, five times an hour at most."""
    session = sessions.by_access_token(request["AccessToken"])
    metadata = request.get("ClientMetadata")
    delivery = attribute_updates.request_code(
        session.user, session.client, request["AttributeName"], metadata
    )
    return {"CodeDeliveryDetails": user_shapes.code_delivery(delivery)}


@cognito_idp.operation
def verify_user_attribute(call: Call, request: Json) -> dict[str, Any]:
    """Prove an address by its code; a new value that awaited that takes the old one's place."""
    user = sessions.by_access_token(request["AccessToken"]).user
    attribute_updates.verify(user, request["AttributeName"], request["Code"])
    return {}


@cognito_idp.operation
def delete_user_attributes(call: Call, request: Json) -> dict[str, Any]:
    """Delete one's own attributes."""
    session = sessions.by_access_token(request["AccessToken"])
    attribute_updates.delete(session.user, request["UserAttributeNames"], client=session.client)
    return {}


@cognito_idp.operation
def admin_update_user_attributes(call: Call, request: Json) -> dict[str, Any]:
    """Change a user's attributes, addresses as verified ones too."""
    user = accounts.get_as_admin(pools.get(request["UserPoolId"]), request["Username"])
    changes = user_shapes.values_of(request["UserAttributes"])
    attribute_updates.by_administrator(user, changes, request.get("ClientMetadata"))
    return {}


@cognito_idp.operation
def admin_delete_user_attributes(call: Call, request: Json) -> dict[str, Any]:
    """Delete a user's attributes."""
    user = accounts.get_as_admin(pools.get(request["UserPoolId"]), request["Username"])
    attribute_updates.delete(user, request["UserAttributeNames"], client=None)
    return {}
