"""The IAM policy language: documents in, verdicts out. Pure: no Django, no clock, no database."""

from .compiled import Policy, parse, principals_named
from .deciding import Decision, PolicyType, decide
from .document import Kind, size
from .errors import MalformedPolicy
from .question import ContextValue, Principal, PrincipalKind, Request
from .shortfalls import Shortfall, shortfalls

__all__ = [
    "ContextValue",
    "Decision",
    "Kind",
    "MalformedPolicy",
    "Policy",
    "PolicyType",
    "Principal",
    "PrincipalKind",
    "Request",
    "Shortfall",
    "decide",
    "parse",
    "principals_named",
    "shortfalls",
    "size",
]
