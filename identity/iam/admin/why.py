""" "May it …?": a page of a role or user that says whether a request would be allowed, by which statement, and what is
missing. The same question as the Simulate operations ask; nothing is written, and the address can be kept."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from identity.core.admin_base import DeedAdmin
from identity.iam import managed_policies, simulation
from identity.iam.models import ManagedPolicy, Role, User
from identity.iam.policy import PolicyType
from identity.iam.simulation import Reason, Verdict

Held = TypeVar("Held", Role, User)

_TYPES = {
    PolicyType.IDENTITY: "identity-based",
    PolicyType.BOUNDARY: "permissions boundary",
}


class Question(forms.Form):
    """What is asked. Condition keys come a line each."""

    action = forms.CharField(
        max_length=128,
        widget=forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false"}),
        help_text="Of one operation: service:Operation.",
    )
    resource = forms.CharField(
        max_length=2048,
        initial="*",
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "size": 80, "spellcheck": "false"}),
        help_text="An ARN, or * for operations that know no resource.",
    )
    context = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60, "spellcheck": "false"}),
        help_text="Condition keys of the request, a line each: key=value. A key on several lines has several values.",
    )

    def clean_action(self) -> str:
        action: str = self.cleaned_data["action"]
        if not simulation.is_one_action(action):
            raise forms.ValidationError("Give one action, such as notes:Read.")
        return action

    def clean_resource(self) -> str:
        resource: str = self.cleaned_data["resource"]
        if not simulation.is_resource(resource):
            raise forms.ValidationError("Give an ARN or *.")
        return resource

    def clean_context(self) -> dict[str, str | list[str]]:
        """Values by key; a list where a key comes more than once."""
        found: dict[str, tuple[str, list[str]]] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["context"].splitlines())):
            key, sign, value = line.partition("=")
            if not sign or not key.strip():
                raise forms.ValidationError(f"“{line[:80]}” is no key=value.")
            found.setdefault(key.strip().lower(), (key.strip(), []))[1].append(value.strip())
        return {key: values if len(values) > 1 else values[0] for key, values in found.values()}


class WhyAdmin(DeedAdmin[Held]):
    """Adds the page to an object's own, for whoever may look at the object."""

    change_form_template = "admin/identity_iam/change_form_with_why.html"

    def get_urls(self) -> list[URLPattern]:
        meta = self.model._meta
        page = path(
            "<path:object_id>/why/",
            self.admin_site.admin_view(self.why_view),
            name=f"{meta.app_label}_{meta.model_name}_why",
        )
        return [page, *super().get_urls()]

    def why_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form, and below it the answer once something is asked."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        form = Question(request.GET) if request.GET else Question()
        context = {
            **self.admin_site.each_context(request),
            "title": f"May {self.model._meta.verbose_name} {row.name} …?",
            "opts": self.model._meta,
            "original": row,
            "form": form,
            "answer": _answer(row, form.cleaned_data) if form.is_bound and form.is_valid() else None,
        }
        return TemplateResponse(request, "admin/identity_iam/why.html", context)


def _answer(holder: Role | User, asked: dict[str, Any]) -> dict[str, Any]:
    """What the page shows. ``Any``: a form's cleaned values, a template's context."""
    subject = simulation.of_holder(holder)
    verdict = simulation.ask(subject, asked["action"], asked["resource"], asked["context"])
    known = _managed((*verdict.reasons, *verdict.others))
    return {
        "allowed": verdict.decision.allowed,
        "sentence": _sentence(verdict),
        "reasons": [_shown(each, known) for each in verdict.reasons],
        "others": [_shown(each, known) for each in verdict.others],
        "missing": verdict.missing,
        "brought": sorted(subject.context.items()),
    }


def _sentence(verdict: Verdict) -> str:
    """Why, in one sentence."""
    decision = verdict.decision
    if decision.allowed and verdict.boundary_allows:
        return "A policy allows it, and so does the permissions boundary."
    if decision.allowed:
        return "A policy allows it, and nothing denies it."
    if decision.explicit_deny:
        return "A statement denies it: whatever else allows it does not count."
    if decision.by is PolicyType.BOUNDARY:
        return "A policy allows it, but the permissions boundary does not: both have to."
    return f"No {decision.by} allows it."


def _managed(reasons: Iterable[Reason]) -> dict[str, ManagedPolicy]:
    """The managed policies among their sources, by ARN."""
    return managed_policies.find_all(each.source.arn for each in reasons if each.source.arn)


def _shown(reason: Reason, known: Mapping[str, ManagedPolicy]) -> dict[str, Any]:
    source = reason.source
    return {
        "effect": "Allow" if reason.allows else "Deny",
        "number": reason.statement + 1,
        "sid": reason.sid,
        "policy": source.id,
        "url": _address(known[source.arn].pk) if source.arn in known else "",
        "type": _TYPES[reason.type],
        "text": json.dumps(source.compiled.statements[reason.statement].source, indent=2),
    }


def _address(pk: int) -> str:
    return reverse("admin:identity_iam_managedpolicy_change", args=[pk])
