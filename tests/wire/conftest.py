"""Services of their own for the wire tests: the real models with a few small functions behind them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings

from identity.core.errors import ServiceError
from identity.wire import service
from identity.wire.errors import AccessDenied
from identity.wire.service import Call, Service
from tests import aws

KEY_ID = "AKIAWIRETESTS0000000"
SECRET = "wire-tests-only-secret-key"
ACCOUNT = "123456789012"
MOMENT = datetime(2019, 1, 12, 21, 2, 25, 777000, tzinfo=UTC)


class UserNotFound(ServiceError):
    code = "UserNotFoundException"
    message = "User does not exist."


class ResourceConflict(ServiceError):
    code = "ResourceConflictException"
    message = "Current SyncCount for: notes is: 2 not: 1"


class IdpRejected(ServiceError):
    code = "IDPRejectedClaimException"
    message = "no <such> claim & more"


@pytest.fixture(autouse=True)
def keys_from_settings() -> Iterator[None]:
    identity = {
        "REGION": "eu-central-1",
        "ACCOUNT_ID": ACCOUNT,
        "CALLERS": "identity.wire.callers.SettingsCallers",
        "ADMIN_ACCESS_KEY_ID": KEY_ID,
        "ADMIN_SECRET_ACCESS_KEY": SECRET,
    }
    with override_settings(IDENTITY=identity, ROOT_URLCONF="identity.urls"):
        yield


@pytest.fixture
def calls() -> list[Call]:
    """The calls that reached a function, in order."""
    return []


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch, calls: list[Call]) -> dict[str, Service]:
    """The four services with functions that show what reached them."""
    monkeypatch.setattr(service, "_services", {})
    idp = Service(
        "cognito-idp", resource=lambda call, request: "*", validation_error="InvalidParameterException"
    )
    identity = Service(
        "cognito-identity", resource=lambda call, request: "*", validation_error="ValidationException"
    )
    sync = Service(
        "cognito-sync", resource=lambda call, request: "*", validation_error="InvalidParameterException"
    )
    sts = Service("sts", resource=lambda call, request: "*", validation_error="ValidationException")
    _register_idp(idp, calls)
    _register_identity(identity, calls)
    _register_sync(sync, calls)
    _register_sts(sts, calls)
    return service.services()


def _register_idp(idp: Service, calls: list[Call]) -> None:
    @idp.operation
    def initiate_auth(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        if request.get("ClientMetadata", {}).get("refuse") == "zero":
            return {"Session": 1 // 0}
        raise UserNotFound(why="no row")

    @idp.operation
    def admin_get_user(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        return {
            "Username": request["Username"],
            "UserCreateDate": MOMENT,
            "Enabled": True,
            "UserStatus": None,
        }

    @idp.operation
    def list_user_pools(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        raise AccessDenied(
            "User: arn:aws:iam::1:user/ana is not authorized to perform: cognito-idp:ListUserPools"
        )

    @idp.operation
    def delete_user(call: Call, request: dict[str, Any]) -> None:
        calls.append(call)

    @idp.operation
    def tag_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        return {}

    @idp.operation
    def sign_up(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        return {"UserConfirmed": False, "UserSub": "x", "Misspelt": 1}


def _register_identity(identity: Service, calls: list[Call]) -> None:
    @identity.operation
    def get_id(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        return {"IdentityId": "us-east-1:11111111-2222-3333-4444-555555555555"}


def _register_sync(sync: Service, calls: list[Call]) -> None:
    @sync.operation
    def list_records(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        record = {
            "Key": "k",
            "Value": json.dumps(request, sort_keys=True),
            "SyncCount": 7,
            "LastModifiedDate": MOMENT,
        }
        return {"Records": [record], "DatasetSyncCount": request.get("LastSyncCount")}

    @sync.operation
    def update_records(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        raise ResourceConflict


def _register_sts(sts: Service, calls: list[Call]) -> None:
    @sts.operation(unchecked=True)
    def get_caller_identity(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        assert call.caller is not None
        return {"UserId": call.caller.user_id, "Account": call.account_id, "Arn": call.caller.arn}

    @sts.operation
    def assume_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        tags = request.get("Tags", [])
        return {
            "Credentials": {
                "AccessKeyId": "ASIAWIRETESTS0000000",
                "SecretAccessKey": "".join(tag["Key"] + tag["Value"] for tag in tags) or "-",
                "SessionToken": str(request.get("DurationSeconds")),
                "Expiration": MOMENT,
            },
            "PackedPolicySize": 6,
        }

    @sts.operation
    def assume_role_with_web_identity(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        raise IdpRejected


@pytest.fixture
def client() -> Any:
    """A function that gives a boto3 client signing with the settings' key."""

    def make(name: str, **options: Any) -> Any:
        return aws.client(name, **{"access_key": KEY_ID, "secret": SECRET} | options)

    return make
