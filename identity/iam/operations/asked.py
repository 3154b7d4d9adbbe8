"""What the policies are asked about when IAM's own operations are called: ARNs, and the condition keys that go with them.

Tags of a role, user, policy or provider are ``aws:ResourceTag/…`` (of roles and users ``iam:ResourceTag/…`` too). A
name that nothing has is asked about at the root path; refusals say the name alone, as IAM's do. Source: service authorization reference, "AWS Identity and
Access Management (IAM)".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from identity.core import arns
from identity.core.errors import ServiceError
from identity.iam import managed_policies, oidc_providers, saml_providers
from identity.iam.models import AccessKey, Role, User
from identity.iam.models.oidc_providers import name_of
from identity.iam.policy import PrincipalKind
from identity.wire.callers import denied
from identity.wire.service import Asked, Call

Json = Mapping[str, Any]  # Any: shapes of the model

BOUNDARY = "iam:PermissionsBoundary"


def role(call: Call, request: Json) -> Asked:
    """The role of the request."""
    return _role(request["RoleName"])


def role_rights(call: Call, request: Json) -> Asked:
    """The role whose policies are changed: its boundary counts, and the policy that is attached."""
    name = request["RoleName"]
    found = _find_role(name)
    return _with_rights(_of_role(name, found), found, request)


def new_role(call: Call, request: Json) -> list[Asked]:
    """The role that would be made, and the boundary it would have."""
    arn = arns.role(request["RoleName"], path=request.get("Path", "/"))
    return _new(Asked(arn, _given_boundary(request)), request, "iam:TagRole")


def role_boundary(call: Call, request: Json) -> Asked:
    """The role that is given a boundary, and that boundary."""
    return _with_boundary(_role(request["RoleName"]), request)


def roles(call: Call, request: Json) -> str:
    """All roles below a path."""
    return arns.role("", path=request.get("PathPrefix", "/"))


def user(call: Call, request: Json) -> Asked:
    """The user of the request; where none is named, the caller."""
    name = request.get("UserName") or own_name(call)
    if name is None:
        return Asked("*")
    return _user(name)


def user_rights(call: Call, request: Json) -> Asked:
    """The user whose policies are changed: their boundary counts, and the policy that is attached."""
    name = request["UserName"]
    found = _find_user(name)
    return _with_rights(_of_user(name, found), found, request)


def new_user(call: Call, request: Json) -> list[Asked]:
    """The user who would be made, and the boundary they would have."""
    arn = arns.user(request["UserName"], path=request.get("Path", "/"))
    return _new(Asked(arn, _given_boundary(request)), request, "iam:TagUser")


def user_boundary(call: Call, request: Json) -> Asked:
    """The user who is given a boundary, and that boundary."""
    return _with_boundary(_user(request["UserName"]), request)


def renamed_user(call: Call, request: Json) -> list[Asked]:
    """The user as they are and as they would be: both have to be allowed."""
    name = request["UserName"]
    found = _find_user(name)
    now = _of_user(name, found)
    path = request.get("NewPath", found.path if found else "/")
    renamed = request.get("NewUserName", name)
    return [now, Asked(arns.user(renamed, path=path), now.context, f"user {renamed}")]


def users(call: Call, request: Json) -> str:
    """All users below a path."""
    return arns.user("", path=request.get("PathPrefix", "/"))


def key_owner(call: Call, request: Json) -> Asked:
    """The user who holds the key."""
    key = AccessKey.objects.select_related("user").filter(pk=request["AccessKeyId"]).first()
    named = f"access key {request['AccessKeyId']}"
    if key is None:
        return Asked(arns.user("*"), {}, named)
    return Asked(key.user.arn, _holder_tags(key.user.tags), named)


def policy(call: Call, request: Json) -> Asked:
    """The managed policy of the request, with its tags."""
    arn = request["PolicyArn"]
    found = managed_policies.find_all([arn]).get(arn)
    return Asked(arn, _tags(found.tags) if found else {})


def new_policy(call: Call, request: Json) -> list[Asked]:
    """The managed policy that would be made."""
    arn = arns.policy(request["PolicyName"], path=request.get("Path", "/"))
    return _new(Asked(arn), request, "iam:TagPolicy")


def policies(call: Call, request: Json) -> str:
    """All managed policies below a path."""
    return arns.policy("", path=request.get("PathPrefix", "/"))


def oidc_provider(call: Call, request: Json) -> Asked:
    """The OpenID Connect provider of the request, with its tags."""
    arn = request["OpenIDConnectProviderArn"]
    found = oidc_providers.find_by_arn(arn)
    return Asked(arn, _tags(found.tags) if found else {})


def new_oidc_provider(call: Call, request: Json) -> list[Asked]:
    """The OpenID Connect provider that would be made."""
    arn = arns.oidc_provider(name_of(request["Url"]))
    return _new(Asked(arn), request, "iam:TagOpenIDConnectProvider")


def all_oidc_providers(call: Call, request: Json) -> str:
    """All OpenID Connect providers."""
    return arns.oidc_provider("*")


def saml_provider(call: Call, request: Json) -> Asked:
    """The SAML provider of the request, with its tags."""
    found = saml_providers.find(request["SAMLProviderArn"])
    return Asked(request["SAMLProviderArn"], _tags(found.tags) if found else {})


def new_saml_provider(call: Call, request: Json) -> list[Asked]:
    """The SAML provider that would be made."""
    return _new(Asked(arns.saml_provider(request["Name"])), request, "iam:TagSAMLProvider")


def all_saml_providers(call: Call, request: Json) -> str:
    """All SAML providers."""
    return arns.saml_provider("*")


def source(call: Call, request: Json) -> Asked:
    """The role or user whose policies are read for a simulation."""
    arn = request["PolicySourceArn"]
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    name = rest.rpartition("/")[2]
    known = _role(name) if kind == "role" else _user(name) if kind == "user" else Asked(arn)
    return known if known.resource == arn else Asked(arn)


def own_name(call: Call) -> str | None:
    """The name of the IAM user who calls; None for sessions and the account itself."""
    if call.signed_by.principal_type != PrincipalKind.USER:
        return None
    name: str = call.signed_by.context["aws:username"]
    return name


def refused(call: Call, resource: str) -> ServiceError:
    """The refusal of what no policy can allow: what belongs to the product itself is not changed."""
    return denied(call.signed_by, f"iam:{call.operation}", resource)


def _new(asked: Asked, request: Json, tagging: str) -> list[Asked]:
    """What is made with tags is also tagged. Source: service authorization reference, "dependent actions"."""
    return [asked, replace(asked, action=tagging)] if request.get("Tags") else [asked]


def _role(name: str) -> Asked:
    return _of_role(name, _find_role(name))


def _user(name: str) -> Asked:
    return _of_user(name, _find_user(name))


def _of_role(name: str, found: Role | None) -> Asked:
    arn, tags = (found.arn, found.tags) if found else (arns.role(name), {})
    return Asked(arn, _holder_tags(tags), f"role {name}")


def _of_user(name: str, found: User | None) -> Asked:
    arn, tags = (found.arn, found.tags) if found else (arns.user(name), {})
    return Asked(arn, _holder_tags(tags), f"user {name}")


def _find_role(name: str) -> Role | None:
    return Role.objects.select_related("permissions_boundary").filter(name=name).first()


def _find_user(name: str) -> User | None:
    return User.objects.select_related("permissions_boundary").filter(name=name).first()


def _with_rights(asked: Asked, found: Role | User | None, request: Json) -> Asked:
    context = dict(asked.context)
    if found is not None and found.permissions_boundary is not None:
        context[BOUNDARY] = found.permissions_boundary.arn
    if "PolicyArn" in request:
        context["iam:PolicyARN"] = request["PolicyArn"]
    return replace(asked, context=context)


def _with_boundary(asked: Asked, request: Json) -> Asked:
    return replace(asked, context={**asked.context, **_given_boundary(request)})


def _given_boundary(request: Json) -> dict[str, str]:
    return {BOUNDARY: request["PermissionsBoundary"]} if "PermissionsBoundary" in request else {}


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


def _holder_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return _tags(tags) | {f"iam:ResourceTag/{key}": value for key, value in tags.items()}
