"""Managed policies over the wire. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from identity.iam import iam_shapes, managed_policies, tags
from identity.iam.models import ManagedPolicy, Role, User
from identity.iam.operations import asked, given, pages, refusals
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@iam.operation(resource=asked.new_policy)
def create_policy(call: Call, request: Json) -> dict[str, Any]:
    """Make a managed policy, whose first version is the default one."""
    refusals.require_managed_size(request["PolicyDocument"])
    name = request["PolicyName"]
    taken = f"A policy called {name} already exists. Duplicate names are not allowed."
    refusals.require_free_name(name, managed_policies.ADMINISTRATOR_ACCESS, taken=taken)
    with refusals.worded(taken=taken):
        managed = managed_policies.create(
            name,
            request["PolicyDocument"],
            path=request.get("Path", "/"),
            description=request.get("Description", ""),
            tags=tags.checked(given.pairs(request)),
        )
    return {"Policy": iam_shapes.policy(_counted(managed))}


@iam.operation(resource=asked.policy)
def get_policy(call: Call, request: Json) -> dict[str, Any]:
    """One managed policy, without its document: that is a version's."""
    return {"Policy": iam_shapes.policy(_counted(managed_policies.get(request["PolicyArn"])))}


@iam.operation(resource=asked.policies)
def list_policies(call: Call, request: Json) -> dict[str, Any]:
    """The managed policies by name: all, the product's, the account's own, or those in use."""
    filters = {
        name: request.get(name) for name in ("Scope", "OnlyAttached", "PathPrefix", "PolicyUsageFilter")
    }
    found = _with_counts(ManagedPolicy.objects.filter(path__startswith=request.get("PathPrefix", "/")))
    if filters["Scope"] in ("AWS", "Local"):
        found = found.filter(is_aws_managed=filters["Scope"] == "AWS")
    if filters["OnlyAttached"] or filters["PolicyUsageFilter"]:
        found = found.filter(_in_use(filters["PolicyUsageFilter"]))
    return pages.of_rows(
        found, request, member="Policies", shape=iam_shapes.listed_policy, bound_to=f"policies {filters}"
    )


@iam.operation(resource=asked.policy)
def delete_policy(call: Call, request: Json) -> None:
    """Delete a managed policy that nothing uses and that has one version."""
    managed_policies.delete(own(call, request))


@iam.operation(resource=asked.policy)
def list_entities_for_policy(call: Call, request: Json) -> dict[str, Any]:
    """The users and roles that a managed policy is attached to, or bounds."""
    managed = managed_policies.get(request["PolicyArn"])
    filters = {name: request.get(name) for name in ("EntityFilter", "PathPrefix", "PolicyUsageFilter")}
    bound_to = f"entities {managed.policy_id} {filters}"
    page = pages.of_items(_entities(managed, filters), request, member="found", bound_to=bound_to)
    found = page.pop("found")
    return page | {
        "PolicyGroups": [],
        "PolicyUsers": [shown for kind, shown in found if kind == "User"],
        "PolicyRoles": [shown for kind, shown in found if kind == "Role"],
    }


@iam.operation(resource=asked.policy)
def tag_policy(call: Call, request: Json) -> None:
    """Set tags; those of the same keys are replaced."""
    tags.add(own(call, request), given.pairs(request))


@iam.operation(resource=asked.policy)
def untag_policy(call: Call, request: Json) -> None:
    """Take tags away."""
    tags.remove(own(call, request), request["TagKeys"])


@iam.operation(resource=asked.policy)
def list_policy_tags(call: Call, request: Json) -> dict[str, Any]:
    """The tags by key."""
    managed = managed_policies.get(request["PolicyArn"])
    return pages.of_tags(managed.tags, request, bound_to=managed.policy_id)


def own(call: Call, request: Json) -> ManagedPolicy:
    """A policy of the account, to be changed. Raises ``AccessDenied`` for those that come with the product."""
    managed = managed_policies.get(request["PolicyArn"])
    if managed.is_aws_managed:
        raise asked.refused(call, managed.arn)
    return managed


def _with_counts(queryset: QuerySet[ManagedPolicy]) -> QuerySet[ManagedPolicy]:
    """As ``shapes`` wants them. Counted apart: joined, each role would come as often as there are users."""
    return queryset.annotate(
        attachments=_count(Role, "attached_policies") + _count(User, "attached_policies"),
        boundary_uses=_count(Role, "permissions_boundary") + _count(User, "permissions_boundary"),
    )


def _count(model: type[Role] | type[User], relation: str) -> Coalesce:
    """How many rows refer to the policy of the outer query."""
    rows = model._default_manager.order_by().filter(**{relation: OuterRef("pk")}).values(relation)
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


def _counted(managed: ManagedPolicy) -> ManagedPolicy:
    return _with_counts(ManagedPolicy.objects.filter(pk=managed.pk)).get()


def _in_use(usage: str | None) -> Q:
    attached, bounding = Q(attachments__gt=0), Q(boundary_uses__gt=0)
    if usage is None:
        return attached | bounding
    return attached if usage == "PermissionsPolicy" else bounding


def _entities(managed: ManagedPolicy, filters: Json) -> list[tuple[str, dict[str, str]]]:
    """Users, then roles, each by name, with the kind of each."""
    prefix = filters["PathPrefix"] or "/"
    attached = filters["PolicyUsageFilter"] in (None, "PermissionsPolicy")
    bounding = filters["PolicyUsageFilter"] in (None, "PermissionsBoundary")
    found: list[tuple[str, dict[str, str]]] = []
    if filters["EntityFilter"] in (None, "User"):
        users = {
            *(managed.users.all() if attached else ()),
            *(managed.bounded_users.all() if bounding else ()),
        }
        found += [("User", {"UserName": each.name, "UserId": each.user_id}) for each in _below(prefix, users)]
    if filters["EntityFilter"] in (None, "Role"):
        roles = {
            *(managed.roles.all() if attached else ()),
            *(managed.bounded_roles.all() if bounding else ()),
        }
        found += [("Role", {"RoleName": each.name, "RoleId": each.role_id}) for each in _below(prefix, roles)]
    return found


def _below(prefix: str, rows: Any) -> list[Any]:
    """Any: roles or users."""
    return sorted((each for each in rows if each.path.startswith(prefix)), key=lambda each: each.name)
