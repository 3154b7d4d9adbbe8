"""The query protocol through the wire."""

from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError
from django.core.exceptions import TooManyFieldsSent
from django.test import Client

from identity.wire import model, query, rendering
from identity.wire.compile import Inputs
from identity.wire.responses import Outputs
from tests.wire.conftest import ACCOUNT, KEY_ID, SECRET

FORM = "application/x-www-form-urlencoded; charset=utf-8"
VERSION = {"Version": "2011-06-15"}


def post(**fields: str) -> Any:
    return Client().post("/", urlencode(fields), FORM)


def test_a_signed_call(client, calls):
    answer = client("sts").get_caller_identity()

    assert answer["Account"] == ACCOUNT
    assert answer["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert calls[0].caller.access_key_id == KEY_ID


def test_nested_input_and_the_document_of_a_success(client):
    bodies: list[bytes] = []
    sts = client("sts")
    sts.meta.events.register(
        "response-received.*", lambda response_dict, **_: bodies.append(response_dict["body"])
    )

    answer = sts.assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/reader",
        RoleSessionName="ana",
        DurationSeconds=900,
        Tags=[{"Key": "team", "Value": "=a b/"}, {"Key": "x", "Value": ""}],
    )

    assert answer["Credentials"]["SecretAccessKey"] == "team=a b/x"
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert (
        bodies[0].decode()
        == f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <Credentials>
      <AccessKeyId>ASIAWIRETESTS0000000</AccessKeyId>
      <Expiration>2019-01-12T21:02:25Z</Expiration>
      <SecretAccessKey>team=a b/x</SecretAccessKey>
      <SessionToken>900</SessionToken>
    </Credentials>
    <PackedPolicySize>6</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>{request_id}</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
"""
    )


def test_an_error_byte_for_byte():
    response = post(
        Action="AssumeRoleWithWebIdentity",
        **VERSION,
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/reader",
        RoleSessionName="ana",
        WebIdentityToken="abcd",
    )

    assert response.status_code == 403
    assert response["Content-Type"] == "text/xml"
    assert (
        response.content.decode()
        == f"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>IDPRejectedClaim</Code>
    <Message>no &lt;such&gt; claim &amp; more</Message>
  </Error>
  <RequestId>{response["x-amzn-requestid"]}</RequestId>
</ErrorResponse>
"""
    )


@pytest.mark.parametrize(
    ("options", "expected", "message"),
    [
        ({"secret": "wrong"}, "SignatureDoesNotMatch", "Consult the service documentation for details."),
        (
            {"access_key": "AKIAUNKNOWN"},
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
    ],
)
def test_refused_signatures(client, options, expected, message):
    with pytest.raises(ClientError) as caught:
        client("sts", **options).get_caller_identity()

    error = caught.value.response
    assert error["Error"]["Code"] == expected
    assert error["Error"]["Message"].endswith(message)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_no_signature():
    response = post(Action="GetCallerIdentity", **VERSION)

    assert response.status_code == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in response.content
    assert b"<Message>Request is missing Authentication Token</Message>" in response.content


def test_incomplete_signatures_are_400():
    response = Client().post(
        "/",
        urlencode({"Action": "GetCallerIdentity"} | VERSION),
        FORM,
        HTTP_AUTHORIZATION="AWS4-HMAC-SHA256 a=b",
    )

    assert response.status_code == 400
    assert b"<Code>IncompleteSignature</Code>" in response.content


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Action": "Nothing"}, "Could not find operation Nothing for version NO_VERSION_SPECIFIED"),
        (
            {"Action": "GetCallerIdentity"},
            "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED",
        ),
        ({"Action": "A", "Version": "2010-05-08"}, "Could not find operation A for version 2010-05-08"),
    ],
)
def test_unknown_actions(fields, message):
    response = post(**fields)

    assert response.status_code == 400
    assert f"<Code>InvalidAction</Code>\n    <Message>{message}</Message>".encode() in response.content


def test_validation(client):
    with pytest.raises(ClientError) as caught:
        client("sts", checked=False).assume_role(RoleArn="arn:aws:iam::1:role/reader", RoleSessionName="a b")

    assert caught.value.response["Error"] == {
        "Type": "Sender",
        "Code": "ValidationError",
        "Message": "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint:"
        r" Member must satisfy regular expression pattern: [\w+=,.@-]*",
    }


def test_not_built():
    response = post(Action="GetSessionToken", **VERSION)

    assert response.status_code == 400
    assert (
        b"<Code>NotImplementedException</Code>\n    <Message>GetSessionToken is not built yet</Message>"
        in (response.content)
    )


