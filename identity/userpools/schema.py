"""A pool's schema: Cognito's standard attributes, and the custom ones that a pool adds. Pure; all in wire shape.

Constraint values are strings, as on the wire. Source: cognito/user-pools §4.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from identity.userpools import quotas
from identity.userpools.errors import InvalidParameter, LimitExceeded

Attribute = dict[str, Any]

MAX_LENGTH = 2048  # of any value
_CONSTRAINTS = {"String": "StringAttributeConstraints", "Number": "NumberAttributeConstraints"}
_BOUNDS = {
    "StringAttributeConstraints": ("MinLength", "MaxLength"),
    "NumberAttributeConstraints": ("MinValue", "MaxValue"),
}


def standard() -> list[Attribute]:
    """The twenty attributes of every pool, in the order the service returns them; fresh at each call."""
    return [
        _text("sub", minimum=1) | {"Mutable": False, "Required": True},
        *(_text(name) for name in ("name", "given_name", "family_name", "middle_name", "nickname")),
        *(_text(name) for name in ("preferred_username", "profile", "picture", "website", "email")),
        _attribute("email_verified", "Boolean"),
        _text("gender"),
        _text("birthdate", minimum=10, maximum=10),
        *(_text(name) for name in ("zoneinfo", "locale", "phone_number")),
        _attribute("phone_number_verified", "Boolean"),
        _text("address"),
        _attribute("updated_at", "Number", NumberAttributeConstraints={"MinValue": "0"}),
    ]


def build(requested: Iterable[Mapping[str, Any]]) -> list[Attribute]:
    """The schema of a new pool: the standard attributes as ``requested`` changes them, then its custom ones.

    Raises InvalidParameter for what cannot be changed or added, LimitExceeded for too many custom attributes.
    """
    attributes = by_name(standard())
    known = attributes | {"identities": _identities()}
    seen: set[str] = set()
    for entry in requested:
        name = entry.get("Name")
        if name is None:
            raise InvalidParameter("A schema attribute must have a name.")
        attribute = _changed(known[name], entry) if name in known else custom(entry)
        if attribute["Name"] in seen:
            raise InvalidParameter(
                f"{attribute['Name']}: Existing attribute already has name {attribute['Name']}."
            )
        seen.add(attribute["Name"])
        attributes[attribute["Name"]] = attribute
    if sum(is_custom(name) for name in attributes) > quotas.CUSTOM_ATTRIBUTES:
        raise LimitExceeded(f"A user pool can have at most {quotas.CUSTOM_ATTRIBUTES} custom attributes.")
    return list(attributes.values())


def custom(entry: Mapping[str, Any]) -> Attribute:
    """A custom attribute as it is stored: its name gets ``custom:``, or ``dev:custom:`` for developers only."""
    if entry.get("Required"):
        raise InvalidParameter("Required custom attributes are not supported currently.")
    developer_only = entry.get("DeveloperOnlyAttribute", False)
    name = f"dev:custom:{entry['Name']}" if developer_only else f"custom:{entry['Name']}"
    attribute = _attribute(name, entry.get("AttributeDataType", "String"))
    attribute |= {"DeveloperOnlyAttribute": developer_only, "Mutable": entry.get("Mutable", True)}
    return attribute | _constraints(attribute, entry, {})


def by_name(attributes: Iterable[Attribute]) -> dict[str, Attribute]:
    return {attribute["Name"]: attribute for attribute in attributes}


def is_custom(name: str) -> bool:
    return name.startswith(("custom:", "dev:custom:"))


def _changed(attribute: Attribute, entry: Mapping[str, Any]) -> Attribute:
    """A standard attribute with the requirement, mutability and bounds that ``entry`` sets."""
    name = attribute["Name"]
    data_type = entry.get("AttributeDataType", attribute["AttributeDataType"])
    if data_type != attribute["AttributeDataType"] or entry.get("DeveloperOnlyAttribute"):
        raise InvalidParameter(
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
            f"{name}"
        )
    flags = {flag: entry.get(flag, attribute[flag]) for flag in ("Mutable", "Required")}
    if name == "sub" and flags != {"Mutable": False, "Required": True}:
        raise InvalidParameter("sub: Attribute cannot be made mutable or optional.")
    member = _CONSTRAINTS.get(data_type, "")
    return attribute | flags | _constraints(attribute, entry, attribute.get(member, {}))


def _constraints(attribute: Attribute, entry: Mapping[str, Any], default: dict[str, str]) -> Attribute:
    """The one constraint block that fits the data type, ``default`` where the entry gives none."""
    member = _CONSTRAINTS.get(attribute["AttributeDataType"])
    for other in _CONSTRAINTS.values():
        if other != member and entry.get(other):
            raise InvalidParameter(
                f"{attribute['Name']}: {other} do not apply to an attribute of type "
                f"{attribute['AttributeDataType']}."
            )
    if member is None:
        return {}
    given = dict(entry.get(member) or default)
    _check_bounds(attribute["Name"], member, given)
    return {member: given}


def _check_bounds(name: str, member: str, given: Mapping[str, str]) -> None:
    low, high = (_number(name, given.get(bound)) for bound in _BOUNDS[member])
    if low is not None and high is not None and low > high:
        raise InvalidParameter(f"{name}: The minimum is greater than the maximum.")
    if member == "StringAttributeConstraints" and (
        (low is not None and low < 0) or (high is not None and high > MAX_LENGTH)
    ):
        raise InvalidParameter(f"{name}: A length must be between 0 and {MAX_LENGTH}.")


def _number(name: str, text: str | None) -> int | None:
    if text is None or text == "":
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
        raise InvalidParameter(f"{name}: A constraint must be a whole number.")
    return int(text)


def _identities() -> Attribute:
    """Listed only where a pool asks for it; a provider's links are kept in it."""
    return _attribute("identities", "String", StringAttributeConstraints={})


def _text(name: str, *, minimum: int = 0, maximum: int = MAX_LENGTH) -> Attribute:
    constraints = {"MinLength": str(minimum), "MaxLength": str(maximum)}
    return _attribute(name, "String", StringAttributeConstraints=constraints)


def _attribute(name: str, data_type: str, **members: Any) -> Attribute:
    return {
        "Name": name,
        "AttributeDataType": data_type,
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        **members,
    }
