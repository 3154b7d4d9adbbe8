"""SMS, to the operator's webhook or function."""

from typing import Any

from django.utils.module_loading import import_string

from identity.core import fetch
from identity.core.conf import settings
from identity.core.outbox import DeliveryFailed


def send(content: dict[str, Any], *, key: str) -> None:
    """Send ``{"to","text","user_pool_id"}``. The webhook gets ``key`` as ``Idempotency-Key``.

    Raises ``DeliveryFailed`` where nobody is set to send, or the webhook does not answer 2xx.
    """
    body = {name: content[name] for name in ("to", "text", "user_pool_id")}
    if settings().sms_sender:
        import_string(settings().sms_sender)(**body)
    elif settings().sms_webhook_url:
        _post(body, key)
    else:
        raise DeliveryFailed('nobody sends SMS: set IDENTITY["SMS_WEBHOOK_URL"] or IDENTITY["SMS_SENDER"]')


def _post(body: dict[str, Any], key: str) -> None:
    headers = {"Idempotency-Key": key}
    try:
        response = fetch.post_json(
            settings().sms_webhook_url, body, headers=headers, timeout=10, trusted=True
        )
    except fetch.FetchError as error:
        raise DeliveryFailed(f"SMS webhook: {error}") from error
    if not response.is_ok:
        raise DeliveryFailed(f"SMS webhook answered with status {response.status}")
