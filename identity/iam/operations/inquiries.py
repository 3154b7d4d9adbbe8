"""GetAccessKeyInfo, DecodeAuthorizationMessage: what a key id and a refusal say."""

from collections.abc import Mapping
from typing import Any

from identity.iam import denials, keys
from identity.iam.errors import ValidationFailed
from identity.iam.service import sts as service
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model


@service.operation
def get_access_key_info(call: Call, request: Json) -> dict[str, Any]:
    """The account of an access key, whether or not there is such a key."""
    account = keys.account_of(request["AccessKeyId"])
    if account is None:
        raise ValidationFailed(f"{request['AccessKeyId']} is not a valid access key id")
    return {"Account": account}


@service.operation
def decode_authorization_message(call: Call, request: Json) -> dict[str, Any]:
    """The reasons of a refusal, out of the answer's ``x-amzn-authorization-message``."""
    return {"DecodedMessage": denials.decode(request["EncodedMessage"])}
