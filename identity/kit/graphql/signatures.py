"""Signed requests, and what ``$ctx.identity`` tells of their callers."""

from typing import Any

from identity.core import clock
from identity.kit.graphql.errors import BadSignature, Refused, Unavailable
from identity.kit.graphql.modes import AuthType, Iam
from identity.kit.graphql.presented import Presented
from identity.kit.graphql.principal import Principal, Signed
from identity.kit.people import SignedCaller
from identity.wire import callers, origin
from identity.wire.errors import AuthenticationError, ExpiredKey, UnknownKey, WireError

_AUTH_TYPES = {True: "unauthenticated", False: "authenticated", None: None}
"""By whether an identity is a guest; None for other principals."""


def check(mode: Iam, presented: Presented) -> Principal:
    """Raises BadSignature, also for a key that is unknown or over."""
    if not mode.services:
        raise Refused
    try:
        found = callers.authenticate_signed(presented.signed, service=mode.services, regions=mode.regions)
    except (UnknownKey, ExpiredKey) as error:
        raise BadSignature(error.message, error_type=error.code, why=error.why) from error
    except AuthenticationError as error:
        raise BadSignature(error.message, why=error.why) from error
    except WireError as error:  # no fault of the signature's: whoever knows the keys did not answer
        raise Unavailable(error.message) from error
    conditions = origin.condition_keys(presented.origin, region=found.region, now=clock.now())
    user = SignedCaller(found.caller, found.region)
    return Principal(
        AuthType.IAM, _identity(user, presented.origin.ip), signed=Signed(found.caller, conditions)
    )


def _identity(user: SignedCaller, source_ip: str) -> dict[str, Any]:
    return {
        "accountId": user.account_id,
        "cognitoIdentityPoolId": user.identity_pool_id,
        "cognitoIdentityId": user.identity_id,
        "sourceIp": [source_ip],
        "username": user.caller.user_id,
        "userArn": user.arn,
        "cognitoIdentityAuthType": _AUTH_TYPES[user.is_guest],
        "cognitoIdentityAuthProvider": _providers(user) if user.is_guest is False else None,
    }


def _providers(user: SignedCaller) -> str:
    """The providers and users behind an identity: its ``amr`` without the state."""
    return ",".join(f'"{method}"' for method in user.methods if method != "authenticated")
