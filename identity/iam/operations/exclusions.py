"""Policies that a simulation leaves out, to see what would be without them. Source: IAM API reference, PolicyIdentifier."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from identity.core import arns
from identity.iam import rows
from identity.iam.errors import InvalidInput
from identity.iam.policy.globs import chunks_of, matches, parts_of
from identity.iam.rows import Holder
from identity.iam.simulation import Source, Subject

Json = Mapping[str, Any]  # Any: shapes of the model
Test = Callable[[Source], bool]

_BOUNDARY: Final = "permission-boundary"
_MEMBERS: Final = ("PolicyType", "PolicyArn", "InlinePolicyIdentifier")


def applied(subject: Subject, identifiers: Iterable[Json], holder: Holder) -> Subject:
    """The subject without the policies that are identified; what identifies none is passed over.

    Raises ``InvalidInput`` for an identifier that is malformed.
    """
    listed = list(identifiers)
    tests = [_test(each, holder) for each in listed]
    kept = tuple(source for source in subject.identity if not any(test(source) for test in tests))
    if any(each.get("PolicyType") == _BOUNDARY for each in listed):
        return replace(subject, identity=kept, boundary=None)
    return replace(subject, identity=kept)


def _test(identifier: Json, holder: Holder) -> Test:
    if sum(name in identifier for name in _MEMBERS) != 1:
        raise InvalidInput(f"A policy identifier has exactly one of {', '.join(_MEMBERS)}.")
    if "PolicyArn" in identifier:
        return _by_arn(identifier["PolicyArn"])
    if "InlinePolicyIdentifier" in identifier:
        return _by_name(identifier["InlinePolicyIdentifier"], holder)
    wanted = identifier["PolicyType"]
    if wanted == "inline":
        return lambda source: not source.arn
    return lambda source: source.origin == wanted


def _by_arn(arn: str) -> Test:
    try:
        resource = arns.parse(arn).resource
    except ValueError as error:
        raise InvalidInput(f"ARN {arn} is not valid.") from error
    head = arn[: len(arn) - len(resource)]
    if not resource.startswith("policy/") or "*" in head or "?" in head:
        raise InvalidInput(f"ARN {arn} is not valid.")
    fits = _glob(arn)
    return lambda source: bool(source.arn) and fits(source.arn)


def _by_name(identifier: Json, holder: Holder) -> Test:
    fits = _glob(identifier["AttachmentName"])
    is_theirs = identifier["AttachmentType"] == rows.noun(holder) and fits(holder.name)
    wanted = f"{rows.noun(holder)}_{holder.name}_{identifier['PolicyName']}"
    return lambda source: is_theirs and not source.arn and source.id == wanted


def _glob(text: str) -> Callable[[str], bool]:
    """A pattern with at most one star. Raises ``InvalidInput``."""
    if text.count("*") > 1:
        raise InvalidInput("A policy identifier can contain only one *.")
    return partial(matches, chunks_of(parts_of(text, variables=False, wildcards=True)))
