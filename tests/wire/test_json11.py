"""AWS JSON 1.1 through the wire: headers, bodies, errors, authentication, CORS."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError
from django.test import Client, override_settings
from rest_framework.throttling import BaseThrottle

from identity.wire.views import endpoint_or
from tests.aws import call_raw
from tests.wire.conftest import ACCOUNT, SECRET

IDP = "AWSCognitoIdentityProviderService."
SIGN_IN = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "abc"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def body(response: Any) -> dict[str, Any]:
    return json.loads(response.content)


def code(caught: Any) -> tuple[str, str, int]:
    response = caught.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], response["Error"]["Message"], status


def test_a_signed_call(client, calls):
    answer = client("cognito-idp").admin_get_user(UserPoolId="eu-west-1_abc", Username="ana")

    assert answer["Username"] == "ana"
    assert answer["UserCreateDate"] == datetime(2019, 1, 12, 21, 2, 25, 777000, tzinfo=UTC)
    (call,) = calls
    assert (call.service, call.operation, call.region) == ("cognito-idp", "AdminGetUser", "us-east-1")
    assert call.caller.arn == f"arn:aws:iam::{ACCOUNT}:root"
    assert call.account_id == ACCOUNT
    assert call.origin.ip == "127.0.0.1"
    assert "Botocore" in call.origin.user_agent
    assert call.request_id == answer["ResponseMetadata"]["RequestId"]


def test_the_body_is_compact_and_ordered(client):
    response = call_raw(IDP + "InitiateAuth", SIGN_IN)

    assert response.content == b'{"__type":"UserNotFoundException","message":"User does not exist."}'


def test_the_headers_of_an_error():
    response = call_raw(IDP + "InitiateAuth", SIGN_IN)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/x-amz-json-1.1"
    assert response["x-amzn-errortype"] == "UserNotFoundException:"
    assert response["x-amzn-errormessage"] == "User does not exist."
    assert UUID.fullmatch(response["x-amzn-requestid"])
    assert response["Access-Control-Allow-Origin"] == "*"
    assert (
        response["Access-Control-Expose-Headers"]
        == "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
    )
    assert abs(parsedate_to_datetime(response["Date"]) - datetime.now(UTC)) < timedelta(seconds=5)


def test_unsigned_operations_need_no_signature_and_ignore_one(client, calls):
    for extra in (
        {},
        {"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 nonsense"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
    ):
        response = call_raw(IDP + "InitiateAuth", SIGN_IN, **extra)
        assert body(response)["__type"] == "UserNotFoundException"
    assert [call.caller for call in calls] == [None, None, None]
    assert {call.region for call in calls} == {"eu-central-1"}


def test_the_region_of_an_unsigned_call_is_that_of_the_id(client, calls):
    client("cognito-identity").get_id(IdentityPoolId="ap-south-1:11111111-2222-3333-4444-555555555555")

    assert calls[0].region == "ap-south-1"


def test_the_sdk_raises_the_modelled_class(client):
    idp = client("cognito-idp")

    with pytest.raises(idp.exceptions.UserNotFoundException) as caught:
        idp.initiate_auth(**SIGN_IN)
    assert code(caught) == ("UserNotFoundException", "User does not exist.", 400)


def test_operations_without_output_answer_nothing_and_empty_shapes_an_object(client):
    assert call_raw(IDP + "DeleteUser", {"AccessToken": "abc"}).content == b""
    assert call_raw(IDP + "DeleteUser", {"AccessToken": "abc"}).status_code == 200
    idp = client("cognito-idp")
    bodies: list[bytes] = []
    idp.meta.events.register(
        "response-received.*", lambda response_dict, **_: bodies.append(response_dict["body"])
    )

    idp.tag_resource(ResourceArn="arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc", Tags={})

    assert bodies == [b"{}"]


def test_validation(client):
    with pytest.raises(ClientError) as caught:
        client("cognito-idp", checked=False).admin_get_user(UserPoolId="nowhere", Username="ana")
    assert code(caught) == (
        "InvalidParameterException",
        "1 validation error detected: Value 'nowhere' at 'userPoolId' failed to satisfy constraint:"
        r" Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+",
        400,
    )


@pytest.mark.parametrize("given", ["{", "[]", '"x"', b"\xff", '{"AuthFlow":"\\u0000"}', '{"AuthFlow":1}'])
def test_malformed_bodies(given):
    response = call_raw(IDP + "InitiateAuth", given)

    assert response.status_code == 400
    assert body(response)["__type"] == "SerializationException"


def test_a_body_that_is_no_json_is_refused_without_a_message():
    assert call_raw(IDP + "InitiateAuth", "{").content == b'{"__type":"SerializationException"}'


@pytest.mark.parametrize(
    "target", ["", "x", IDP, IDP + "Nothing", "Other.InitiateAuth", IDP + "initiate_auth"]
)
def test_unknown_operations(target):
    response = call_raw(target, SIGN_IN)

    assert response.status_code == 400
    assert response.content == b'{"__type":"UnknownOperationException"}'


def test_operations_that_are_not_built_say_so_without_asking_who_calls():
    response = call_raw(IDP + "CreateTerms", "{")

    assert response.status_code == 400
    assert (
        response.content == b'{"__type":"NotImplementedException","message":"CreateTerms is not built yet"}'
    )


def test_access_denied_spells_its_message_with_a_capital(client):
    bodies: list[bytes] = []
    idp = client("cognito-idp")
    idp.meta.events.register(
        "response-received.*", lambda response_dict, **_: bodies.append(response_dict["body"])
    )

    with pytest.raises(ClientError) as caught:
        idp.list_user_pools(MaxResults=1)

    assert json.loads(bodies[0]).keys() == {"__type", "Message"}
    assert code(caught)[0] == "AccessDeniedException"
    assert "is not authorized to perform" in code(caught)[1]


def test_no_signature():
    response = call_raw(IDP + "AdminGetUser", {})

    assert response.status_code == 400
    assert body(response) == {
        "__type": "MissingAuthenticationTokenException",
        "message": "Missing Authentication Token",
    }


def test_an_unknown_key_and_a_foreign_token(client):
    for options in ({"access_key": "AKIAUNKNOWN"}, {"token": "foreign"}, {"access_key": "\u00e4" * 8}):
        with pytest.raises(ClientError) as caught:
            client("cognito-idp", **options).admin_get_user(UserPoolId="a_b", Username="ana")
        assert code(caught) == (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            400,
        )


def test_a_wrong_secret(client):
    with pytest.raises(ClientError) as caught:
        client("cognito-idp", secret="wrong").admin_get_user(UserPoolId="a_b", Username="ana")

    name, message, _ = code(caught)
    assert name == "InvalidSignatureException"
    assert message.startswith("The request signature we calculated does not match")
    assert "'POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:testserver\n" in message
    assert SECRET not in message


class SlowClient(Client):
    """A network that takes six minutes."""

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        with time_machine.travel(datetime(2026, 1, 1, 0, 6, tzinfo=UTC), tick=False):
            return super().generic(*args, **kwargs)


def test_a_stale_signature(client):
    idp = client("cognito-idp", http=SlowClient())

    with (
        time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False),
        pytest.raises(ClientError) as caught,
    ):
        idp.admin_get_user(UserPoolId="a_b", Username="ana")

    assert code(caught)[:2] == (
        "InvalidSignatureException",
        "Signature expired: 20260101T000000Z is now earlier than 20260101T000100Z (20260101T000600Z - 5 min.)",
    )


def test_the_mount_point_is_part_of_what_is_signed(client, calls):
    with override_settings(ROOT_URLCONF="tests.wire.prefixed_urls"):
        client("cognito-idp", endpoint="http://testserver/aws/").admin_get_user(
            UserPoolId="a_b", Username="ana"
        )

    assert len(calls) == 1


def test_what_nobody_foresaw_is_a_500_that_tells_nothing_but_its_id(caplog):
    http = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, "identity.wire"):
        response = call_raw(IDP + "InitiateAuth", SIGN_IN | {"ClientMetadata": {"refuse": "zero"}}, http=http)

    assert response.status_code == 500
    assert body(response) == {
        "__type": "InternalErrorException",
        "message": f"Internal error, request id {response['x-amzn-requestid']}",
    }
    assert "ZeroDivisionError" in caplog.text
    assert response["x-amzn-requestid"] in caplog.text


def test_a_member_that_the_model_does_not_know_fails_in_tests():
    with pytest.raises(AssertionError, match="Misspelt"):
        call_raw(IDP + "SignUp", {"ClientId": "a", "Username": "ana"})


def test_why_goes_to_the_log_only(caplog):
    with caplog.at_level(logging.INFO, "identity.wire"):
        response = call_raw(IDP + "InitiateAuth", SIGN_IN)

    assert "cognito-idp:InitiateAuth: UserNotFoundException (no row)" in caplog.text
    assert b"no row" not in response.content
    assert "no row" not in response["x-amzn-errormessage"]


def test_a_body_that_is_too_large():
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        response = call_raw(IDP + "InitiateAuth", SIGN_IN | {"ClientMetadata": {"a": "b" * 100}})

    assert response.status_code == 413
    assert body(response)["__type"] == "RequestEntityTooLargeException"


def test_header_texts_are_safe_for_headers():
    response = call_raw(IDP + "InitiateAuth", {"AuthFlow": "a\r\nSet-Cookie: x=1\u20ac", "ClientId": "abc"})

    assert "Set-Cookie" not in response.headers
    assert "\n" not in response["x-amzn-errormessage"]
    assert "'a Set-Cookie: x=1 '" in response["x-amzn-errormessage"]
    assert "a\r\nSet-Cookie: x=1\u20ac" in body(response)["message"]


def test_a_preflight():
    asked = "authorization,content-type,x-amz-target,x-amz-user-agent,amz-sdk-invocation-id,cache-control"
    response = Client().options("/", HTTP_ORIGIN="http://app", HTTP_ACCESS_CONTROL_REQUEST_HEADERS=asked)

    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Headers"] == asked
    assert "POST" in response["Access-Control-Allow-Methods"]
    assert response["Access-Control-Max-Age"] == "172800"
    usual = Client().options("/", HTTP_ACCESS_CONTROL_REQUEST_HEADERS="a: b;")
    assert "x-amz-target" in usual["Access-Control-Allow-Headers"]


def test_what_names_no_operation_is_refused_as_aws_does():
    plain = Client().post("/", b"<x/>", "text/xml")
    signed = Client().post("/", b"<x/>", "text/xml", HTTP_AUTHORIZATION="AWS4-HMAC-SHA256 x")

    assert (plain.status_code, signed.status_code) == (403, 403)
    assert plain.content == (
        b"<MissingAuthenticationTokenException>\n  <Message>Missing Authentication Token</Message>\n"
        b"</MissingAuthenticationTokenException>\n"
    )
    assert signed.content == (
        b"<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n"
        b"</AccessDeniedException>\n"
    )


def test_no_csrf_token_is_asked_for():
    http = Client(enforce_csrf_checks=True)

    assert body(call_raw(IDP + "InitiateAuth", SIGN_IN, http=http))["__type"] == "UserNotFoundException"


class Never(BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return False


def test_a_site_may_add_throttles(rf):
    view = endpoint_or(lambda request: None, throttle_classes=[Never])

    request = rf.post(
        "/", json.dumps(SIGN_IN), "application/x-amz-json-1.1", headers={"x-amz-target": IDP + "InitiateAuth"}
    )
    response = view(request)

    assert response.status_code == 400
    assert json.loads(response.content) == {"__type": "TooManyRequestsException", "message": "Rate exceeded"}


def test_calls_of_one_address_can_be_limited(settings: Any) -> None:
    settings.IDENTITY = {**settings.IDENTITY, "CALLS_PER_SECOND": 1}
    with time_machine.travel("2026-01-01T00:00:05Z", tick=False):
        answers = [call_raw(IDP + "InitiateAuth", SIGN_IN).status_code for _ in range(10)]
        refused = call_raw(IDP + "InitiateAuth", SIGN_IN)
        elsewhere = call_raw(IDP + "InitiateAuth", SIGN_IN, REMOTE_ADDR="192.0.2.77")

    assert set(answers) == {400}
    assert body(refused)["__type"] == "TooManyRequestsException"
    assert body(elsewhere)["__type"] == "UserNotFoundException"


def test_every_other_get_goes_to_the_page(rf):
    pages: list[str] = []
    view = endpoint_or(lambda request: pages.append(request.method))

    for request in (rf.get("/"), rf.head("/"), rf.get("/?x=1")):
        view(request)

    assert pages == ["GET", "HEAD", "GET"]


def test_a_get_without_a_page_is_not_found(rf):
    from identity.wire.views import endpoint

    assert endpoint(rf.get("/")).status_code == 404
