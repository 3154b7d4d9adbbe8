"""Domains: what may be one, where it is served, and how the wire shows it."""

from copy import deepcopy
from typing import Any

import pytest

from identity.userpools import domains, pools
from identity.userpools.errors import InvalidParameter
from tests import aws

pytestmark = pytest.mark.django_db

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000"


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return str(cognito.create_user_pool(PoolName="people")["UserPool"]["Id"])


def attach(cognito: Any, pool_id: str, domain: str = "people", **members: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=domain, **members)
    answer.pop("ResponseMetadata")
    return answer


def describe(cognito: Any, domain: str) -> dict[str, Any]:
    description: dict[str, Any] = cognito.describe_user_pool_domain(Domain=domain)["DomainDescription"]
    return description


def refused(
    cognito: Any, pool_id: str, domain: str, code: str = "InvalidParameterException", **members: Any
) -> str:
    with pytest.raises(cognito.exceptions.ClientError) as caught:
        attach(cognito, pool_id, domain, **members)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def base_url(settings: Any, url: str) -> None:
    changed = deepcopy(settings.IDENTITY)
    changed["BASE_URL"] = url
    settings.IDENTITY = changed


def test_a_prefix_is_attached_described_and_shown_by_its_pool(cognito: Any, pool_id: str) -> None:
    assert attach(cognito, pool_id) == {"ManagedLoginVersion": 1}

    described = describe(cognito, "people")
    assert described["UserPoolId"] == pool_id
    assert described["Domain"] == "people"
    assert described["AWSAccountId"] == "000000000000"
    assert described["Status"] == "ACTIVE"
    assert described["CustomDomainConfig"] == {}
    assert described["ManagedLoginVersion"] == 1
    assert len(described["Version"]) == 14
    assert described["Version"].isdecimal()
    assert {"S3Bucket", "CloudFrontDistribution"} <= set(described)
    assert cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Domain"] == "people"
    found = domains.find("people")
    assert found is not None
    assert found.pk == pool_id


def test_an_unknown_domain_has_an_empty_description(cognito: Any) -> None:
    assert describe(cognito, "nobody") == {}
    assert domains.find("nobody") is None


def test_a_detached_domain_is_free_again(cognito: Any, pool_id: str) -> None:
    attach(cognito, pool_id)

    cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain="people")

    assert describe(cognito, "people") == {}
    assert "Domain" not in cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    attach(cognito, pool_id)


def test_a_pool_has_one_prefix_and_a_prefix_one_pool(cognito: Any, pool_id: str) -> None:
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    attach(cognito, pool_id)

    assert refused(cognito, pool_id, "more") == "User pool already has a domain configured."
    assert refused(cognito, pool_id, "people") == "User pool already has a domain configured."
    assert refused(cognito, other, "people") == "Domain already associated with another user pool."


def test_only_the_pools_own_domain_is_detached(cognito: Any, pool_id: str) -> None:
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    attach(cognito, pool_id)

    for pool, domain in ((other, "people"), (pool_id, "nobody")):
        with pytest.raises(cognito.exceptions.InvalidParameterException):
            cognito.delete_user_pool_domain(UserPoolId=pool, Domain=domain)

    assert describe(cognito, "people")["UserPoolId"] == pool_id


@pytest.mark.parametrize("prefix", ["my-aws-app", "amazonia", "cognito1"])
def test_reserved_words_are_in_no_prefix(cognito: Any, pool_id: str, prefix: str) -> None:
    assert "reserved word" in refused(cognito, pool_id, prefix)


@pytest.mark.parametrize("prefix", ["-x", "x-", "a_b", "A", "a.b", "x" * 64])
def test_a_prefix_is_a_host_label(cognito: Any, pool_id: str, prefix: str) -> None:
    keys = cognito._request_signer._credentials
    unchecked = aws.client("cognito-idp", access_key=keys.access_key, secret=keys.secret_key, checked=False)

    refused(unchecked, pool_id, prefix)


