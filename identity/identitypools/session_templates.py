"""Session policies with variables that speak of an identity, filled in before they are passed on: engines elsewhere
don't know them. Pure.

Ours are ``${cognito-identity.amazonaws.com:sub}``, ``…:aud``, ``${aws:PrincipalTag/<name>}``, and
``${identity-portal:uuid}``: the identity's id without its region, for engines that allow no colon within a resource
(Ceph). Others stay as they are, for the engine. Source: IAM user guide, "IAM policy elements: Variables and tags".
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from identity.iam import policy
from identity.iam.policy.globs import VARIABLE

COGNITO = "cognito-identity.amazonaws.com:"
PORTAL = "identity-portal:"
TAG = "aws:PrincipalTag/"

_OURS = (COGNITO, PORTAL, TAG.lower())
_FIXED = frozenset({f"{COGNITO}sub", f"{COGNITO}aud", f"{PORTAL}uuid"})
# A value is literal in IAM, but once filled in it is part of the pattern: what means something there must not come in.
_UNFIT = re.compile(r"[*?$\x00-\x1f\x7f\ud800-\udfff]")

Json = Any  # a policy document's own values


class Unfillable(ValueError):
    """A variable that nothing is known for, or a value that would change what the policy means."""


def check(template: str) -> None:
    """Raises ``policy.MalformedPolicy`` for what is no session policy, or names a variable of ours that doesn't exist."""
    policy.parse(template, kind="session")
    if json.loads(template).get("Version") != "2012-10-17":
        raise policy.MalformedPolicy('Version must be "2012-10-17": older policies have no variables.')
    unknown = sorted(name for name in names(template) - _FIXED if not name.startswith(TAG.lower()))
    if unknown:
        raise policy.MalformedPolicy(f"There is no variable ${{{unknown[0]}}}.")


def names(template: str) -> set[str]:
    """The variables of ours in a template, in lower case."""
    found = {_name(match) for text in _texts(json.loads(template)) for match in VARIABLE.finditer(text)}
    return {name for name in found if name.startswith(_OURS)}


def values(identity_id: str, pool_id: str, tags: Mapping[str, str]) -> dict[str, str]:
    """What the variables stand for; names in lower case, as they are compared."""
    by_tag = {f"{TAG}{name}".lower(): value for name, value in tags.items()}
    return by_tag | {
        f"{COGNITO}sub": identity_id,
        f"{COGNITO}aud": pool_id,
        f"{PORTAL}uuid": identity_id.rpartition(":")[2],
    }


def fill(template: str, known: Mapping[str, str]) -> str:
    """The policy for one identity, without white space. Raises Unfillable: a variable left open could allow, in a
    Deny, what should be denied.
    """
    return json.dumps(_filled(json.loads(template), known), separators=(",", ":"))


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _filled(value: Json, known: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return VARIABLE.sub(lambda match: _value(match, known), value)
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, known) for name, one in value.items()}
    return value


def _name(match: re.Match[str]) -> str:
    """The context key in lower case; nothing for an escaped character."""
    return (match["key"] or "").strip().lower()


def _value(match: re.Match[str], known: Mapping[str, str]) -> str:
    name = _name(match)
    if not name.startswith(_OURS):
        return match[0]
    value = known.get(name, match["default"])
    if value is None:
        raise Unfillable(f"nothing is known for ${{{name}}}")
    if _UNFIT.search(value):
        raise Unfillable(f"the value of ${{{name}}} would change what the policy means")
    return value
