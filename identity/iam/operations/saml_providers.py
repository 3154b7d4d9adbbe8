"""SAML providers over the wire. Source: IAM API reference."""

from collections.abc import Mapping
from typing import Any

from identity.core import arns
from identity.iam import iam_shapes, rows, saml_providers, tags
from identity.iam.errors import InvalidInput, NoSuchEntity
from identity.iam.models import SamlProvider
from identity.iam.operations import asked, given, pages, refusals
from identity.iam.service import iam
from identity.wire.service import Call

Json = Mapping[str, Any]  # Any: shapes of the model

_ENCRYPTION = ("AssertionEncryptionMode", "AddPrivateKey", "RemovePrivateKey")


@iam.operation(resource=asked.new_saml_provider)
def create_saml_provider(call: Call, request: Json) -> dict[str, Any]:
    """Trust an identity provider by its metadata."""
    _refuse_encryption(request)
    name = request["Name"]
    with refusals.worded(taken=f"SAMLProvider with name {name} already exists."):
        provider = saml_providers.create(
            name, request["SAMLMetadataDocument"], tags=tags.checked(given.pairs(request))
        )
    return {"SAMLProviderArn": provider.arn} | iam_shapes.tags_if_any(provider.tags)


@iam.operation(resource=asked.saml_provider)
def get_saml_provider(call: Call, request: Json) -> dict[str, Any]:
    """One provider with its metadata."""
    provider = _provider(request)
    return {
        "SAMLProviderUUID": provider.provider_id,
        "SAMLMetadataDocument": provider.metadata,
        "CreateDate": provider.created_at,
        "ValidUntil": provider.valid_until,
        **iam_shapes.tags_if_any(provider.tags),
    }


@iam.operation(resource=asked.all_saml_providers)
def list_saml_providers(call: Call, request: Json) -> dict[str, Any]:
    """All providers by name."""
    return {
        "SAMLProviderList": [
            {"Arn": each.arn, "ValidUntil": each.valid_until, "CreateDate": each.created_at}
            for each in saml_providers.list_all()
        ]
    }


@iam.operation(resource=asked.saml_provider)
def update_saml_provider(call: Call, request: Json) -> dict[str, Any]:
    """Put new metadata in the place of the old: its keys alone count from now on."""
    _refuse_encryption(request)
    with refusals.worded():
        provider = rows.hold(_provider(request))
        if "SAMLMetadataDocument" in request:
            saml_providers.update(provider, request["SAMLMetadataDocument"])
    return {"SAMLProviderArn": provider.arn}


@iam.operation(resource=asked.saml_provider)
def delete_saml_provider(call: Call, request: Json) -> None:
    """Trust it no longer. Credentials already issued run out by themselves."""
    saml_providers.delete(_provider(request))


@iam.operation(resource=asked.saml_provider)
def tag_saml_provider(call: Call, request: Json) -> None:
    """Set tags; those of the same keys are replaced."""
    tags.add(_provider(request), given.pairs(request))


@iam.operation(resource=asked.saml_provider)
def untag_saml_provider(call: Call, request: Json) -> None:
    """Take tags away."""
    tags.remove(_provider(request), request["TagKeys"])


@iam.operation(resource=asked.saml_provider)
def list_saml_provider_tags(call: Call, request: Json) -> dict[str, Any]:
    """The tags by key."""
    provider = _provider(request)
    return pages.of_tags(provider.tags, request, bound_to=provider.provider_id)


def _provider(request: Json) -> SamlProvider:
    """Raises ``InvalidInput`` for another kind of ARN, ``NoSuchEntity``."""
    arn = request["SAMLProviderArn"]
    if not _is_provider(arn):
        raise InvalidInput(f"Invalid ARN: {arn}")
    found = saml_providers.find(arn)
    if found is None:
        raise NoSuchEntity(f"Manifest not found for arn {arn}")
    return found


def _is_provider(arn: str) -> bool:
    try:
        return arns.parse(arn).resource.startswith("saml-provider/")
    except ValueError:
        return False


def _refuse_encryption(request: Json) -> None:
    if any(name in request for name in _ENCRYPTION):
        raise InvalidInput("Encrypted assertions are not built: the provider has to sign without encrypting.")
