"""What some credentials can't do whatever the policies say."""

from .question import PrincipalKind


def is_within_reach(kind: str, *, is_session: bool, action: str) -> bool:
    """Whether credentials of a principal of ``kind`` may ask for ``action`` at all.

    Those of GetSessionToken (``kind`` USER and ``is_session``) and of GetFederationToken can't call IAM; of STS the first
    may call AssumeRole alone, the second nothing. (GetCallerIdentity is asked of nobody.) Passing a role is a permission
    that other services ask for, and no operation of IAM's. Source: STS API reference, "Permissions" of the two.
    """
    is_user_session = kind == PrincipalKind.USER and is_session
    if kind != PrincipalKind.FEDERATED_USER and not is_user_session:
        return True
    asked = action.lower()
    if asked == "iam:passrole" or (is_user_session and asked == "sts:assumerole"):
        return True
    return asked.partition(":")[0] not in ("iam", "sts")
