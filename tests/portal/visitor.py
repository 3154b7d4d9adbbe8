"""A person with a browser at the hosted pages: keeps cookies, fills in forms, reads what the page says."""

import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.userpools.people import make_pool

APP = "https://app.example.com/callback"
PREFIX = "notes-app"


def hosted_pool(cognito: Any, **settings: Any) -> str:
    """A pool with a domain."""
    pool_id = make_pool(cognito, **settings)
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=PREFIX)
    return pool_id


def hosted_client(cognito: Any, pool_id: str, **settings: Any) -> str:
    """An app client of the code flow, named as the app that people see."""
    made = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="Notes",
        **{
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "SupportedIdentityProviders": ["COGNITO"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email"],
            "CallbackURLs": [APP],
            "LogoutURLs": [APP],
            **settings,
        },
    )
    return str(made["UserPoolClient"]["ClientId"])


@dataclass
class Visitor:
    client_id: str
    http: Client = field(default_factory=Client)
    more: dict[str, str] = field(default_factory=dict)
    host: str = "testserver"

    @property
    def query(self) -> str:
        wanted = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": APP,
            "scope": "openid email",
            "state": "from-the-app",
            **self.more,
        }
        return urlencode(wanted)

    def address(self, page: str) -> str:
        prefix = f"/{PREFIX}" if self.host == "testserver" else ""
        return f"{prefix}/{page}?{self.query}"

    def get(self, page: str) -> HttpResponse:
        return self.http.get(self.address(page), headers={"host": self.host})

    def post(self, page: str, **fields: str) -> HttpResponse:
        return self.http.post(self.address(page), fields, headers={"host": self.host})

    def follow(self, response: HttpResponse) -> HttpResponse:
        """The page that a redirect of ours leads to."""
        assert response.status_code == 302, text_of(response)
        target = response["Location"]
        assert target.startswith("/"), target
        return self.http.get(target, headers={"host": self.host})


def text_of(response: HttpResponse) -> str:
    """The words on a page, tags aside."""
    body = re.sub(r"(?s)<(script|style|svg|head)\b.*?</\1>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def heading_of(response: HttpResponse) -> str:
    found = re.search(r"(?s)<h1[^>]*>(.*?)</h1>", response.content.decode())
    assert found, "the page has no heading"
    return html.unescape(found[1].strip())


def input_of(response: HttpResponse, name: str) -> dict[str, str]:
    """The attributes of a field; those without a value have an empty one."""
    for tag in re.findall(r"<input\b[^>]*>", response.content.decode()):
        attributes = {
            key: html.unescape(value) for key, value in re.findall(r'([\w-]+)(?:="([^"]*)")?', tag[6:-1])
        }
        if attributes.get("name") == name and attributes.get("aria-hidden") != "true":
            return attributes
    raise AssertionError(f"no field {name}: {text_of(response)}")


def has_input(response: HttpResponse, name: str) -> bool:
    """Whether the page asks for it."""
    return f'for="id_{name}"' in response.content.decode()


def answer_to_app(response: HttpResponse) -> dict[str, str]:
    """What the app is told by the redirect to it."""
    assert response.status_code == 302, text_of(response)
    target = urlsplit(response["Location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == APP, response["Location"]
    return {name: values[0] for name, values in parse_qs(target.query).items()}
