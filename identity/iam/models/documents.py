"""Policy documents in columns: text as given, checked by the policy engine in ``clean()``."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError

from identity.iam import policy


def check_document(
    text: str,
    *,
    field: str,
    kind: policy.Kind = "identity",
    limit: int | None = None,
    principal_ids: Mapping[str, str] | None = None,
) -> None:
    """Raise Django's ``ValidationError`` on ``field`` for a document that the policy engine refuses."""
    try:
        policy.parse(text, kind=kind, limit=limit, principal_ids=principal_ids)
    except policy.MalformedPolicy as error:
        raise ValidationError({field: str(error)}) from error


def check_total(document: str, others: Iterable[str], *, limit: int) -> None:
    """Raise ``ValidationError`` where inline policies together grow past ``limit`` (white space aside)."""
    if policy.size(document) + sum(map(policy.size, others)) > limit:
        too_long = f"The inline policies together exceed {limit} characters."
        raise ValidationError({"document": ValidationError(too_long, code="limit")})
