"""Users as the wire shows them. Times stay datetimes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from identity.userpools import attributes
from identity.userpools.attribute_values import VERIFICATIONS
from identity.userpools.deliveries import Delivery
from identity.userpools.models import User, UserPoolClient

Shape = dict[str, Any]


def user_type(user: User, only: Collection[str] = ()) -> Shape:
    """``UserType`` of lists and of AdminCreateUser, where the attributes are ``Attributes``.

    ``only`` names the attributes wanted; none are all.
    """
    listed = attribute_list(user, user.attributes)
    if only:
        listed = [each for each in listed if each["Name"] in only]
    return {"Username": user.username, "Attributes": listed, **_standing(user)}


def admin_user(user: User) -> Shape:
    """What AdminGetUser answers, where the attributes are ``UserAttributes``."""
    return {
        "Username": user.username,
        "UserAttributes": attribute_list(user, user.attributes),
        **_standing(user),
    }


def own_user(user: User, client: UserPoolClient) -> Shape:
    """What GetUser answers: the attributes that the app client may read."""
    return {
        "Username": user.username,
        "UserAttributes": attribute_list(user, attributes.readable(client, user)),
    }


def attribute_list(user: User, values: Mapping[str, str]) -> list[dict[str, str]]:
    """``sub`` first, then what is verified, then the rest, custom attributes last."""
    ordered = sorted(values, key=lambda name: (name not in VERIFICATIONS, ":" in name))
    return [
        {"Name": "sub", "Value": str(user.sub)},
        *({"Name": name, "Value": values[name]} for name in ordered),
    ]


def code_delivery(delivery: Delivery) -> Shape:
    """``CodeDeliveryDetailsType``"""
    return {
        "Destination": delivery.destination,
        "DeliveryMedium": delivery.medium,
        "AttributeName": delivery.attribute,
    }


def values_of(attribute_types: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """An ``AttributeListType`` as a map; an absent value is an empty one, and of two of a name the last counts."""
    return {each["Name"]: each.get("Value", "") for each in attribute_types or ()}


def _standing(user: User) -> Shape:
    return {
        "UserCreateDate": user.created_at,
        "UserLastModifiedDate": user.modified_at,
        "Enabled": user.is_enabled,
        "UserStatus": user.status,
    }
