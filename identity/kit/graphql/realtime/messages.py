"""The messages to clients. Source: AppSync developer guide, "Message types"."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from identity.kit.graphql.errors import Refused

CONNECTION_TIMEOUT_MS = 300_000
KEEP_ALIVE_SECONDS = 60.0

KEEP_ALIVE = '{"type":"ka"}'


def connection_ack() -> str:
    return _text({"type": "connection_ack", "payload": {"connectionTimeoutMs": CONNECTION_TIMEOUT_MS}})


def connection_error(refused: Refused) -> str:
    """400 is what AppSync says for whoever is not let in; with it, 401 and 403 clients don't try again."""
    code = 400 if refused.status == 401 else refused.status
    fault = {"errorType": refused.error_type, "message": refused.message, "errorCode": code}
    return _text({"payload": {"errors": [fault]}, "type": "connection_error"})


def start_ack(subscription_id: str) -> str:
    return _text({"id": subscription_id, "type": "start_ack"})


def data(subscription_id: str, payload: Mapping[str, Any]) -> str:
    return _text({"id": subscription_id, "type": "data", "payload": payload})


def error(subscription_id: str | None, faults: Sequence[Mapping[str, Any]]) -> str:
    whose = {} if subscription_id is None else {"id": subscription_id}
    return _text({**whose, "type": "error", "payload": {"errors": faults}})


def complete(subscription_id: str) -> str:
    return _text({"id": subscription_id, "type": "complete"})


def _text(message: Mapping[str, Any]) -> str:
    return json.dumps(message, cls=DjangoJSONEncoder, separators=(",", ":"))
