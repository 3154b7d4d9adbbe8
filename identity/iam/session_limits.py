"""What a session may be given: session policies, tags, duration, and how much room they take.

Source: STS API reference, AssumeRole; IAM user guide, "IAM and STS quotas" and "Passing session tags".
"""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from identity.iam import managed_policies, policy
from identity.iam.credentials import pack
from identity.iam.errors import (
    InvalidParameterValue,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ValidationFailed,
)
from identity.iam.models import Role
from identity.wire.patterns import compile_pattern

INLINE_POLICY_LENGTH: Final = 2_048
MANAGED_POLICIES: Final = 10
TAGS: Final = 50
TAG_KEY_LENGTH, TAG_VALUE_LENGTH = 128, 256
_is_tag_text: Final = compile_pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
"""Of keys and values. The STS model has it for what comes as a parameter; tokens, assertions and claims have no model."""
PACKED_BYTES: Final = 2_048
"""Room for session policies, their ARNs and tags, compressed. AWS does not publish its own format."""
TOKEN_BYTES: Final = 4_096
CHAINED_SECONDS: Final = 3_600


def check_policy(document: str) -> None:
    """Raise ``MalformedPolicyDocument`` or ``PackedPolicyTooLarge`` for what can't be a session policy."""
    if len(document) > INLINE_POLICY_LENGTH:
        raise PackedPolicyTooLarge(math.ceil(100 * len(document) / INLINE_POLICY_LENGTH))
    try:
        # Anybody may bring one: what is compiled for signed requests must not have to make room for it.
        policy.parse(document, kind="session", remember=False)
    except policy.MalformedPolicy as error:
        raise MalformedPolicyDocument(str(error)) from error


def managed_policy_ids(arns: Sequence[str]) -> tuple[str, ...]:
    """The unique ids of managed session policies. Raises ``ValidationFailed`` for too many or an unknown one.

    Whether there is one is not for strangers: to be asked once the session would be given.
    """
    if len(arns) > MANAGED_POLICIES:
        raise ValidationFailed(
            f"1 validation error detected: Value '[{', '.join(arns)}]' at 'policyArns' failed to satisfy "
            f"constraint: Member must have length less than or equal to {MANAGED_POLICIES}"
        )
    found = managed_policies.find_all(arns) if arns else {}
    for arn in arns:
        if arn not in found:
            raise ValidationFailed(f"{arn} is invalid")
    return tuple(found[arn].policy_id for arn in dict.fromkeys(arns))


def check_tags(pairs: Sequence[tuple[str, str]], transitive: Sequence[str]) -> None:
    """Raise for what can't be a session's tags, whoever brings them.

    ``ValidationFailed`` for more than 50, too long ones and characters that none may have; ``InvalidParameterValue``
    for keys alike but for case, reserved ones, and transitive keys without a tag.
    """
    keys = [key.lower() for key, _ in pairs]
    if len(keys) > TAGS or any(
        len(k) > TAG_KEY_LENGTH or len(v) > TAG_VALUE_LENGTH or not k for k, v in pairs
    ):
        raise ValidationFailed(
            f"A session has at most {TAGS} tags; a key has 1 to {TAG_KEY_LENGTH} characters, "
            f"a value at most {TAG_VALUE_LENGTH}."
        )
    if not all(_is_tag_text(text) for pair in pairs for text in pair):
        raise ValidationFailed(
            "Keys and values of session tags have letters, numbers, separators and _.:/=+-@ only."
        )
    if len(set(keys)) != len(keys):
        raise InvalidParameterValue(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(key.startswith("aws:") for key in keys):
        raise InvalidParameterValue("Tag keys beginning with aws: are reserved for system use.")
    if not {key.lower() for key in transitive} <= set(keys):
        raise InvalidParameterValue(
            "The specified transitive tag key must be included in the requested tags."
        )


def inherited_tags(
    tags: Mapping[str, str], caller_tags: Mapping[str, str], caller_transitive: Sequence[str]
) -> dict[str, str]:
    """The transitive tags of the calling session. They can't be overridden: raises ``InvalidParameterValue``."""
    names = {key.lower() for key in caller_transitive}
    if any(key.lower() in names for key in tags):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with "
            "a transitive tag key from the calling session."
        )
    return {key: value for key, value in caller_tags.items() if key.lower() in names}


def packed_percent(policies: Sequence[str], arns: Sequence[str], tags: Mapping[str, Any]) -> int | None:
    """How full the room is, in percent; None where nothing was passed. Raises ``PackedPolicyTooLarge``."""
    if not (policies or arns or tags):
        return None
    percent = math.ceil(100 * len(pack([list(policies), list(arns), dict(tags)])) / PACKED_BYTES)
    if percent > 100:
        raise PackedPolicyTooLarge(percent)
    return percent


def check_duration(duration: timedelta, role: Role, *, is_chained: bool) -> None:
    """Raise ``ValidationFailed`` for a session longer than the role, or a chain of roles, allows."""
    seconds = duration.total_seconds()
    if is_chained and seconds > CHAINED_SECONDS:
        raise ValidationFailed(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    if seconds > role.max_session_duration:
        raise ValidationFailed(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
