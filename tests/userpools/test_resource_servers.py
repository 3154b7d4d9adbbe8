"""Resource servers and their scopes."""

from typing import Any

import pytest

from identity.userpools import quotas

pytestmark = pytest.mark.django_db

READ = {"ScopeName": "read", "ScopeDescription": "Read notes"}
WRITE = {"ScopeName": "write", "ScopeDescription": "Write notes"}


@pytest.fixture
def pool_id(cognito: Any) -> str:
    return str(cognito.create_user_pool(PoolName="people")["UserPool"]["Id"])


def make(cognito: Any, pool_id: str, identifier: str = "https://notes.example.com") -> dict[str, Any]:
    server: dict[str, Any] = cognito.create_resource_server(
        UserPoolId=pool_id, Identifier=identifier, Name="Notes", Scopes=[READ]
    )["ResourceServer"]
    return server


def test_a_resource_server_comes_back_as_it_was_made(cognito: Any, pool_id: str) -> None:
    server = make(cognito, pool_id)

    described = cognito.describe_resource_server(UserPoolId=pool_id, Identifier="https://notes.example.com")[
        "ResourceServer"
    ]

    assert described == server
    assert server == {
        "UserPoolId": pool_id,
        "Identifier": "https://notes.example.com",
        "Name": "Notes",
        "Scopes": [READ],
    }


def test_an_identifier_is_taken_once_in_a_pool(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id, "notes")
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]

    with pytest.raises(cognito.exceptions.InvalidParameterException) as caught:
        make(cognito, pool_id, "notes")

    assert caught.value.response["Error"]["Message"] == f"notes already exists in user pool {pool_id}."
    make(cognito, other, "notes")


def test_a_scope_is_named_once(cognito: Any, pool_id: str) -> None:
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.create_resource_server(
            UserPoolId=pool_id, Identifier="notes", Name="Notes", Scopes=[READ, READ]
        )


def test_an_update_replaces_name_and_scopes(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id, "notes")

    replaced = cognito.update_resource_server(
        UserPoolId=pool_id, Identifier="notes", Name="New", Scopes=[WRITE]
    )["ResourceServer"]
    emptied = cognito.update_resource_server(UserPoolId=pool_id, Identifier="notes", Name="New")

    assert replaced["Name"] == "New"
    assert replaced["Scopes"] == [WRITE]
    assert emptied["ResourceServer"]["Scopes"] == []


def test_a_scope_that_went_stays_in_its_clients_until_they_are_changed(cognito: Any, pool_id: str) -> None:
    make(cognito, pool_id, "notes")
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", AllowedOAuthScopes=["notes/read"]
    )["UserPoolClient"]

    cognito.delete_resource_server(UserPoolId=pool_id, Identifier="notes")

    described = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])
    assert described["UserPoolClient"]["AllowedOAuthScopes"] == ["notes/read"]
    with pytest.raises(cognito.exceptions.ScopeDoesNotExistException):
        cognito.update_user_pool_client(
            UserPoolId=pool_id, ClientId=client["ClientId"], AllowedOAuthScopes=["notes/read"]
        )


def test_unknown_servers_do_not_exist(cognito: Any, pool_id: str) -> None:
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.describe_resource_server(UserPoolId=pool_id, Identifier="notes")
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.update_resource_server(UserPoolId=pool_id, Identifier="notes", Name="x")
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.delete_resource_server(UserPoolId=pool_id, Identifier="notes")


def test_servers_are_listed_in_pages(cognito: Any, pool_id: str) -> None:
    for identifier in ("b", "a", "c"):
        make(cognito, pool_id, identifier)

    first = cognito.list_resource_servers(UserPoolId=pool_id, MaxResults=2)
    rest = cognito.list_resource_servers(UserPoolId=pool_id, MaxResults=2, NextToken=first["NextToken"])

    listed = first["ResourceServers"] + rest["ResourceServers"]
    assert [each["Identifier"] for each in listed] == ["a", "b", "c"]
    assert "NextToken" not in rest


def test_there_are_only_so_many_servers(cognito: Any, pool_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "RESOURCE_SERVERS_PER_POOL", 1)
    make(cognito, pool_id, "a")

    with pytest.raises(cognito.exceptions.LimitExceededException):
        make(cognito, pool_id, "b")
