"""What the forms of roles and users share: inline policies under one limit."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet

from identity.iam import policy

if TYPE_CHECKING:
    InlinePolicies = BaseInlineFormSet[Any, Any, Any]
else:  # Django's own class takes no type arguments when it runs
    InlinePolicies = BaseInlineFormSet


class LimitedPolicies(InlinePolicies):
    """Inline policies that share one limit: each row alone can't see the others of the same form."""

    limit = 0

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if getattr(form, "cleaned_data", None)]
        total = sum(policy.size(one.get("document", "")) for one in kept if not one.get("DELETE"))
        if total > self.limit:
            raise ValidationError(f"The inline policies together exceed {self.limit} characters.")
