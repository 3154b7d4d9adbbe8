import logging
from datetime import UTC, datetime

import pytest

from identity.wire import model, responses
from identity.wire.responses import Outputs, WrongAnswer

IDP = Outputs(model.load("cognito-idp"))
STS = Outputs(model.load("sts"))
MOMENT = datetime(2019, 1, 12, 21, 2, 25, 777000, tzinfo=UTC)


def test_members_are_in_alphabetical_order_and_unset_ones_left_out():
    shape = IDP.shape("AdminGetUser")
    assert shape is not None

    shaped = shape({"Username": "ana", "UserStatus": None, "Enabled": False, "UserCreateDate": MOMENT})

    assert list(shaped.items()) == [
        ("Enabled", False),
        ("UserCreateDate", 1547326945.777),
        ("Username", "ana"),
    ]


def test_query_services_write_times_as_text():
    shape = STS.shape("AssumeRole")
    assert shape is not None

    assert shape({"Credentials": {"Expiration": MOMENT}}) == {
        "Credentials": {"Expiration": "2019-01-12T21:02:25Z"}
    }


def test_operations_without_output_have_no_shape():
    assert IDP.shape("DeleteUser") is None
    assert IDP.shape("TagResource") is not None


@pytest.mark.parametrize(
    "given",
    [
        {"Misspelt": 1},
        {"Username": 5},
        {"Enabled": 1},
        {"UserAttributes": {"Name": "a"}},
        {"UserAttributes": "ab"},
        {"UserAttributes": [{"name": "a"}]},
        [],
    ],
)
def test_a_wrong_answer_raises_in_tests_and_is_mended_and_logged_otherwise(given, monkeypatch, caplog):
    shape = IDP.shape("AdminGetUser")
    assert shape is not None
    with pytest.raises(WrongAnswer):
        shape(given)

    monkeypatch.setattr(responses, "strict", False)
    with caplog.at_level(logging.ERROR, "identity.wire"):
        assert "Misspelt" not in shape(given)
    assert "wrong answer" in caplog.text


def test_blobs_are_base64_and_maps_keep_their_keys():
    shape = IDP.shape("DescribeManagedLoginBranding")
    assert shape is not None
    asset = {"Category": "FAVICON_ICO", "ColorMode": "LIGHT", "Extension": "ICO", "Bytes": b"\x00\x01"}

    shaped = shape({"ManagedLoginBranding": {"Assets": [asset], "Settings": {"z": 1, "a": {"deep": None}}}})

    assert shaped["ManagedLoginBranding"]["Assets"][0]["Bytes"] == "AAE="
    assert shaped["ManagedLoginBranding"]["Settings"] == {"z": 1, "a": {"deep": None}}
