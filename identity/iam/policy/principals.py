"""The Principal and NotPrincipal elements: whom a resource or trust policy means."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from .errors import MalformedPolicy
from .question import Principal, PrincipalKind

ACCOUNT = re.compile(r"\d{12}|arn:[\w-]+:iam::(?P<account>\d{12}):root", re.ASCII)
NAMED = re.compile(
    r"arn:[\w-]+:iam::\d{12}:(?:user|role)/[^*?\s]+"
    r"|arn:[\w-]+:sts::\d{12}:(?:assumed-role/[^*?/\s]+/[^*?/\s]+|federated-user/[^*?/\s]+)",
    re.ASCII,
)
UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{12,124}", re.ASCII)
KINDS = {"AWS", "Federated", "Service", "CanonicalUser"}


class Grant(IntEnum):
    """How closely a statement names the principal; what an Allow by it is worth.

    Naming the account only hands the decision to the account's identity policies. Naming a role, or everyone
    where a session asks, leaves boundary and session policies in force. Naming the very session or user, or
    everyone else, grants at once.
    """

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    EVERYONE = 3
    DIRECT = 4


Naming = Callable[[Principal | None], Grant]


def compile_principal(value: Any, ids: Mapping[str, str]) -> Naming:
    """The Principal element. ``ids`` binds role and user ARNs to the unique ids they had when the policy was saved.

    Raises ``MalformedPolicy``. ``Any``: straight out of JSON.
    """
    entries = _entries(value)
    tests = [_compile_entry(kind, name, ids) for kind, name in entries]

    def naming(principal: Principal | None) -> Grant:
        return max((test(principal) for test in tests), default=Grant.NONE)

    return naming


def compile_not_principal(value: Any, ids: Mapping[str, str], *, deny: bool) -> Naming:
    """The NotPrincipal element: everyone but the listed.

    With Deny a principal is exempt only when all that it is (account, role, session) is listed;
    with Allow being named by one entry is enough to be left out.
    """
    tests = [_compile_entry(kind, name, ids) for kind, name in _entries(value)]

    def naming(principal: Principal | None) -> Grant:
        grants = {test(principal) for test in tests} - {Grant.NONE}
        if deny:
            exempt = Grant.EVERYONE in grants or (bool(grants) and grants >= _needed(principal))
        else:
            exempt = bool(grants)
        return Grant.NONE if exempt else Grant.EVERYONE

    return naming


def _needed(principal: Principal | None) -> set[Grant]:
    if principal is None:
        return set()
    match principal.kind:
        case PrincipalKind.ROLE_SESSION:
            return {Grant.ACCOUNT, Grant.ROLE, Grant.DIRECT}
        case PrincipalKind.USER | PrincipalKind.FEDERATED_USER:
            return {Grant.ACCOUNT, Grant.DIRECT}
        case _:
            return set()


def names_in(value: Any, kind: str) -> list[str]:
    """The entries of one kind (``AWS``, ``Federated``, …) in a Principal element that was parsed before."""
    return [name for entry_kind, name in _entries(value) if entry_kind == kind]


def _entries(value: Any) -> list[tuple[str, str]]:
    if value == "*":
        return [("AWS", "*")]
    if not isinstance(value, dict) or not value or not value.keys() <= KINDS:
        raise MalformedPolicy(
            f'Invalid principal in policy: {_shown(value)}. Use "*" or AWS, Federated, Service.'
        )
    return [(kind, name) for kind, names in value.items() for name in _names(kind, names)]


def _names(kind: str, names: Any) -> Sequence[str]:
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, list) or not listed or not all(isinstance(name, str) for name in listed):
        raise MalformedPolicy(f'Invalid principal in policy: "{kind}":{_shown(names)}')
    return listed


def _shown(value: Any) -> str:
    return repr(value)[:200]


def _compile_entry(kind: str, name: str, ids: Mapping[str, str]) -> Naming:
    if kind == "AWS":
        return _compile_aws(name, ids)
    if not name or "*" in name or "?" in name:
        raise MalformedPolicy(f'Invalid principal in policy: "{kind}":"{name}"')
    kinds = {"Federated": PrincipalKind.WEB_IDENTITY, "Service": PrincipalKind.SERVICE}
    wanted = kinds.get(kind)
    return lambda p: Grant.DIRECT if p is not None and p.kind is wanted and p.arn == name else Grant.NONE


def _compile_aws(name: str, ids: Mapping[str, str]) -> Naming:
    if name == "*":
        return lambda _principal: Grant.EVERYONE
    if account := ACCOUNT.fullmatch(name):
        number = account["account"] or name
        return lambda p: Grant.ACCOUNT if p is not None and p.account == number else Grant.NONE
    if UNIQUE_ID.fullmatch(name):
        return lambda p: _of_kind(p) if p is not None and p.unique_id == name else Grant.NONE
    if not NAMED.fullmatch(name):
        raise MalformedPolicy(f'Invalid principal in policy: "AWS":"{name}"')
    return _named(name, ids.get(name))


def _of_kind(principal: Principal) -> Grant:
    """Role sessions and federated users carry the unique id of what is behind them."""
    return Grant.ROLE if principal.role_arn else Grant.DIRECT


def _named(arn: str, unique_id: str | None) -> Naming:
    def naming(principal: Principal | None) -> Grant:
        if principal is None or arn not in (principal.arn, principal.role_arn):
            return Grant.NONE
        if unique_id is not None and principal.unique_id != unique_id:
            return Grant.NONE
        return Grant.DIRECT if arn == principal.arn else Grant.ROLE

    return naming
