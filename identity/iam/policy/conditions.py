"""The Condition element: operators, set prefixes, ``IfExists`` and ``Null`` as compiled checks.

Source: IAM user guide, "Condition operators" and "Multivalued context keys".
"""

import base64
import binascii
import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from .arns import compile_arn
from .errors import MalformedPolicy
from .globs import Match, compile_glob, is_dynamic, literal, parts_of, substitute
from .question import Question

Check = Callable[[Question], bool]
Maker = Callable[[Sequence[str], bool], Match]
"""Policy values, and whether variables are replaced in them, to: does a request value match one of them?"""

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
EPOCH = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
SETS = ("ForAllValues", "ForAnyValue")


def compile_condition(name: str, key: str, values: Sequence[str], *, variables: bool) -> Check:
    """One line of a Condition block: operator, context key and the policy's values.

    Raises ``MalformedPolicy`` for an unknown operator or a value that it can't compare.
    """
    key = key.lower()
    if name == "Null":
        return _null(key, values)
    quantifier, _, plain = name.rpartition(":")
    if_exists = plain.endswith("IfExists")
    plain = plain.removesuffix("IfExists")
    if plain not in OPERATORS or (quantifier and quantifier not in SETS):
        raise MalformedPolicy(f"Invalid Condition type: {name}.")
    maker, negated = OPERATORS[plain]
    test = _negate(maker(values, variables)) if negated else maker(values, variables)
    if quantifier == "ForAllValues":
        return _for_all_values(key, test)
    when_absent = if_exists or (negated and not quantifier)
    return _for_any_value(key, test, when_absent=when_absent, set_operator=bool(quantifier))


def knows_variables(name: str) -> bool:
    """Does the operator of this name, prefix and suffix included, replace variables in the policy's values?"""
    return name.rpartition(":")[2].startswith(("String", "Arn"))


def _negate(test: Match) -> Match:
    return lambda value, question: not test(value, question)


def _for_all_values(key: str, test: Match) -> Check:
    """True also where the key is absent or empty."""

    def check(question: Question) -> bool:
        values = question.values(key)
        return not any(values) or all(test(value, question) for value in values)

    return check


def _for_any_value(key: str, test: Match, *, when_absent: bool, set_operator: bool) -> Check:
    """Some value passes. Without a set prefix too: a multi-valued key there counts as ForAnyValue."""

    def check(question: Question) -> bool:
        values = question.values(key)
        if not values:
            return when_absent
        if set_operator and not any(values):
            return False
        return any(test(value, question) for value in values)

    return check


def _null(key: str, values: Sequence[str]) -> Check:
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        raise MalformedPolicy('Null takes "true" or "false".')

    def check(question: Question) -> bool:
        absent = not any(question.values(key))
        return ("true" if absent else "false") in wanted

    return check


# Strings and ARNs: the operators that know variables


def _string_equals(values: Sequence[str], variables: bool) -> Match:
    return _equals(values, variables, fold=str)


def _string_equals_ignore_case(values: Sequence[str], variables: bool) -> Match:
    return _equals(values, variables, fold=str.lower)


def _equals(values: Sequence[str], variables: bool, *, fold: Callable[[str], str]) -> Match:
    cut = [parts_of(value, variables=variables, wildcards=False) for value in values]
    fixed = frozenset(fold(literal(parts)) for parts in cut if not is_dynamic(parts))
    dynamic = [parts for parts in cut if is_dynamic(parts)]
    if not dynamic:
        return lambda value, _question: fold(value) in fixed

    def match(value: str, question: Question) -> bool:
        given = fold(value)
        replaced = (substitute(parts, question) for parts in dynamic)
        return given in fixed or any(fold(literal(parts)) == given for parts in replaced if parts is not None)

    return match


def _string_like(values: Sequence[str], variables: bool) -> Match:
    return _any_of([compile_glob(value, variables=variables) for value in values])


def _arn(values: Sequence[str], variables: bool) -> Match:
    return _any_of([compile_arn(value, variables=variables) for value in values])


def _any_of(tests: Sequence[Match]) -> Match:
    if len(tests) == 1:
        return tests[0]
    return lambda value, question: any(test(value, question) for test in tests)


# Numbers, dates, addresses, bytes: values parsed once, the request's value by the same reader


def _compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Maker:
    """``compare(request value, policy value)`` on what ``read`` makes of the texts.

    A request value that ``read`` refuses matches nothing. ``Any``: the reader's type varies.
    """

    def make(values: Sequence[str], _variables: bool) -> Match:
        wanted = [_read_policy_value(read, value) for value in values]

        def match(value: str, _question: Question) -> bool:
            try:
                given = read(value)
            except ValueError:
                return False
            return any(compare(given, one) for one in wanted)

        return match

    return make


def _read_policy_value(read: Callable[[str], Any], value: str) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise MalformedPolicy(f"Invalid value {value!r} in Condition.") from error


def _number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return Decimal(text.strip())


def _date(text: str) -> datetime:
    """ISO 8601 (UTC where it names no zone; also year or year and month alone) or seconds since 1970."""
    text = text.strip()
    if EPOCH.fullmatch(text) and len(text) != 4:
        try:
            return datetime.fromtimestamp(float(text), UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(text) from error
    if re.fullmatch(r"\d{4}(-\d{2})?", text, re.ASCII):
        text = f"{text}-01-01"[:10]
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text.strip())
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _ip_address(values: Sequence[str], _variables: bool) -> Match:
    networks = [_read_policy_value(_network, value) for value in values]

    def match(value: str, _question: Question) -> bool:
        try:
            given = _address(value)
        except ValueError:
            return False
        return any(given in network for network in networks)

    return match


def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text.strip(), strict=False)


OPERATORS: dict[str, tuple[Maker, bool]] = {
    "StringEquals": (_string_equals, False),
    "StringNotEquals": (_string_equals, True),
    "StringEqualsIgnoreCase": (_string_equals_ignore_case, False),
    "StringNotEqualsIgnoreCase": (_string_equals_ignore_case, True),
    "StringLike": (_string_like, False),
    "StringNotLike": (_string_like, True),
    "NumericEquals": (_compared(_number, operator.eq), False),
    "NumericNotEquals": (_compared(_number, operator.eq), True),
    "NumericLessThan": (_compared(_number, operator.lt), False),
    "NumericLessThanEquals": (_compared(_number, operator.le), False),
    "NumericGreaterThan": (_compared(_number, operator.gt), False),
    "NumericGreaterThanEquals": (_compared(_number, operator.ge), False),
    "DateEquals": (_compared(_date, operator.eq), False),
    "DateNotEquals": (_compared(_date, operator.eq), True),
    "DateLessThan": (_compared(_date, operator.lt), False),
    "DateLessThanEquals": (_compared(_date, operator.le), False),
    "DateGreaterThan": (_compared(_date, operator.gt), False),
    "DateGreaterThanEquals": (_compared(_date, operator.ge), False),
    "Bool": (_compared(str.lower, operator.eq), False),
    "BinaryEquals": (_compared(_bytes, operator.eq), False),
    "IpAddress": (_ip_address, False),
    "NotIpAddress": (_ip_address, True),
    "ArnEquals": (_arn, False),
    "ArnLike": (_arn, False),
    "ArnNotEquals": (_arn, True),
    "ArnNotLike": (_arn, True),
}
"""Each operator's maker, and whether it is the negation of what the maker tests."""
