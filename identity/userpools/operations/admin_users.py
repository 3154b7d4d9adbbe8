"""Users as administrators handle them. Source: cognito/user-pools §7, cognito/triggers §2."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from identity.userpools import accounts, invitations, pools, registration, sign_outs, user_shapes
from identity.userpools.models import User
from identity.userpools.service import cognito_idp
from identity.wire.service import Call

Json = Mapping[str, Any]


@cognito_idp.operation
def admin_create_user(call: Call, request: Json) -> dict[str, Any]:
    """Make a user with a temporary password and send it; or, with RESEND, send a new one."""
    pool = pools.get(request["UserPoolId"])
    invitation = _invitation(request)
    if request.get("MessageAction") == "RESEND":
        user = invitations.resend(accounts.get_as_admin(pool, request["Username"]), invitation)
    else:
        user = invitations.create(pool, invitation)
    return {"User": user_shapes.user_type(user)}


def _invitation(request: Json) -> invitations.Invitation:
    is_silent = request.get("MessageAction") == "SUPPRESS"
    return invitations.Invitation(
        username=request["Username"],
        attributes=user_shapes.values_of(request.get("UserAttributes")),
        password=request.get("TemporaryPassword"),
        mediums=() if is_silent else tuple(request.get("DesiredDeliveryMediums") or ("SMS",)),
        take_aliases=request.get("ForceAliasCreation", False),
        validation=user_shapes.values_of(request.get("ValidationData")),
        metadata=request.get("ClientMetadata"),
    )


@cognito_idp.operation
def admin_confirm_sign_up(call: Call, request: Json) -> dict[str, Any]:
    """Confirm a user without a code; verifies nothing."""
    registration.confirm_as_admin(_user(request), request.get("ClientMetadata"))
    return {}


@cognito_idp.operation
def admin_get_user(call: Call, request: Json) -> dict[str, Any]:
    """A user with all attributes."""
    return user_shapes.admin_user(_user(request))


@cognito_idp.operation
def admin_enable_user(call: Call, request: Json) -> dict[str, Any]:
    """Let a user sign in again; the tokens that disabling revoked stay so."""
    accounts.enable(_user(request))
    return {}


@cognito_idp.operation
def admin_disable_user(call: Call, request: Json) -> dict[str, Any]:
    """Refuse a user every sign-in and revoke what there is."""
    user = _user(request)
    with transaction.atomic():
        accounts.disable(user)
        sign_outs.everywhere(user)
    return {}


@cognito_idp.operation
def admin_delete_user(call: Call, request: Json) -> None:
    """Delete a user."""
    accounts.delete(_user(request), by_administrator=True)


def _user(request: Json) -> User:
    return accounts.get_as_admin(pools.get(request["UserPoolId"]), request["Username"])
