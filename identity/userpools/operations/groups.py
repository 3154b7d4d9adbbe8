"""Groups over the wire. Source: cognito/user-pools §10."""

from collections.abc import Mapping
from typing import Any

from identity.userpools import accounts, groups, pools, shapes, user_shapes
from identity.userpools.models import Group
from identity.userpools.service import cognito_idp
from identity.wire import callers
from identity.wire.service import Call

Json = Mapping[str, Any]

_DEFAULT_PAGE = 60


@cognito_idp.operation
def create_group(call: Call, request: Json) -> dict[str, Any]:
    """Make a group. One with a role also needs ``iam:PassRole`` on the role: its members may come to act by it."""
    pool = pools.get(request["UserPoolId"])
    _require_pass_role(call, request)
    group = groups.create(
        pool,
        request["GroupName"],
        description=request.get("Description", ""),
        role_arn=request.get("RoleArn", ""),
        precedence=request.get("Precedence"),
    )
    return _shown(group)


@cognito_idp.operation
def get_group(call: Call, request: Json) -> dict[str, Any]:
    """One group."""
    return _shown(_group(request))


@cognito_idp.operation
def update_group(call: Call, request: Json) -> dict[str, Any]:
    """Set description, role or precedence; what the request leaves out stays. A role needs ``iam:PassRole``."""
    group = _group(request)
    _require_pass_role(call, request)
    changed = groups.update(
        group,
        description=request.get("Description"),
        role_arn=request.get("RoleArn"),
        precedence=request.get("Precedence"),
    )
    return _shown(changed)


@cognito_idp.operation
def delete_group(call: Call, request: Json) -> None:
    """Remove a group, with members or without."""
    groups.delete(_group(request))


@cognito_idp.operation
def list_groups(call: Call, request: Json) -> dict[str, Any]:
    """The pool's groups by name, at most 60 a page."""
    page = groups.listed(pools.get(request["UserPoolId"]), **_page_of(request))
    listed: dict[str, Any] = {"Groups": [shapes.group_type(group) for group in page.rows]}
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


@cognito_idp.operation
def admin_add_user_to_group(call: Call, request: Json) -> None:
    """Put a user into a group; their next tokens tell."""
    group = _group(request)
    groups.add(group, accounts.get_as_admin(group.pool, request["Username"]))


@cognito_idp.operation
def admin_remove_user_from_group(call: Call, request: Json) -> None:
    """Take a user out of a group; their next tokens tell."""
    group = _group(request)
    groups.remove(group, accounts.get_as_admin(group.pool, request["Username"]))


@cognito_idp.operation
def list_users_in_group(call: Call, request: Json) -> dict[str, Any]:
    """The group's members, at most 60 a page."""
    page = groups.members(_group(request), **_page_of(request))
    listed: dict[str, Any] = {"Users": [user_shapes.user_type(user) for user in page.rows]}
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


@cognito_idp.operation
def admin_list_groups_for_user(call: Call, request: Json) -> dict[str, Any]:
    """The user's groups, best precedence first, at most 60 a page."""
    user = accounts.get_as_admin(pools.get(request["UserPoolId"]), request["Username"])
    page = groups.listed_of_user(user, **_page_of(request))
    listed: dict[str, Any] = {"Groups": [shapes.group_type(group) for group in page.rows]}
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


def _group(request: Json) -> Group:
    return groups.get(pools.get(request["UserPoolId"]), request["GroupName"])


def _shown(group: Group) -> dict[str, Any]:
    return {"Group": shapes.group_type(group)}


def _page_of(request: Json) -> dict[str, Any]:
    """0 is the wire's word for the default."""
    return {"limit": request.get("Limit") or _DEFAULT_PAGE, "token": request.get("NextToken")}


def _require_pass_role(call: Call, request: Json) -> None:
    role_arn = request.get("RoleArn")
    if not role_arn:
        return
    context = {"iam:PassedToService": "cognito-identity.amazonaws.com"}
    callers.current().authorize(call.signed_by, "iam:PassRole", role_arn, context)
