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
    invalid = ValidationError(f'Invalid principal in policy: "AWS":"{name}"')
    if not name.isprintable():  # no name here has such characters, and a NUL would break the query
        raise invalid
    model: type[Role] | type[User] = Role if kind == "role" else User
    found = model._default_manager.filter(name=name.rpartition("/")[2]).first()
    if found is None or found.arn != name:
        raise invalid
    return found.role_id if isinstance(found, Role) else found.user_id
