"""OpenID Connect providers by the IAM API, with boto3."""

import pytest

from identity.iam import oidc_providers
from identity.iam.models import OidcProvider
from tests.iam.documents import ACCOUNT
from tests.iam.world import refused

pytestmark = pytest.mark.core_suite

URL = "https://idp.example.com/pool"
PRINT = "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def arn(iam):
    return iam.create_open_id_connect_provider(Url=URL, ClientIDList=["one"])["OpenIDConnectProviderArn"]


def clients(iam, arn):
    return iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]


def test_a_provider_is_made_and_read(iam):
    made = iam.create_open_id_connect_provider(
        Url=URL, ClientIDList=["one"], ThumbprintList=[PRINT], Tags=[{"Key": "a", "Value": "b"}]
    )
    arn = made["OpenIDConnectProviderArn"]
    read = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com/pool"
    assert (read["Url"], read["ClientIDList"], read["ThumbprintList"]) == (
        "idp.example.com/pool",
        ["one"],
        [PRINT],
    )
    assert read["Tags"] == made["Tags"] == [{"Key": "a", "Value": "b"}]
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": arn}]
    assert oidc_providers.find(URL) is not None


@pytest.mark.parametrize("url", [URL, URL + "/"])
def test_an_address_is_taken_once(iam, arn, url):
    text = refused(iam, "EntityAlreadyExists", iam.create_open_id_connect_provider, Url=url)

    assert text == f"Provider with url {url} already exists."


@pytest.mark.parametrize("url", ["http://idp.example.com", "idp.example.com", "https://", "https://a?b=c"])
def test_an_address_has_to_be_one_of_an_issuer(iam, url):
    refused(iam, "InvalidInput", iam.create_open_id_connect_provider, Url=url)

    assert not OidcProvider.objects.exists()


def test_audiences_are_added_and_removed(iam, arn):
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    assert clients(iam, arn) == ["one", "two"]

    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    assert clients(iam, arn) == ["two"]


def test_a_provider_has_a_hundred_audiences_at_most(iam, arn):
    OidcProvider.objects.update(client_ids=[f"c{number}" for number in range(100)])

    text = refused(
        iam,
        "LimitExceeded",
        iam.add_client_id_to_open_id_connect_provider,
        OpenIDConnectProviderArn=arn,
        ClientID="more",
    )

    assert text == "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"
    many = [f"c{number}" for number in range(101)]
    refused(
        iam,
        "LimitExceeded",
        iam.create_open_id_connect_provider,
        Url="https://b.example.com",
        ClientIDList=many,
    )


def test_thumbprints_are_kept(iam, arn):
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=[PRINT])

    read = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert read["ThumbprintList"] == [PRINT]
    for wrong in ([PRINT] * 6, ["z" * 40]):
        refused(
            iam,
            "InvalidInput",
            iam.update_open_id_connect_provider_thumbprint,
            OpenIDConnectProviderArn=arn,
            ThumbprintList=wrong,
        )


def test_tags(iam, arn):
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"] == [
        {"Key": "a", "Value": "1"}
    ]
    iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=["a"])
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"] == []


def test_deleting_may_be_repeated(iam, arn):
    for _ in range(2):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    text = refused(iam, "NoSuchEntity", iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)
    assert text == f"OpenIDConnect Provider not found for arn {arn}"
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_another_kind_of_arn_is_refused(iam):
    arn = f"arn:aws:iam::{ACCOUNT}:role/oidc-provider"

    refused(iam, "InvalidInput", iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)
