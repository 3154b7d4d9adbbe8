"""The admin's page "Which role, and why": a login as a client would present it, explained, with nothing of it done.

What is pasted is checked and forgotten: it is neither stored nor logged, nor does any answer show it again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminRadioSelect
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from identity.core import clock
from identity.core.errors import ServiceError
from identity.core.signing import Malformed, unproven_claims
from identity.identitypools import developers, explaining, logins, providers
from identity.identitypools.credentials import Circumstances
from identity.identitypools.errors import InvalidParameter
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import IdentityPool
from identity.wire import callers

if TYPE_CHECKING:  # the class takes a parameter in the type stubs only
    _Admin = admin.ModelAdmin[IdentityPool]
else:
    _Admin = object

GUEST, TOKEN, DEVELOPER = "guest", "token", "developer"
_SECRET = ("token", "developer_user")


class _Unshown(forms.Textarea):
    """A field whose content is never sent back."""

    def format_value(self, value: Any) -> str:
        return ""


class RoleForm(forms.Form):
    """Who asks. Only what belongs to the choice is looked at."""

    who = forms.ChoiceField(
        label="Who asks", widget=AdminRadioSelect(attrs={"class": "radiolist"}), initial=TOKEN
    )
    provider = forms.ChoiceField(required=False, help_text="Needed where the token doesn't say it itself.")
    token = forms.CharField(
        label="ID token",
        required=False,
        max_length=50_000,
        widget=_Unshown(
            attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false", "class": "vLargeTextField"}
        ),
        help_text="Checked and forgotten: it is not stored, logged or shown again.",
    )
    developer_user = forms.CharField(
        label="Developer's user",
        required=False,
        max_length=1024,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )
    custom_role = forms.CharField(
        label="CustomRoleArn",
        required=False,
        max_length=2048,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Only if the client asks for one.",
    )

    def __init__(self, pool: IdentityPool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pool = pool
        choices = [(TOKEN, "Somebody with a token"), (GUEST, "A guest")]
        if pool.developer_provider:
            choices.append((DEVELOPER, f"A user of {pool.developer_provider}"))
        else:
            del self.fields["developer_user"]
        self._choices("who", choices)
        named = [(name, name) for name in providers.of_pool(pool)]
        self._choices("provider", [("", "As the token says"), *named])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("who") == TOKEN and not cleaned.get("token"):
            self.add_error("token", "Paste the token.")
        if cleaned.get("who") == DEVELOPER and not cleaned.get("developer_user"):
            self.add_error("developer_user", "Name the user.")
        return cleaned

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page tells: an explanation, or that the login itself is refused and why."""

    explanation: explaining.Explanation | None = None
    refusal: ServiceError | None = None


class ExplainsRoles(_Admin):
    """Adds the page to the admin of identity pools."""

    change_form_template = "admin/identity_identitypools/change_pool.html"

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "<path:object_id>/role/",
            self.admin_site.admin_view(self.explain_role),
            name="identity_identitypools_identitypool_role",
        )
        return [page, *super().get_urls()]

    def has_explain_permission(self, request: HttpRequest) -> bool:
        """Who may change pools: a login's claims are shown, and who may read rules may try what they give.

        The template asks the same before it shows the link.
        """
        return request.user.has_perm("identity_identitypools.change_identitypool")

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(sensitive_post_parameters(*_SECRET))
    def explain_role(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form, and to a filled one the explanation below it."""
        if not self.has_explain_permission(request):
            raise PermissionDenied
        pool = self.get_object(request, unquote(object_id))
        if pool is None:
            raise Http404
        form = RoleForm(pool, request.POST) if request.method == "POST" else RoleForm(pool)
        answer = _answer(request, pool, form.cleaned_data) if form.is_bound and form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": "Which role, and why",
            "opts": self.model._meta,
            "pool": pool,
            "form": form,
            "answer": answer,
        }
        return TemplateResponse(request, "admin/identity_identitypools/role.html", context)


@sensitive_variables("filled", "proofs")
def _answer(request: HttpRequest, pool: IdentityPool, filled: dict[str, Any]) -> Answer:
    now = clock.now()
    at = Circumstances(now, dict(callers.request_context(request, region=pool.region, now=now)))
    try:
        proofs = _proofs(pool, filled, at)
        custom_role = filled["custom_role"] or None
        return Answer(explaining.explain(pool, proofs, at, custom_role=custom_role))
    except ServiceError as refusal:
        return Answer(refusal=refusal)


@sensitive_variables("filled", "token", "name")
def _proofs(pool: IdentityPool, filled: dict[str, Any], at: Circumstances) -> list[Proof] | None:
    """None for a guest. Raises what the API would."""
    if filled["who"] == GUEST:
        return None
    if filled["who"] == DEVELOPER:
        return [developers.proof(pool, filled["developer_user"])]
    token: str = filled["token"]
    name: str = filled["provider"] or _issuer_of(token)
    return logins.verify(pool, {name: token}, now=at.now)


@sensitive_variables("token")
def _issuer_of(token: str) -> str:
    try:
        issuer = unproven_claims(token).get("iss")
    except Malformed as error:
        raise InvalidParameter("This is no ID token. Choose the provider that it is of.") from error
    if not isinstance(issuer, str):
        raise InvalidParameter("The token names no issuer. Choose the provider that it is of.")
    return providers.without_scheme(issuer)
