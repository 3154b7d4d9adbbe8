"""OpenID Connect providers over the wire. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.iam import iam_shapes, oidc_providers, tags
from identity.iam.errors import InvalidInput, NoSuchEntity
from identity.iam.models import OidcProvider
from identity.iam.models.oidc_providers import MAX_CLIENT_IDS, MAX_THUMBPRINTS
from identity.iam.operations import asked, given, pages, refusals
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model

_TOO_MANY_IDS = f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {MAX_CLIENT_IDS}"
_TOO_MANY_PRINTS = f"Thumbprint list must contain fewer than {MAX_THUMBPRINTS + 1} entries."


@iam.operation(resource=asked.new_oidc_provider)
def create_open_id_connect_provider(call: Call, request: Json) -> dict[str, Any]:
    """Trust an issuer for the audiences given. Thumbprints are kept, but its keys are fetched over verified TLS."""
    url = request["Url"]
    thumbprints = request.get("ThumbprintList", [])
    _require_few(thumbprints)
    with refusals.worded(taken=f"Provider with url {url} already exists.", full=_TOO_MANY_IDS):
        provider = oidc_providers.create(
            url,
            request.get("ClientIDList", []),
            thumbprints=thumbprints,
            tags=tags.checked(given.pairs(request)),
        )
    return {"OpenIDConnectProviderArn": provider.arn} | iam_shapes.tags_if_any(provider.tags)


@iam.operation(resource=asked.oidc_provider)
def get_open_id_connect_provider(call: Call, request: Json) -> dict[str, Any]:
    """One provider; its address without the scheme."""
    provider = _provider(request)
    return {
        "Url": provider.name,
        "ClientIDList": provider.client_ids,
        "ThumbprintList": provider.thumbprints,
        "CreateDate": provider.created_at,
        **iam_shapes.tags_if_any(provider.tags),
    }


@iam.operation(resource=asked.all_oidc_providers)
def list_open_id_connect_providers(call: Call, request: Json) -> dict[str, Any]:
    """The ARNs of all providers."""
    return {"OpenIDConnectProviderList": [{"Arn": each.arn} for each in OidcProvider.objects.all()]}


@iam.operation(resource=asked.oidc_provider)
def delete_open_id_connect_provider(call: Call, request: Json) -> None:
    """Trust an issuer no longer. One that isn't there is no fault."""
    try:
        provider = _provider(request)
    except NoSuchEntity:
        return
    oidc_providers.delete(provider)


@iam.operation(resource=asked.oidc_provider)
def add_client_id_to_open_id_connect_provider(call: Call, request: Json) -> None:
    """Accept tokens for one more audience."""
    with refusals.worded(full=_TOO_MANY_IDS):
        oidc_providers.add_client_id(_provider(request), request["ClientID"])


@iam.operation(resource=asked.oidc_provider)
def remove_client_id_from_open_id_connect_provider(call: Call, request: Json) -> None:
    """Accept no more tokens for an audience. One that isn't there is no fault."""
    oidc_providers.remove_client_id(_provider(request), request["ClientID"])


@iam.operation(resource=asked.oidc_provider)
def update_open_id_connect_provider_thumbprint(call: Call, request: Json) -> None:
    """Replace the thumbprints that are kept."""
    _require_few(request["ThumbprintList"])
    with refusals.worded():
        oidc_providers.set_thumbprints(_provider(request), request["ThumbprintList"])


@iam.operation(resource=asked.oidc_provider)
def tag_open_id_connect_provider(call: Call, request: Json) -> None:
    """Set tags; those of the same keys are replaced."""
    tags.add(_provider(request), given.pairs(request))


@iam.operation(resource=asked.oidc_provider)
def untag_open_id_connect_provider(call: Call, request: Json) -> None:
    """Take tags away."""
    tags.remove(_provider(request), request["TagKeys"])


@iam.operation(resource=asked.oidc_provider)
def list_open_id_connect_provider_tags(call: Call, request: Json) -> dict[str, Any]:
    """The tags by key."""
    provider = _provider(request)
    return pages.of_tags(provider.tags, request, bound_to=provider.arn)


def _provider(request: Json) -> OidcProvider:
    return oidc_providers.get(request["OpenIDConnectProviderArn"])


def _require_few(thumbprints: list[str]) -> None:
    if len(thumbprints) > MAX_THUMBPRINTS:
        raise InvalidInput(_TOO_MANY_PRINTS)
