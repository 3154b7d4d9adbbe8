"""People of the demo's user pool, made through boto3 as an app would."""

import uuid
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from tests.site import Site

POOL, CLIENT = "us-east-1_Demo00001", "1demo23client45public6789a"
IDENTITY_POOL = "us-east-1:00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class Person:
    username: str
    email: str
    password: str = "Corr3ct-horse"


def somebody() -> Person:
    name = f"ada{uuid.uuid4().hex[:10]}"
    return Person(name, f"{name}@example.com")


def app(site: Site, service: str = "cognito-idp") -> Any:
    """An app's boto3 client: it has no keys, so it signs nothing."""
    return boto3.client(
        service, endpoint_url=site.base, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
    )


def admin(site: Site, service: str = "cognito-idp") -> Any:
    keys = site.keys()
    return boto3.client(
        service,
        endpoint_url=site.base,
        region_name="us-east-1",
        aws_access_key_id=keys["IDENTITY_ADMIN_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["IDENTITY_ADMIN_SECRET_ACCESS_KEY"],
    )


def confirmed(site: Site) -> Person:
    """Somebody who signed up and entered the mailed code."""
    person, client = somebody(), app(site)
    client.sign_up(
        ClientId=CLIENT,
        Username=person.username,
        Password=person.password,
        UserAttributes=[{"Name": "email", "Value": person.email}],
    )
    client.confirm_sign_up(
        ClientId=CLIENT, Username=person.username, ConfirmationCode=site.mailed_code(person.email)
    )
    return person
