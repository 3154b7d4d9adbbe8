"""The people of the account tests: pools, app clients and users, all made through the wire."""

from typing import Any

from identity.userpools.models import User

PASSWORD = "Passw0rd!"
NEW_PASSWORD = "Other-Passw0rd-2"


def make_pool(cognito: Any, **settings: Any) -> str:
    """The id of a new pool that verifies e-mail unless told otherwise."""
    settings.setdefault("AutoVerifiedAttributes", ["email"])
    return str(cognito.create_user_pool(PoolName="people", **settings)["UserPool"]["Id"])


def make_client(cognito: Any, pool_id: str, **settings: Any) -> str:
    """The id of a new app client by which users may sign in with a password."""
    settings.setdefault("ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    made = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app", **settings)
    return str(made["UserPoolClient"]["ClientId"])


def listed(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def named(attribute_list: list[dict[str, str]]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in attribute_list}


def sign_up(cognito: Any, client_id: str, username: str, password: str = PASSWORD, **attributes: str) -> Any:
    return cognito.sign_up(
        ClientId=client_id, Username=username, Password=password, UserAttributes=listed(attributes)
    )


def confirm(cognito: Any, client_id: str, username: str, code: str, **more: Any) -> Any:
    return cognito.confirm_sign_up(ClientId=client_id, Username=username, ConfirmationCode=code, **more)


def invite(
    cognito: Any, pool_id: str, username: str, attributes: dict[str, str] | None = None, **more: Any
) -> Any:
    """An invited user; nothing is sent unless ``MessageAction`` is given as None."""
    if more.get("MessageAction", "SUPPRESS") is None:
        del more["MessageAction"]
    else:
        more.setdefault("MessageAction", "SUPPRESS")
    return cognito.admin_create_user(
        UserPoolId=pool_id, Username=username, UserAttributes=listed(attributes or {}), **more
    )["User"]


def settled(cognito: Any, pool_id: str, username: str, **attributes: str) -> Any:
    """A confirmed user with the known password."""
    user = invite(cognito, pool_id, username, attributes)
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username=user["Username"], Password=PASSWORD, Permanent=True
    )
    return user


def get(cognito: Any, pool_id: str, username: str) -> Any:
    return cognito.admin_get_user(UserPoolId=pool_id, Username=username)


def attributes_of(cognito: Any, pool_id: str, username: str) -> dict[str, str]:
    return named(get(cognito, pool_id, username)["UserAttributes"])


def status_of(cognito: Any, pool_id: str, username: str) -> str:
    return str(get(cognito, pool_id, username)["UserStatus"])


def sign_in(cognito: Any, client_id: str, username: str, password: str = PASSWORD) -> Any:
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )


def access_token(cognito: Any, client_id: str, username: str, password: str = PASSWORD) -> str:
    return str(sign_in(cognito, client_id, username, password)["AuthenticationResult"]["AccessToken"])


def row(pool_id: str, username: str) -> User:
    return User.objects.get(pool_id=pool_id, username=username)
