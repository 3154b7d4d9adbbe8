"""Which field opens by which mode: compiled once from the schema's directives, then one look-up a field.

Source: AppSync developer guide, "Using additional authorization modes", "Fine-grained access control".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from identity.kit.graphql import directives
from identity.kit.graphql.api import Api
from identity.kit.graphql.modes import AuthType, UserPools
from identity.kit.graphql.principal import Principal

Groups: TypeAlias = frozenset[str] | None
"""Of which one is needed; None asks for none."""

Rule: TypeAlias = Mapping[AuthType, Sequence[Groups]]
"""For each mode that opens a field, the alternatives."""

Table: TypeAlias = Mapping[tuple[str, str], Rule]

_DEFINITION = "strawberry-definition"
_MODES: dict[type, AuthType] = {
    directives.AwsIam: AuthType.IAM,
    directives.AwsOidc: AuthType.OIDC,
    directives.AwsApiKey: AuthType.API_KEY,
    directives.AwsLambda: AuthType.LAMBDA,
}


def table(schema: GraphQLSchema, api: Api) -> Table:
    """The rule of each field of each object type. Raises ImproperlyConfigured for an ``aws_`` directive that isn't known
    here: what it was to keep out would come in."""
    rules: dict[tuple[str, str], Rule] = {}
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            of_type = _rule(api, given(kind))
            for field_name, field in kind.fields.items():
                own = _rule(api, given(field))
                rules[name, field_name] = own or of_type or _default(api)
    return rules


def allows(rule: Rule, principal: Principal) -> bool:
    """Whether one of the rule's alternatives is fulfilled."""
    for groups in rule.get(principal.auth_type, ()):
        if groups is None or not groups.isdisjoint(principal.groups):
            return True
    return False


def given(thing: GraphQLObjectType | GraphQLField) -> Sequence[Any]:
    """The directives (of any kind) that strawberry was given for a type or field."""
    return tuple(getattr(definition(thing), "directives", None) or ())


def definition(thing: GraphQLObjectType | GraphQLField) -> Any:
    """Strawberry's own record of a type or field; None for what it added itself."""
    return thing.extensions.get(_DEFINITION)


def _rule(api: Api, found: Iterable[Any]) -> Rule:
    rule: dict[AuthType, list[Groups]] = {}
    for directive in found:
        for auth_type, groups in _meaning(api, directive):
            rule.setdefault(auth_type, []).append(groups)
    return rule


def _meaning(api: Api, directive: Any) -> list[tuple[AuthType, Groups]]:
    if isinstance(directive, directives.AwsCognitoUserPools):
        wanted = directive.cognito_groups
        return [(AuthType.USER_POOLS, None if wanted is None else frozenset(wanted))]
    if isinstance(directive, directives.AwsAuth):
        is_heard = api.auth_types == {AuthType.USER_POOLS}
        return [(AuthType.USER_POOLS, frozenset(directive.cognito_groups))] if is_heard else []
    for kind, auth_type in _MODES.items():
        if isinstance(directive, kind):
            return [(auth_type, None)]
    _require_foreign(directive)
    return []


def _require_foreign(directive: Any) -> None:
    made = getattr(directive, "__strawberry_directive__", None)
    name = str(getattr(made, "graphql_name", None) or getattr(made, "python_name", ""))
    if not isinstance(directive, directives.AwsSubscribe) and name.lower().startswith("aws"):
        raise ImproperlyConfigured(f"@{name} is none of the directives of identity.kit.graphql.directives.")


def _default(api: Api) -> Rule:
    """Without any directive: the default mode alone, and not even that where user pools deny by default."""
    mode = api.default
    if isinstance(mode, UserPools) and mode.default_action == "DENY":
        return {}
    return {mode.auth_type: [None]}
