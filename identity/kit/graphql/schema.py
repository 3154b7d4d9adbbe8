"""A strawberry schema made an API's: every field guarded, and what its subscriptions tell of.

The guard sits on the schema's own fields, so whichever way something is executed, no field resolves unasked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import strawberry
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    default_field_resolver,
    get_nullable_type,
)

from identity.kit.graphql import access, directives
from identity.kit.graphql.api import Api
from identity.kit.graphql.context import Context
from identity.kit.graphql.errors import PermissionDenied, Unauthorized

Resolver = Callable[..., Any]
Info = GraphQLResolveInfo[Any]
_GUARDED_BY = "identity-kit-api"


@dataclass(frozen=True, slots=True)
class Loaded:
    """``image`` is the schema without resolvers: by it, what a mutation returned is told to subscribers.

    ``told_by`` has for each subscription field the mutations that it tells of.
    """

    strawberry: strawberry.Schema
    core: GraphQLSchema
    image: GraphQLSchema
    rules: access.Table
    told_by: Mapping[str, frozenset[str]]

    @property
    def telling_mutations(self) -> frozenset[str]:
        return frozenset().union(*self.told_by.values())


def load(api: Api) -> Loaded:
    """Raises ImproperlyConfigured for a schema that is another API's, or whose directives can't hold."""
    schema = import_string(api.schema) if isinstance(api.schema, str) else api.schema
    core: GraphQLSchema = schema._schema
    owner = core.extensions.setdefault(_GUARDED_BY, api)
    if owner is not api:
        raise ImproperlyConfigured(f"The schema of {api.id} is that of {owner.id} already: make two schemas.")
    rules = access.table(core, api)
    told_by = _told_by(core)
    image = _image(api, schema)
    kinds = [kind for kind in core.type_map.values() if _is_own(kind)]
    for kind in kinds:
        _require_plain(kind)
    for kind in kinds:
        _guard(api, core, kind, rules)
    if type(schema).process_errors is strawberry.Schema.process_errors:
        # Strawberry would log each refusal with a traceback; faults are logged where the answer is made.
        schema.process_errors = _keep_quiet  # type: ignore[method-assign]  # its one hook for it
    return Loaded(schema, core, image, rules, told_by)


def _image(api: Api, schema: strawberry.Schema) -> GraphQLSchema:
    try:
        return build_schema(schema.as_str())
    except (TypeError, GraphQLError) as error:  # a directive where it can't stand, mostly
        raise ImproperlyConfigured(f"The schema of {api.id} contradicts itself: {error}") from error


def require_access(api: Api, context: Any, rule: access.Rule, info: Info) -> None:
    """Raises Unauthorized, PermissionDenied where it is the policies that say no."""
    type_name, field_name = info.parent_type.name, info.field_name
    if not isinstance(context, Context) or context.api is not api:
        raise Unauthorized(type_name, field_name)
    principal = context.principal
    if not access.allows(rule, principal) or f"{type_name}.{field_name}" in principal.denied:
        raise Unauthorized(type_name, field_name)


def _guard(api: Api, core: GraphQLSchema, kind: GraphQLObjectType, rules: access.Table) -> None:
    is_root = kind in (core.query_type, core.mutation_type, core.subscription_type)
    for name, field in kind.fields.items():
        resolve = field.resolve or default_field_resolver
        guarded = _guarded(api, resolve, rules[kind.name, name])
        field.resolve = _policed(api, guarded, api.arn(kind.name, name)) if is_root else guarded


def _is_own(kind: GraphQLNamedType) -> TypeGuard[GraphQLObjectType]:
    return isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")


def _require_plain(kind: GraphQLObjectType) -> None:
    """Raises ImproperlyConfigured for resolvers that would only fail when they are asked."""
    for name, field in kind.fields.items():
        if field.subscribe is not None:
            raise ImproperlyConfigured(
                f"{kind.name}.{name}: subscriptions here are plain fields with @aws_subscribe, not generators."
            )
        if getattr(access.definition(field), "is_async", False):
            raise ImproperlyConfigured(
                f"{kind.name}.{name}: resolvers here are plain functions, not async ones."
            )


def _guarded(api: Api, resolve: Resolver, rule: access.Rule) -> Resolver:
    def guarded(root: Any, info: Info, **arguments: Any) -> Any:
        require_access(api, info.context, rule, info)
        try:
            return resolve(root, info, **arguments)
        except Unauthorized as error:
            if error.is_placed:
                raise
            raise Unauthorized(info.parent_type.name, info.field_name) from error

    return guarded


def _policed(api: Api, guarded: Resolver, arn: str) -> Resolver:
    """Policies are asked about top-level fields only."""

    def policed(root: Any, info: Info, **arguments: Any) -> Any:
        context = info.context
        if isinstance(context, Context) and not context.principal.is_allowed_by_policy(arn):
            raise PermissionDenied(info.parent_type.name, info.field_name)
        return guarded(root, info, **arguments)

    return policed


def _told_by(core: GraphQLSchema) -> dict[str, frozenset[str]]:
    if core.subscription_type is None:
        return {}
    return {name: _mutations_of(core, name, field) for name, field in core.subscription_type.fields.items()}


def _mutations_of(core: GraphQLSchema, name: str, field: GraphQLField) -> frozenset[str]:
    """AppSync refuses such schemas too: a subscription returns just what its mutations do, and may be null."""
    named = [each for each in access.given(field) if isinstance(each, directives.AwsSubscribe)]
    mutations = frozenset(mutation for each in named for mutation in each.mutations)
    if not mutations:
        raise ImproperlyConfigured(f"Subscription.{name} names no mutation: it needs @aws_subscribe.")
    if isinstance(field.type, GraphQLNonNull):
        raise ImproperlyConfigured(
            f"Subscription.{name} must be nullable: at its start there is nothing yet."
        )
    known = core.mutation_type.fields if core.mutation_type else {}
    for mutation in mutations:
        if mutation not in known:
            raise ImproperlyConfigured(f"Subscription.{name} tells of {mutation}, which is no mutation.")
        if str(get_nullable_type(known[mutation].type)) != str(field.type):
            raise ImproperlyConfigured(f"Subscription.{name} and {mutation} must return the same type.")
    return mutations


def _keep_quiet(*_: Any) -> None:
    """In place of strawberry's own logging."""
