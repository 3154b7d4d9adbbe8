"""The demo's notes API as a client with credentials calls it, and the ways that lead to credentials."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials

from tests.clients import people
from tests.clients.people import Person
from tests.site import Site


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    @property
    def error(self) -> str:
        return str(self.body.get("__type", "")) if isinstance(self.body, dict) else ""


def tokens(site: Site, person: Person) -> dict[str, str]:
    """A sign-in's tokens."""
    signed_in: dict[str, str] = people.app(site).initiate_auth(
        ClientId=people.CLIENT,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": person.username, "PASSWORD": person.password},
    )["AuthenticationResult"]
    return signed_in


def logins(site: Site, id_token: str) -> dict[str, str]:
    return {f"localhost:{site.port}/{people.POOL}": id_token}


def opened(site: Site, given: dict[str, str] | None = None) -> tuple[str, dict[str, Any]]:
    """An identity of the demo's pool and its credentials; a new guest where no logins are given."""
    identity = people.app(site, "cognito-identity")
    options = {"Logins": given} if given else {}
    identity_id = identity.get_id(IdentityPoolId=people.IDENTITY_POOL, **options)["IdentityId"]
    answer = identity.get_credentials_for_identity(IdentityId=identity_id, **options)
    return answer["IdentityId"], answer["Credentials"]


def call(site: Site, credentials: dict[str, Any] | None, path: str, **options: Any) -> Answer:
    """A request under ``/demo/``; options are those of ``signed``."""
    return send(signed(site, credentials, path, **options))


def signed(
    site: Site,
    credentials: dict[str, Any] | None,
    path: str,
    *,
    method: str = "GET",
    body: Any = None,
    service: str = "notes",
    region: str = "us-east-1",
) -> AWSPreparedRequest:
    """A request under ``/demo/``, ready to be sent; signed where there are credentials."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = AWSRequest(method, f"{site.base}/demo/{path}", data=content, headers=headers)
    if credentials is not None:
        signer = Credentials(
            credentials["AccessKeyId"], credentials["SecretKey"], credentials.get("SessionToken")
        )
        SigV4Auth(signer, service, region).add_auth(request)
    return request.prepare()


def send(ready: AWSPreparedRequest) -> Answer:
    """Over the socket, as it is."""
    plain = urllib.request.Request(ready.url, ready.body, dict(ready.headers.items()), method=ready.method)
    try:
        with urllib.request.urlopen(plain, timeout=15) as response:
            return Answer(response.status, json.load(response))
    except urllib.error.HTTPError as refusal:
        text = refusal.read().decode()
        return Answer(refusal.code, json.loads(text) if text.startswith(("{", "[")) else text)
