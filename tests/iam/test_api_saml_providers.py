"""SAML providers by the IAM API, with boto3."""

import pytest

from identity.iam.models import SamlProvider
from tests.iam import saml_idp
from tests.iam.documents import ACCOUNT
from tests.iam.world import refused

pytestmark = pytest.mark.core_suite


@pytest.fixture
def metadata():
    return saml_idp.Idp().metadata()


@pytest.fixture
def arn(iam, metadata):
    return iam.create_saml_provider(Name="office", SAMLMetadataDocument=metadata)["SAMLProviderArn"]


def test_a_provider_is_made_and_read(iam, metadata):
    made = iam.create_saml_provider(
        Name="office", SAMLMetadataDocument=metadata, Tags=[{"Key": "a", "Value": "b"}]
    )
    arn = made["SAMLProviderArn"]
    read = iam.get_saml_provider(SAMLProviderArn=arn)

    assert arn == f"arn:aws:iam::{ACCOUNT}:saml-provider/office"
    assert read["SAMLMetadataDocument"] == metadata
    assert read["Tags"] == made["Tags"] == [{"Key": "a", "Value": "b"}]
    assert [one["Arn"] for one in iam.list_saml_providers()["SAMLProviderList"]] == [arn]


def test_a_name_is_taken_once(iam, arn, metadata):
    text = refused(
        iam, "EntityAlreadyExists", iam.create_saml_provider, Name="office", SAMLMetadataDocument=metadata
    )

    assert text == "SAMLProvider with name office already exists."


@pytest.mark.parametrize(
    "given", ["x" * 1000, "<a/>" + " " * 1000, '<!DOCTYPE a [<!ENTITY b "c">]><a/>' + " " * 1000]
)
def test_metadata_that_is_none_is_refused(iam, arn, metadata, given):
    text = refused(iam, "InvalidInput", iam.create_saml_provider, Name="other", SAMLMetadataDocument=given)
    refused(iam, "InvalidInput", iam.update_saml_provider, SAMLProviderArn=arn, SAMLMetadataDocument=given)

    assert text.startswith("Could not parse metadata")
    assert SamlProvider.objects.get().metadata == metadata


def test_new_metadata_takes_the_place_of_the_old(iam, arn):
    other = saml_idp.Idp(entity_id="https://new.example/saml").metadata()

    assert iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=other)["SAMLProviderArn"] == arn

    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == other
    assert SamlProvider.objects.get().entity_id == "https://new.example/saml"


def test_encrypted_assertions_are_said_not_to_be_built(iam, metadata):
    text = refused(
        iam,
        "InvalidInput",
        iam.create_saml_provider,
        Name="office",
        SAMLMetadataDocument=metadata,
        AssertionEncryptionMode="Required",
    )

    assert "not built" in text


def test_tags(iam, arn):
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]

    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["a"])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == []


def test_a_provider_is_deleted(iam, arn):
    iam.delete_saml_provider(SAMLProviderArn=arn)

    text = refused(iam, "NoSuchEntity", iam.delete_saml_provider, SAMLProviderArn=arn)
    assert text == f"Manifest not found for arn {arn}"
    refused(iam, "InvalidInput", iam.get_saml_provider, SAMLProviderArn=f"arn:aws:iam::{ACCOUNT}:role/office")
