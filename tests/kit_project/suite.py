"""The host's own tests, with nothing but the plugin's fixtures."""

from typing import Any

PUBLIC = "arn:aws:execute-api:us-east-1:000000000000:notes/GET/public"


def test_my_notes(signed_in_client: Any) -> None:
    assert signed_in_client.get("/notes/").json() == {"notes_of": "ana", "groups": []}
    assert signed_in_client.pool_user.username == "ana"


def test_strangers_see_nothing(client: Any) -> None:
    assert client.get("/notes/").status_code == 401
    assert client.get("/notes/", headers={"Authorization": "Bearer x"}).status_code == 401


def test_admins_and_machines_see_all(client: Any, user_pool: Any) -> None:
    ana, bob = user_pool.user("ana"), user_pool.user("bob", groups=["admins"])
    eve = user_pool.user("eve", scopes=["notes/read"], email="eve@example.com")

    assert client.get("/notes/all/", headers=ana.headers).status_code == 403
    assert client.get("/notes/all/", headers=bob.headers).status_code == 200
    assert client.get("/notes/all/", headers=eve.headers).status_code == 200


def test_guests_read_what_is_public(signed_request: Any, identity_pool: Any) -> None:
    guest = identity_pool.credentials()
    assert signed_request("GET", "/notes/public", guest).status_code == 403

    identity_pool.allow("execute-api:Invoke", PUBLIC, guests=True)

    assert signed_request("GET", "/notes/public", guest).json()["read_by"] == guest.identity_id
    assert signed_request("GET", "/notes/private", guest).status_code == 403


def test_users_read_more(signed_request: Any, identity_pool: Any, user_pool: Any) -> None:
    identity_pool.allow("execute-api:Invoke", PUBLIC.replace("public", "*"))
    ana = identity_pool.credentials(user_pool.user("ana"))

    assert signed_request("GET", "/notes/private", ana).json()["read_by"] == ana.identity_id
    assert signed_request("GET", "/notes/private", ana, service="s3").status_code == 403


def test_the_whole_api_is_there(user_pool: Any) -> None:
    user_pool.user("ana")
    user_pool.api.admin_disable_user(UserPoolId=user_pool.id, Username="ana")

    assert not user_pool.api.admin_get_user(UserPoolId=user_pool.id, Username="ana")["Enabled"]


def test_each_test_has_a_pool_of_its_own(user_pool: Any) -> None:
    assert user_pool.api.list_users(UserPoolId=user_pool.id)["Users"] == []
    assert len(user_pool.api.list_user_pools(MaxResults=10)["UserPools"]) == 1
