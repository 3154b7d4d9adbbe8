"""Rows → IAM's wire shapes. Times stay datetimes; policy documents go URL-encoded, as clients expect them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from identity.iam.managed_policies import Version
from identity.iam.models import AccessKey, ManagedPolicy, Role, User

Shape = dict[str, Any]


def encoded(document: str) -> str:
    """A policy document as IAM's answers carry it (RFC 3986)."""
    return quote(document, safe="")


def tag_list(tags: Mapping[str, str]) -> list[Shape]:
    """Tags by their keys."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def tags_if_any(tags: Mapping[str, str]) -> Shape:
    """The member ``Tags`` of answers that lack it where there are none."""
    return {"Tags": tag_list(tags)} if tags else {}


def listed_role(role: Role) -> Shape:
    """A role as lists show it: without tags and boundary."""
    shape: Shape = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": role.arn,
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": encoded(role.trust_policy),
        "MaxSessionDuration": role.max_session_duration,
    }
    return shape | ({"Description": role.description} if role.description else {})


def role(role: Role) -> Shape:
    """``Role`` whole."""
    return listed_role(role) | _held(role)


def listed_user(user: User) -> Shape:
    """A user as lists show them: without tags and boundary."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": user.created_at,
    }


def user(user: User) -> Shape:
    """``User`` whole."""
    return listed_user(user) | _held(user)


def attached(managed: ManagedPolicy) -> Shape:
    """``AttachedPolicy``."""
    return {"PolicyName": managed.name, "PolicyArn": managed.arn}


def listed_policy(managed: ManagedPolicy) -> Shape:
    """A managed policy as lists show it. Needs the counts of ``with_counts``."""
    counted: Any = managed
    return {
        "PolicyName": managed.name,
        "PolicyId": managed.policy_id,
        "Arn": managed.arn,
        "Path": managed.path,
        "DefaultVersionId": f"v{managed.version}",
        "AttachmentCount": counted.attachments,
        "PermissionsBoundaryUsageCount": counted.boundary_uses,
        "IsAttachable": True,
        "CreateDate": managed.created_at,
        "UpdateDate": managed.updated_at,
    }


def policy(managed: ManagedPolicy) -> Shape:
    """``Policy`` whole. Needs the counts of ``with_counts``."""
    shape = listed_policy(managed) | {"Tags": tag_list(managed.tags)}
    return shape | ({"Description": managed.description} if managed.description else {})


def listed_version(version: Version) -> Shape:
    """A version as lists show it: without its document."""
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.is_default,
        "CreateDate": version.created_at,
    }


def policy_version(version: Version) -> Shape:
    """``PolicyVersion`` with its document."""
    return listed_version(version) | {"Document": encoded(version.document)}


def access_key(key: AccessKey) -> Shape:
    """``AccessKeyMetadata``."""
    return {
        "UserName": key.user.name,
        "AccessKeyId": key.key_id,
        "Status": key.status,
        "CreateDate": key.created_at,
    }


def _held(holder: Role | User) -> Shape:
    shape = tags_if_any(holder.tags)
    boundary = holder.permissions_boundary
    if boundary is not None:
        shape["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": boundary.arn,
        }
    return shape
