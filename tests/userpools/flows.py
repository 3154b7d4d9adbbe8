"""Ways to sign in, for tests: what clients send, and what they read in the answers."""

import base64
import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from pycognito.aws_srp import AWSSRP

from identity.userpools import clients
from identity.userpools.models import UserPoolClient
from tests.userpools.people import PASSWORD

ALL_FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]
HIDING = {"PreventUserExistenceErrors": "ENABLED"}


def start(cognito: Any, client_id: str, flow: str, **parameters: str) -> Any:
    return cognito.initiate_auth(ClientId=client_id, AuthFlow=flow, AuthParameters=parameters)


def admin_start(cognito: Any, pool_id: str, client_id: str, flow: str, **parameters: str) -> Any:
    return cognito.admin_initiate_auth(
        UserPoolId=pool_id, ClientId=client_id, AuthFlow=flow, AuthParameters=parameters
    )


def respond(
    cognito: Any, client_id: str, challenge: str, session: str | None = None, **responses: str
) -> Any:
    more = {"Session": session} if session else {}
    return cognito.respond_to_auth_challenge(
        ClientId=client_id, ChallengeName=challenge, ChallengeResponses=responses, **more
    )


def refresh(cognito: Any, client_id: str, token: str, **more: str) -> Any:
    return start(cognito, client_id, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token, **more)[
        "AuthenticationResult"
    ]


def get_tokens(cognito: Any, client_id: str, token: str, **more: Any) -> Any:
    return cognito.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=token, **more)[
        "AuthenticationResult"
    ]


def srp(
    cognito: Any, pool_id: str, client_id: str, name: str, password: str = PASSWORD, **more: Any
) -> AWSSRP:
    """pycognito's own SRP client, answered in process."""
    return AWSSRP(name, password, pool_id, client_id, client=cognito, **more)


def srp_challenge(cognito: Any, client_id: str, client: AWSSRP) -> Any:
    """The first answer of an SRP sign-in."""
    return start(cognito, client_id, "USER_SRP_AUTH", **client.get_auth_params())


def srp_proof(client: AWSSRP, challenge: Any) -> dict[str, str]:
    """What pycognito would answer."""
    proof: dict[str, str] = client.process_challenge(
        challenge["ChallengeParameters"], client.get_auth_params()
    )
    return proof


def claims_of(token: str) -> dict[str, Any]:
    """The claims in their order, unchecked."""
    content: dict[str, Any] = json.loads(_part(token, 1))
    return content


def header_of(token: str) -> str:
    return _part(token, 0)


def _part(token: str, n: int) -> str:
    part = token.split(".")[n]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def secret_of(client_id: str) -> str:
    secret = clients.secret_of(UserPoolClient.objects.get(pk=client_id))
    assert secret
    return secret


@contextlib.contextmanager
def counted() -> Iterator[Callable[[], list[str]]]:
    """The statements that read or write rows; savepoints and transactions are the test's own."""
    with CaptureQueriesContext(connection) as captured:
        yield lambda: [
            query["sql"]
            for query in captured.captured_queries
            if query["sql"].split(" ", 1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")
        ]
