import subprocess
import sys

import pytest

from identity.wire import model
from identity.wire.service import Service


@pytest.mark.parametrize(
    ("wire", "snake"),
    [
        ("ConfirmSignUp", "confirm_sign_up"),
        ("SetUserMFAPreference", "set_user_mfa_preference"),
        ("AdminGetUser", "admin_get_user"),
        ("GetCSVHeader", "get_csv_header"),
        ("SetUICustomization", "set_ui_customization"),
        ("AssumeRoleWithSAML", "assume_role_with_saml"),
        ("GetOpenIdToken", "get_open_id_token"),
        ("DescribeUserPoolDomain", "describe_user_pool_domain"),
    ],
)
def test_function_names(wire, snake):
    assert model.snake(wire) == snake


def test_every_operation_has_a_function_name_of_its_own():
    for name in model.SERVICES:
        operations = model.load(name)["operations"]
        assert len({model.snake(operation) for operation in operations}) == len(operations)


def test_an_unknown_service_is_named():
    with pytest.raises(model.UnknownService, match="no-such-service"):
        model.load("no-such-service")


def test_botocore_is_not_imported_for_its_models():
    code = (
        "import sys; from identity.wire import model; [model.load(name) for name in model.SERVICES];"
        "sys.exit('botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _service() -> Service:
    return Service(
        "cognito-idp", resource=lambda call, request: "*", validation_error="InvalidParameterException"
    )


def test_a_misspelt_operation_fails_at_import():
    idp = _service()

    with pytest.raises(LookupError, match="confirm_signup"):

        @idp.operation
        def confirm_signup(call, request):
            return {}


def test_an_operation_is_registered_once():
    idp = _service()

    def confirm_sign_up(call, request):
        return {}

    idp.operation(confirm_sign_up)
    with pytest.raises(LookupError, match="twice"):
        idp.operation(confirm_sign_up)


def test_the_model_says_who_needs_no_signature():
    idp = _service()

    assert sum(idp.is_unsigned(name) for name in idp.operation_names) == 34
    assert not idp.is_unsigned("GetClientToken")
