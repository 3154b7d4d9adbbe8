"""Rows and values as the wire shows them."""

from typing import Any

from identity.iam import session_limits
from identity.iam.credentials import Credentials


def credentials(given: Credentials) -> dict[str, Any]:
    """The members that every operation giving temporary credentials answers. ``Any``: the model's shapes."""
    size = len(given.session_token)
    return {
        "Credentials": {
            "AccessKeyId": given.access_key_id,
            "SecretAccessKey": given.secret_access_key,
            "SessionToken": given.session_token,
            "Expiration": given.expiration,
        },
        "SessionTokenSize": size,
        "SessionTokenUtilization": -(-100 * size // session_limits.TOKEN_BYTES),
    }
