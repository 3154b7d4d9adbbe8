"""Session policies with variables that speak of an identity, filled in before they are passed on: engines elsewhere
don't know them. Pure.

Ours are ``${cognito-identity.amazonaws.com:sub}``, ``…:aud`` and ``${aws:PrincipalTag/<name>}``; others stay as they
are, for the engine. Source: IAM user guide, "IAM policy elements: Variables and tags".
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from identity.iam import policy

COGNITO = "cognito-identity.amazonaws.com:"
TAG = "aws:PrincipalTag/"

_VARIABLE = re.compile(r"\$\{\s*([^{},]*?)\s*(?:,\s*'([^']*)'\s*)?\}")
_OURS = (COGNITO, TAG.lower())
_COGNITO_NAMES = frozenset({f"{COGNITO}sub", f"{COGNITO}aud"})
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
    unknown = sorted(
        name for name in names(template) if name.startswith(COGNITO) and name not in _COGNITO_NAMES
    )
    if unknown:
        raise policy.MalformedPolicy(f"There is no variable ${{{unknown[0]}}}.")


def names(template: str) -> set[str]:
    """The variables of ours in a template, in lower case."""
    found = {match[1].lower() for match in _VARIABLE.finditer(template)}
    return {name for name in found if name.startswith(_OURS)}


def values(identity_id: str, pool_id: str, tags: Mapping[str, str]) -> dict[str, str]:
    """What the variables stand for; names in lower case, as they are compared."""
    by_tag = {f"{TAG}{name}".lower(): value for name, value in tags.items()}
    return {**by_tag, f"{COGNITO}sub": identity_id, f"{COGNITO}aud": pool_id}


def fill(template: str, known: Mapping[str, str]) -> str:
    """The policy for one identity, without white space. Raises Unfillable: a variable left open could allow, in a
    Deny, what should be denied.
    """
    filled = _mapped(json.loads(template), lambda text: _filled(text, known))
    return json.dumps(filled, separators=(",", ":"))


def _mapped(value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _mapped(one, change) for name, one in value.items()}
    return value


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: _value(match, known), text)


def _value(match: re.Match[str], known: Mapping[str, str]) -> str:
    name = match[1].lower()
    if not name.startswith(_OURS):
        return match[0]
    value = known.get(name, match[2])
    if value is None:
        raise Unfillable(f"nothing is known for ${{{match[1]}}}")
    if _UNFIT.search(value):
        raise Unfillable(f"the value of ${{{match[1]}}} would change what the policy means")
    return value