def test_get_and_presigned_addresses(client, calls):
    url = client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")

    response = Client().get(url.replace("http://testserver", ""), HTTP_HOST="testserver")

    assert response.status_code == 200
    assert b"<GetCallerIdentityResult>" in response.content
    assert len(calls) == 1
    refused = Client().get(url.replace("http://testserver", "") + "0", HTTP_HOST="testserver")
    assert b"<Code>SignatureDoesNotMatch</Code>" in refused.content


@pytest.mark.parametrize(
    "fields",
    [
        {"DurationSeconds": "soon"},
        {"DurationSeconds": "9" * 30},
        {"DurationSeconds": "\u0663"},
        {"RoleSessionName": "\x00"},
        {"Tags.member.1": "x"},
        {"Tags.member.x.Key": "x"},
        {"Tags.member.999999999999.Key": "x"},
        {"PolicyArns.member.1.arn.arn": "x"},
    ],
)
def test_malformed_fields_are_refused_or_passed_over(fields):
    body = {
        "Action": "AssumeRoleWithWebIdentity",
        "RoleArn": "arn:aws:iam::1:role/r",
        "WebIdentityToken": "abcd",
    }
    response = Client().post("/", urlencode(body | VERSION | {"RoleSessionName": "ana"} | fields), FORM)

    assert response.status_code in (400, 403)


def test_a_form_that_is_no_text():
    response = Client().post("/", b"Action=\xff&Version=%ff", FORM)

    assert response.status_code == 400
    assert b"<Code>MalformedInput</Code>" in response.content


@pytest.mark.parametrize("count", [900, 1_900, 2_100])
def test_a_query_string_of_many_fields_gets_the_protocols_answer(count):
    """More than Django reads, which would answer a page."""
    fields = urlencode(VERSION | {f"f{number}": "" for number in range(count)})

    for name in ("Action", "%41ction"):
        answer = Client().get(f"/?{name}=GetCallerIdentity&{fields}")

        assert answer["Content-Type"] == "text/xml"
        assert (b"<Code>MalformedInput</Code>" in answer.content) is (count > 2_000)
        assert (b"<Code>MissingAuthenticationToken</Code>" in answer.content) is (count < 2_000)


def test_what_django_suspects_is_the_protocols_error(client, monkeypatch):
    def read(request):
        raise TooManyFieldsSent

    monkeypatch.setattr(query, "read_fields", read)

    with pytest.raises(ClientError) as caught:
        client("sts").get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "MalformedInput"


def test_control_characters_cannot_break_the_document():
    response = post(Action="\x01\ud7ff<b>", **VERSION)

    assert b"\x01" not in response.content
    assert "\ufffd\ud7ff&lt;b&gt;".encode() in response.content


def test_the_secret_is_in_no_answer(client):
    with pytest.raises(ClientError) as caught:
        client("sts", secret=SECRET + "x").get_caller_identity()
    assert SECRET not in str(caught.value.response)


def test_an_operation_without_output_answers_no_result():
    answer = rendering.query_answer("DeleteRole", "https://iam.amazonaws.com/doc/2010-05-08/", None, "1")

    assert answer.content.decode() == (
        '<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">\n'
        "  <ResponseMetadata>\n    <RequestId>1</RequestId>\n  </ResponseMetadata>\n</DeleteRoleResponse>\n"
    )


def test_maps_are_entries():
    iam = Outputs(model.load("iam"))

    shaped = iam.shape("GetAccountSummary")({"SummaryMap": {"Users": 2}})
    answer = rendering.query_answer("GetAccountSummary", "urn:x", shaped, "1").content.decode()

    assert "<SummaryMap>\n      <entry>\n        <key>Users</key>\n        <value>2</value>" in answer


def test_maps_and_empty_lists_are_read():
    shapes = {
        "Input": {"type": "structure", "members": {"Map": {"shape": "Map"}, "List": {"shape": "List"}}},
        "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        "List": {"type": "list", "member": {"shape": "Text"}},
        "Text": {"type": "string"},
    }

    def read(**fields):
        return query.read_structure(shapes, "Input", fields, "")

    assert read(**{"Map.entry.2.key": "b", "Map.entry.2.value": "2", "Map.entry.1.key": "a"}) == {
        "Map": {"a": None, "b": "2"}
    }
    assert read(**{"Map.entry.1.value": "lost"}) == {"Map": {}}
    assert read(List="", Map="") == {"List": [], "Map": {}}
    assert read(List="x") == {}


def test_an_operation_without_input_takes_none():
    validate = Inputs("iam", model.load("iam"), "ValidationException").validate("GetAccountSummary")

    assert validate({"Unheard": "x"}) == {}
