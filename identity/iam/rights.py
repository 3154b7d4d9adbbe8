"""What a principal may do: its policies, loaded by one query and compiled once a text.

Identity policies, boundary, tags and name of a role (or policies and boundary of a user) come out
of the database as one UNION: verification of a signed request should not cost a query a table.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from identity.core import arns
from identity.core.conf import settings
from identity.core.prepared import Field, PreparedQuery
from identity.iam import policy
from identity.iam.credentials import Terms
from identity.iam.models import ManagedPolicy, Role, RolePolicy, User, UserPolicy

log = logging.getLogger("identity.iam")

_HOLDER, _IDENTITY, _BOUNDARY, _SESSION = range(4)

DENY_ALL = policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": {"Sid": "Unreadable", "Effect": "Deny", "Action": "*", "Resource": "*"},
    }
)
"""Stands in for a stored document that can't be read: what it would have denied is unknown."""


@dataclass(frozen=True, slots=True)
class Rights:
    """The policies that bear on one principal's requests. ``sessions`` None: the session has none of its own.

    ``terms`` are those of a session; for a user's own key they are empty. ``is_session``: the caller holds
    temporary credentials.
    """

    principal: policy.Principal
    identity: tuple[policy.Policy, ...] = ()
    boundary: policy.Policy | None = None
    sessions: tuple[policy.Policy, ...] | None = None
    terms: Terms = field(default_factory=Terms)
    is_session: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """A role or user as its sessions need it. ``managed_session`` holds the managed session policies that were asked for."""

    name: str
    arn: str
    tags: dict[str, str]
    identity: tuple[policy.Policy, ...] = ()
    boundary: policy.Policy | None = None
    managed_session: tuple[policy.Policy, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Kind:
    """Roles or users: their model, and by which names its rows and their policies are found."""

    model: type[Role] | type[User]
    unique_id: Field
    inline: type[RolePolicy] | type[UserPolicy]
    owner: str
    attached_to: str
    bounding: str


_ROLE = _Kind(
    Role,
    Role._meta.get_field("role_id"),
    RolePolicy,
    owner="role",
    attached_to="roles",
    bounding="bounded_roles",
)
_USER = _Kind(
    User,
    User._meta.get_field("user_id"),
    UserPolicy,
    owner="user",
    attached_to="users",
    bounding="bounded_users",
)


def principal_context(
    arn: str, user_id: str, kind: policy.PrincipalKind, tags: Mapping[str, str]
) -> dict[str, Any]:
    """The condition keys that a principal brings into every request. ``Any``: values of condition keys."""
    return {
        "aws:PrincipalArn": arn,
        "aws:userid": user_id,
        "aws:PrincipalType": str(kind),
        "aws:PrincipalAccount": settings().account_id,
        **{f"aws:PrincipalTag/{key}": value for key, value in tags.items()},
    }


Row = tuple[int, str, str, str]
Queries = Sequence["QuerySet[Any, Row]"]


def of_role(role_id: str, *, session_policy_ids: Sequence[str] = ()) -> Holder | None:
    """The rights of the role with this unique id, and the managed policies of the other ids. One query.

    None where the role is gone.
    """
    rows: list[Any] = _holder_query(_ROLE, len(session_policy_ids)).rows(role_id, *session_policy_ids)
    return _holder(rows, arns.role)


def of_user_id(user_id: str, *, session_policy_ids: Sequence[str] = ()) -> Holder | None:
    """As ``of_role``, for the IAM user with this unique id."""
    rows: list[Any] = _holder_query(_USER, len(session_policy_ids)).rows(user_id, *session_policy_ids)
    return _holder(rows, arns.user)


def of_user(user: User) -> Rights:
    """The rights of an IAM user. One query."""
    rows: list[Any] = _user_query().rows(user.pk)
    account = settings().account_id
    principal = policy.Principal(policy.PrincipalKind.USER, user.arn, account, unique_id=user.user_id)
    boundaries = _compiled(rows, _BOUNDARY, "boundary")
    return Rights(principal, _compiled(rows, _IDENTITY, "identity"), boundaries[0] if boundaries else None)


@cache
def _holder_query(kind: _Kind, session_policies: int) -> PreparedQuery:
    session_policy_ids = [ManagedPolicy._meta.get_field("policy_id")] * session_policies
    return PreparedQuery(kind.model, partial(_holder_rows, kind), kind.unique_id, *session_policy_ids)


def _holder_rows(kind: _Kind, unique_id: str, *session_policy_ids: str) -> "QuerySet[Any, Row]":
    name = kind.unique_id.name
    holder = kind.model._default_manager.filter(**{name: unique_id})
    inline = kind.inline._default_manager.filter(**{f"{kind.owner}__{name}": unique_id})
    attached = ManagedPolicy.objects.filter(**{f"{kind.attached_to}__{name}": unique_id})
    bounding = ManagedPolicy.objects.filter(**{f"{kind.bounding}__{name}": unique_id})
    return _union(
        [
            _rows(holder, _HOLDER, F("tags"), F("name"), F("path")),
            _documents(inline, _IDENTITY),
            _documents(attached, _IDENTITY),
            _documents(bounding, _BOUNDARY),
            *_session_documents(session_policy_ids),
        ]
    )


def _session_documents(policy_ids: Sequence[str]) -> Queries:
    found = ManagedPolicy.objects.filter(policy_id__in=policy_ids)
    return [_documents(found, _SESSION)] if policy_ids else []


@cache
def _user_query() -> PreparedQuery:
    return PreparedQuery(User, _user_rows, User._meta.pk)


def _user_rows(user_pk: int) -> "QuerySet[Any, Row]":
    return _union(
        [
            _documents(UserPolicy.objects.filter(user_id=user_pk), _IDENTITY),
            _documents(ManagedPolicy.objects.filter(users=user_pk), _IDENTITY),
            _documents(ManagedPolicy.objects.filter(bounded_users=user_pk), _BOUNDARY),
        ]
    )


def _union(queries: Queries) -> "QuerySet[Any, Row]":
    # order_by(): from Django 6 on, a union takes over the models' default ordering, by columns that it lacks.
    return queries[0].union(*queries[1:], all=True).order_by()


def _holder(rows: Sequence[Row], arn_of: Callable[..., str]) -> Holder | None:
    found = next((row for row in rows if row[0] == _HOLDER), None)
    if found is None:
        return None
    _, tags, name, path = found
    boundaries = _compiled(rows, _BOUNDARY, "boundary")
    return Holder(
        name=name,
        arn=arn_of(name, path=path),
        tags=json.loads(tags),
        identity=_compiled(rows, _IDENTITY, "identity"),
        boundary=boundaries[0] if boundaries else None,
        managed_session=_compiled(rows, _SESSION, "identity"),
    )


def _documents(queryset: "QuerySet[Any]", kind: int) -> "QuerySet[Any, Row]":
    return _rows(queryset, kind, F("document"), Value(""), Value(""))


def _rows(queryset: "QuerySet[Any]", kind: int, text: Any, name: Any, path: Any) -> "QuerySet[Any, Row]":
    """Four columns, alike in every part of the union."""
    rows: QuerySet[Any, Row] = (
        queryset.order_by()
        .annotate(
            row_kind=Value(kind, output_field=IntegerField()),
            row_text=Cast(text, TextField()),
            row_name=Cast(name, TextField()),
            row_path=Cast(path, TextField()),
        )
        .values_list("row_kind", "row_text", "row_name", "row_path")
    )
    return rows


def _compiled(rows: Iterable[Row], wanted: int, kind: policy.Kind) -> tuple[policy.Policy, ...]:
    return tuple(compiled(text, kind) for row_kind, text, _, _ in rows if row_kind == wanted)


def compiled(text: str, kind: policy.Kind) -> policy.Policy:
    """A stored document compiled; one that can't be read (it was written past our checks) denies everything."""
    try:
        return policy.parse(text, kind=kind)
    except policy.MalformedPolicy as error:
        log.error("a stored %s policy is unreadable and denies everything: %s", kind, error)
        return DENY_ALL
