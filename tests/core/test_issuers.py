import dataclasses

import pytest

from identity.core import issuers

pytestmark = pytest.mark.core_suite


class Source:
    def __init__(self, *urls):
        self.urls = urls

    def find(self, issuer_url):
        return issuers.Issuer(issuer_url, jwks=lambda: [self.urls]) if issuer_url in self.urls else None


@pytest.fixture
def register():
    added = []

    def add(source):
        added.append(source)
        issuers.register(source)
        return source

    yield add
    for source in added:
        issuers.unregister(source)


def test_the_first_source_that_knows_an_issuer_answers(register):
    register(Source("https://a.example"))
    second = register(Source("https://b.example", "https://a.example"))

    assert issuers.find("https://a.example").jwks() == [("https://a.example",)]
    assert issuers.find("https://b.example").jwks() == [second.urls]


@pytest.mark.parametrize("url", ["", "https://a.example/", "HTTPS://A.example", "https://c.example"])
def test_an_issuer_is_known_exactly_as_written(register, url):
    register(Source("https://a.example"))

    assert issuers.find(url) is None


def test_registering_twice_counts_once_and_unregistering_ends_it(register):
    source = register(Source("https://a.example"))
    register(source)
    issuers.unregister(source)

    assert issuers.find("https://a.example") is None


def test_an_issuer_that_knows_of_no_revocation_takes_every_token_for_live():
    issuer = issuers.Issuer("https://a.example", jwks=list)

    assert issuer.is_live({"sub": "x"})
    assert (issuer.kind, issuer.algorithms) == ("oidc", ("RS256",))
    with pytest.raises(dataclasses.FrozenInstanceError):
        issuer.url = "https://b.example"
