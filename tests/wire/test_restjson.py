"""REST-JSON through the wire."""

import json

import pytest
from botocore.exceptions import ClientError
from django.test import Client

POOL = "us-east-1:11111111-2222-3333-4444-555555555555"
IDENTITY = "us-east-1:66666666-2222-3333-4444-555555555555"
IDS = {"IdentityPoolId": POOL, "IdentityId": IDENTITY, "DatasetName": "my.notes"}
PATH = f"/identitypools/{POOL}/identities/{IDENTITY}/datasets/my.notes"


def test_input_comes_from_path_query_and_headers(client, calls):
    answer = client("cognito-sync").list_records(**IDS, LastSyncCount=3, NextToken="a b+c/=")

    assert answer["DatasetSyncCount"] == 3
    given = json.loads(answer["Records"][0]["Value"])
    assert given == {**IDS, "LastSyncCount": 3, "NextToken": "a b+c/="}
    assert calls[0].region == "us-east-1"


def test_errors_have_the_models_status_and_their_class_in_the_header(client):
    sync = client("cognito-sync")
    with pytest.raises(sync.exceptions.ResourceConflictException) as caught:
        sync.update_records(**IDS, SyncSessionToken="t", ClientContext="{}")

    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == "ResourceConflictException:"
    assert response["Error"]["Message"] == "Current SyncCount for: notes is: 2 not: 1"


def test_no_signature_is_403():
    response = Client().get(PATH + "/records")

    assert response.status_code == 403
    assert response.content == b'{"message":"Missing Authentication Token"}'
    assert response["x-amzn-errortype"] == "MissingAuthenticationTokenException:"


def test_a_wrong_secret_is_403(client):
    with pytest.raises(ClientError) as caught:
        client("cognito-sync", secret="wrong").list_records(**IDS)

    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_validation(client):
    with pytest.raises(ClientError) as caught:
        client("cognito-sync", checked=False).list_records(**IDS | {"DatasetName": "a b"})

    assert caught.value.response["Error"] == {
        "Code": "InvalidParameterException",
        "Message": "1 validation error detected: Value 'a b' at 'datasetName' failed to satisfy constraint:"
        " Member must satisfy regular expression pattern: [a-zA-Z0-9_.:-]+",
    }


def test_not_built():
    response = Client().get("/identitypools")

    assert response.status_code == 400
    assert response.content == b'{"message":"ListIdentityPoolUsage is not built yet"}'
    assert response["x-amzn-errortype"] == "NotImplementedException:"


def test_a_method_that_the_path_does_not_have():
    response = Client().put(PATH + "/records")

    assert response.status_code == 404
    assert response["x-amzn-errortype"] == "UnknownOperationException:"


def test_a_preflight():
    response = Client().options(
        PATH, HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,x-amz-content-sha256"
    )

    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Headers"] == "authorization,x-amz-content-sha256"
    assert response["Access-Control-Allow-Methods"] == "GET, POST, DELETE"


@pytest.mark.parametrize("query", ["lastSyncCount=x", "nextToken=%00", "lastSyncCount=%D9%A3"])
def test_malformed_queries(client, query, monkeypatch):
    sync = client("cognito-sync")
    sync.meta.events.register_first(
        "before-sign.*", lambda request, **_: setattr(request, "url", f"{request.url}?{query}")
    )

    with pytest.raises(ClientError) as caught:
        sync.list_records(**IDS)
    assert caught.value.response["Error"]["Code"] == "SerializationException"
