"""ServerSideTokenCheck: the user pool is asked whether the user is still there, enabled and signed in.

With a real user pool beside the identity pool.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests import aws
from tests.identitypools import world
from tests.identitypools.test_together import tokens
from tests.identitypools.world import refusal, set_roles

__all__ = ["tokens"]

pytestmark = pytest.mark.core_suite

ENDS = {
    "signed out": lambda cognito, it: cognito.admin_user_global_sign_out(
        UserPoolId=it["pool"], Username="ana"
    ),
    "signed out by themselves": lambda cognito, it: cognito.global_sign_out(AccessToken=it["access"]),
    "disabled": lambda cognito, it: cognito.admin_disable_user(UserPoolId=it["pool"], Username="ana"),
    "deleted": lambda cognito, it: cognito.admin_delete_user(UserPoolId=it["pool"], Username="ana"),
    "user pool deleted": lambda cognito, it: cognito.delete_user_pool(UserPoolId=it["pool"]),
}


def make_pool(cognito_identity: Any, it: dict[str, str], *, checks: bool) -> str:
    entry = {
        "ProviderName": f"cognito-idp.us-east-1.amazonaws.com/{it['pool']}",
        "ClientId": it["client"],
        "ServerSideTokenCheck": checks,
    }
    pool_id: str = cognito_identity.create_identity_pool(
        IdentityPoolName="notes",
        AllowUnauthenticatedIdentities=False,
        AllowClassicFlow=True,
        CognitoIdentityProviders=[entry],
    )["IdentityPoolId"]
    role = world.role(f"known-{checks}", pool_id)
    set_roles(cognito_identity, pool_id, authenticated=role.arn)
    return pool_id


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_whose_sign_in_ended_gets_nothing_where_the_pool_asks(
    end: Callable[..., Any], cognito: Any, cognito_identity: Any, tokens: dict[str, str]
) -> None:
    anyone = aws.client("cognito-identity")
    logins = {f"cognito-idp.us-east-1.amazonaws.com/{tokens['pool']}": tokens["id"]}
    asking = make_pool(cognito_identity, tokens, checks=True)
    trusting = make_pool(cognito_identity, tokens, checks=False)
    ids = {
        pool: anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"] for pool in (asking, trusting)
    }

    def calls(pool_id: str) -> list[Callable[[], Any]]:
        return [
            lambda: anyone.get_id(IdentityPoolId=pool_id, Logins=logins),
            lambda: anyone.get_open_id_token(IdentityId=ids[pool_id], Logins=logins),
            lambda: anyone.get_credentials_for_identity(IdentityId=ids[pool_id], Logins=logins),
        ]

    for call in calls(asking):
        assert call()

    end(cognito, tokens)

    for call in calls(asking):
        with pytest.raises(anyone.exceptions.NotAuthorizedException) as refused:
            call()
        assert refusal(refused)[1] == "Token is inactive"
    for call in calls(trusting):  # signature and expiry alone count there
        assert call()
