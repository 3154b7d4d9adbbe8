"""The IAM policy language: documents in, verdicts out. Pure: no Django, no clock, no database."""

from .compiled import Policy, parse, principals_named
from .deciding import Decision, PolicyType, decide
from .document import Kind, size
from .errors import MalformedPolicy
from .explaining import Explanation, Matched, context_keys, explain
from .keys import distinct_keys, overlaid
from .question import ContextValue, Principal, PrincipalKind, Request, arn_fields
from .reach import is_within_reach
from .shortfalls import Shortfall, shortfalls

__all__ = [
    "ContextValue",
    "Decision",
    "Explanation",
    "Kind",
    "MalformedPolicy",
    "Matched",
    "Policy",
    "PolicyType",
    "Principal",
    "PrincipalKind",
    "Request",
    "Shortfall",
    "arn_fields",
    "context_keys",
    "decide",
    "distinct_keys",
    "explain",
    "is_within_reach",
    "overlaid",
    "parse",
    "principals_named",
    "shortfalls",
    "size",
]