def test_managed_login_is_chosen_by_its_version_in_a_tier_that_has_it(cognito: Any, pool_id: str) -> None:
    lite = cognito.create_user_pool(PoolName="lite", UserPoolTier="LITE")["UserPool"]["Id"]

    refused(cognito, lite, "people", "FeatureUnavailableInTierException", ManagedLoginVersion=2)
    refused(cognito, pool_id, "people", ManagedLoginVersion=3)

    assert attach(cognito, pool_id, ManagedLoginVersion=2) == {"ManagedLoginVersion": 2}
    with pytest.raises(cognito.exceptions.TierChangeNotAllowedException):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")


def test_an_update_changes_the_version(cognito: Any, pool_id: str) -> None:
    attach(cognito, pool_id)

    cognito.update_user_pool_domain(UserPoolId=pool_id, Domain="people", ManagedLoginVersion=2)

    assert describe(cognito, "people")["ManagedLoginVersion"] == 2


def test_a_prefix_takes_no_certificate(cognito: Any, pool_id: str) -> None:
    attach(cognito, pool_id)

    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.update_user_pool_domain(
            UserPoolId=pool_id, Domain="people", CustomDomainConfig={"CertificateArn": CERTIFICATE}
        )


def test_a_domain_of_ones_own_passes_the_wire(cognito: Any, pool_id: str) -> None:
    answer = attach(cognito, pool_id, "auth.example.com", CustomDomainConfig={"CertificateArn": CERTIFICATE})

    assert answer["CloudFrontDomain"]
    assert describe(cognito, "auth.example.com")["CustomDomainConfig"] == {"CertificateArn": CERTIFICATE}


def test_a_domain_of_ones_own_stands_beside_the_prefix(cognito: Any, pool_id: str) -> None:
    attach(cognito, pool_id)

    domains.create(pools.get(pool_id), "auth.example.com", custom_config={"CertificateArn": CERTIFICATE})

    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert (pool["Domain"], pool["CustomDomain"]) == ("people", "auth.example.com")
    assert domains.url_of(pools.get(pool_id)) == "http://auth.example.com"


@pytest.mark.parametrize(
    ("domain", "certificate"),
    [
        ("auth.example.com", CERTIFICATE.replace("us-east-1", "eu-west-1")),
        ("auth.example.com", "arn:aws:iam::000000000000:server-certificate/x"),
        ("single", CERTIFICATE),
        ("people.auth.testserver", CERTIFICATE),
        ("testserver", CERTIFICATE),
        ("-auth.example.com", CERTIFICATE),
    ],
)
def test_a_domain_of_ones_own_needs_a_host_and_a_certificate(
    cognito: Any, pool_id: str, domain: str, certificate: str
) -> None:
    with pytest.raises(InvalidParameter):
        domains.create(pools.get(pool_id), domain, custom_config={"CertificateArn": certificate})


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:8000", "http://localhost:8000/people"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/people"),
        ("http://[::1]:8000", "http://[::1]:8000/people"),
        ("https://id.example.com", "https://people.auth.id.example.com"),
        ("https://id.example.com:8443", "https://people.auth.id.example.com:8443"),
    ],
)
def test_where_a_prefix_is_served(cognito: Any, pool_id: str, settings: Any, url: str, address: str) -> None:
    attach(cognito, pool_id)

    base_url(settings, url)

    assert domains.url_of(pools.get(pool_id)) == address


def test_a_domain_of_ones_own_follows_the_base_urls_scheme_and_port(settings: Any) -> None:
    base_url(settings, "https://id.example.com:8443")

    assert domains.address("auth.other.example", is_custom=True) == "https://auth.other.example:8443"


def test_a_pool_without_a_domain_has_no_address(cognito: Any, pool_id: str) -> None:
    assert domains.url_of(pools.get(pool_id)) is None


def test_in_path_form_a_prefix_does_not_hide_the_sites_own_paths(
    cognito: Any, pool_id: str, settings: Any
) -> None:
    attach(cognito, pool_id, "admin")
    cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain="admin")
    base_url(settings, "http://localhost:8000")

    with pytest.raises(InvalidParameter):
        domains.create(pools.get(pool_id), "admin")
