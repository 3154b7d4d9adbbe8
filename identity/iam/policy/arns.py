"""ARN patterns: six fields compared one by one, so that a wildcard in one can't reach into the next."""

from collections.abc import Callable, Sequence

from .errors import MalformedPolicy
from .globs import STAR, Match, Part, chunks_of, compile_glob, is_dynamic, matches, parts_of, substitute
from .question import Question, arn_fields

FIELDS = 6


def compile_resource(text: str, *, variables: bool) -> Callable[[Question], bool]:
    """A pattern of a Resource or NotResource element.

    Fewer than six fields are completed with ``*``; the service is literal; variables may stand
    in the last field only. Only ``*`` matches a request without a resource (or with one that is
    no ARN). Raises ``MalformedPolicy``.
    """
    if text == "*":
        return lambda _question: True
    fields = text.split(":", FIELDS - 1)
    _check_resource(text, fields, variables=variables)
    fields += ["*"] * (FIELDS - len(fields))
    fixed = [(i, compile_glob(field, variables=False)) for i, field in enumerate(fields[:5]) if field != "*"]
    last = compile_glob(fields[5], variables=variables)

    def match(question: Question) -> bool:
        given = question.fields
        if given is None:
            return False
        for index, check in fixed:
            if not check(given[index], question):
                return False
        return last(given[5], question)

    return match


def could_match(text: str, question: Question, *, variables: bool) -> bool:
    """Would the pattern of a Resource element match if the variables that the request lacks had fitting values?"""
    if text == "*":
        return True
    if question.fields is None:
        return False
    fields = _split_fields(parts_of(text, variables=variables, wildcards=True))
    return all(
        matches(chunks_of([_value_or_star(part, question) for part in parts]), given)
        for parts, given in zip(fields, question.fields, strict=True)
    )


def _value_or_star(part: Part, question: Question) -> Part:
    found = substitute([part], question)
    return STAR if found is None else found[0]


def _check_resource(text: str, fields: Sequence[str], *, variables: bool) -> None:
    if fields[0] != "arn" or len(fields) < 2:
        raise MalformedPolicy(f'Resource {text} must be in ARN format or "*".')
    if variables and any("${" in field for field in fields[:5]):
        raise MalformedPolicy(f"Policy variables in resource {text} may only stand after the fifth colon.")
    if len(fields) > 2 and ("*" in fields[2] or "?" in fields[2]):
        raise MalformedPolicy(f"The service of resource {text} can't contain wildcards.")


def compile_arn(text: str, *, variables: bool) -> Match:
    """A value of ArnEquals or ArnLike (which are the same). A request's value that is no ARN matches nothing."""
    parts = parts_of(text, variables=variables, wildcards=True)
    if is_dynamic(parts):
        return _dynamic_arn(parts)
    fields = [chunks_of(field) for field in _split_fields(parts)]

    def match(value: str, _question: Question) -> bool:
        given = arn_fields(value)
        return given is not None and all(map(matches, fields, given))

    return match


def _dynamic_arn(parts: Sequence[Part]) -> Match:
    def match(value: str, question: Question) -> bool:
        replaced = substitute(parts, question)
        given = arn_fields(value)
        if replaced is None or given is None:
            return False
        return all(map(matches, map(chunks_of, _split_fields(replaced)), given))

    return match


def _split_fields(parts: Sequence[Part]) -> list[list[Part]]:
    """Cut at the first five colons; fewer fields are completed with ``*``."""
    fields: list[list[Part]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        pieces = part.split(":", FIELDS - len(fields))
        fields[-1].append(pieces[0])
        fields += [[piece] for piece in pieces[1:]]
    return fields + [[STAR]] * (FIELDS - len(fields))
