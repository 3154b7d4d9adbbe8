"""Binding a trust policy to the principals it names, so that a recreated namesake is not trusted."""

from django.core.exceptions import ValidationError

from identity.core import arns
from identity.core.conf import settings
from identity.iam import policy
from identity.iam.models import Role, User


def bind(document: str) -> dict[str, str]:
    """The unique ids of the roles and users of this account that a valid trust policy names.

    Raises Django's ``ValidationError`` for one that does not exist, as IAM refuses to save it.
    """
    bound = {}
    for name in policy.principals_named(document):
        if name.startswith("arn:") and (arn := arns.parse(name)).service == "iam":
            kind = arn.resource.partition("/")[0]
            if kind in ("role", "user") and arn.account == settings().account_id:
                bound[name] = _unique_id(name, kind)
    return bound


def _unique_id(name: str, kind: str) -> str:
    short_name = name.rpartition("/")[2]
    found: Role | User | None = None
    if not name.isprintable():  # no name here has such characters, and a NUL would break the query
        pass
    elif kind == "role":
        found = Role.objects.filter(name=short_name).first()
    else:
        found = User.objects.filter(name=short_name).first()
    if found is None or found.arn != name:
        raise ValidationError(f'Invalid principal in policy: "AWS":"{name}"')
    return found.role_id if isinstance(found, Role) else found.user_id
