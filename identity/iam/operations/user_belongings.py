"""What users have at AWS and never have here. Clients ask for it before they delete a user: the answer is honest.

Source: IAM API reference.
"""

from collections.abc import Mapping
from typing import Any

from identity.iam.errors import NoSuchEntity
from identity.iam.operations import asked
from identity.iam.operations.users import named
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation(resource=asked.user)
def list_groups_for_user(call: Call, request: Json) -> dict[str, Any]:
    """None: IAM groups are not built."""
    return _none(call, request, "Groups")


@iam.operation(resource=asked.user)
def list_mfa_devices(call: Call, request: Json) -> dict[str, Any]:
    """None: users have no second factors."""
    return _none(call, request, "MFADevices")


@iam.operation
def list_virtual_mfa_devices(call: Call, request: Json) -> dict[str, Any]:
    """None: there are no second factors."""
    return {"VirtualMFADevices": [], "IsTruncated": False}


@iam.operation(resource=asked.user)
def list_ssh_public_keys(call: Call, request: Json) -> dict[str, Any]:
    """None: there are no repositories that an SSH key would open."""
    return _none(call, request, "SSHPublicKeys")


@iam.operation(resource=asked.user)
def list_signing_certificates(call: Call, request: Json) -> dict[str, Any]:
    """None: requests are signed by access keys only."""
    return _none(call, request, "Certificates")


@iam.operation(resource=asked.user)
def list_service_specific_credentials(call: Call, request: Json) -> dict[str, Any]:
    """None: requests are signed by access keys only."""
    named(call, request)
    return {"ServiceSpecificCredentials": []}


@iam.operation(resource=asked.user)
def get_login_profile(call: Call, request: Json) -> dict[str, Any]:
    """None: there is no console that a password would open."""
    raise _no_password(call, request)


@iam.operation(resource=asked.user)
def delete_login_profile(call: Call, request: Json) -> None:
    """There is none to delete."""
    raise _no_password(call, request)


def _none(call: Call, request: Json, member: str) -> dict[str, Any]:
    named(call, request)
    return {member: [], "IsTruncated": False}


def _no_password(call: Call, request: Json) -> NoSuchEntity:
    return NoSuchEntity(f"Login Profile for User {named(call, request).name} cannot be found.")
