import io

import pytest
from django.core.management import CommandError, call_command

from identity.wire import model, stubs


def run(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_the_stubs_are_those_of_the_models():
    call_command("wire_stubs", "--check")


def test_a_stale_stub_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(stubs, "FOLDER", tmp_path)
    with pytest.raises(CommandError, match="out of date"):
        call_command("wire_stubs", "--check")

    call_command("wire_stubs", stdout=io.StringIO())

    call_command("wire_stubs", "--check")
    assert len(list(tmp_path.iterdir())) == len(model.SERVICES)


def test_required_members_are_required_of_inputs_only():
    text = (stubs.FOLDER / "cognito_idp.pyi").read_text()

    request = text.partition("class ConfirmSignUpRequest(TypedDict):")[2].partition("\n\n")[0]
    assert "    ClientId: str\n" in request
    assert "    SecretHash: NotRequired[str]\n" in request
    answer = text.partition("class SignUpResponse(TypedDict):")[2].partition("\n\n")[0]
    assert "    UserSub: NotRequired[str]" in answer


def test_one_operation_by_either_name():
    for name in ("InitiateAuth", "initiate_auth"):
        text = run("operations", name)
        assert text.startswith("cognito-idp:InitiateAuth\n  function  tests/wire/conftest.py:")
        assert "callers   anyone" in text
        assert "NotAuthorizedException" in text
        assert "state     built" in text
        assert "test      tests/wire/test_json11.py:" in text


def test_who_may_call():
    assert "a signed caller allowed cognito-idp:AdminGetUser" in run("operations", "AdminGetUser")
    assert "a user's access token" in run("operations", "DeleteUser")
    assert "any signed caller" in run("operations", "GetCallerIdentity")


def test_an_operation_that_is_not_built_has_a_reason():
    assert "state     not built: terms documents" in run("operations", "CreateTerms")


def test_all_operations():
    assert "of 192 operations are built" in run("operations")


def test_an_unknown_operation():
    with pytest.raises(CommandError, match="named Nothing"):
        run("operations", "Nothing")
