"""What the admin classes share: rows to look at, changed by verbs alone."""

import json
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from identity.core.admin_base import DeedAdmin, Row


class LookOnlyAdmin(DeedAdmin[Row]):
    """Nothing is added, edited or deleted by hand; what may be done stands in ``actions``, which call verbs.

    Actions that change need the model's change permission (``permissions=["operate"]``), those that destroy its
    delete permission (``permissions=["remove"]``).
    """

    warning = "This cannot be undone. What will be gone:"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return super().has_delete_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Whoever may change or delete may look, as in Django, although here nothing is edited."""
        return (
            super().has_view_permission(request, obj)
            or self.has_operate_permission(request)
            or self.has_remove_permission(request)
        )


def pretty(document: Any) -> SafeString:
    """JSON, readable and escaped."""
    return format_html("<pre>{}</pre>", json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))


def listed_link(model: type[Model], text: str, **filters: Any) -> SafeString:
    """A link to another model's list, filtered."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(filters), text)
