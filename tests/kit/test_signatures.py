"""``SigV4Authentication`` and the permissions: signed requests, groups, scopes, policies, and their combinations."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test.client import FakePayload

from identity.core import clock
from identity.iam import credentials, denials, keys, roles
from identity.iam.models import User, UserPolicy
from identity.kit.permissions import HasGroup, HasScope
from tests import aws
from tests.identitypools import world
from tests.kit.conftest import Get, signed

Token = Callable[..., str]
PUBLIC = "arn:aws:execute-api:us-east-1:000000000000:notes/GET/public"
POOL, IDENTITY = (
    "us-east-1:00000000-0000-4000-8000-000000000001",
    "us-east-1:00000000-0000-4000-8000-000000000002",
)


@pytest.fixture
def reader(db: None) -> keys.NewKey:
    """The key of an IAM user who may read what is public."""
    user = User.objects.create(name="reader")
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": PUBLIC}
    UserPolicy.objects.create(
        user=user, name="read", document=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    return keys.create(user)


def identity_credentials(
    *methods: str, role_name: str = "known", session_policy: dict[str, str] | None = None, **terms_of: Any
) -> credentials.Credentials:
    """What an identity pool gives."""
    role = roles.find(f"arn:aws:iam::000000000000:role/{role_name}") or world.role(
        role_name, POOL, allow="execute-api:Invoke", resource=PUBLIC
    )
    policies = json.dumps({"Version": "2012-10-17", "Statement": session_policy})
    prefix = "cognito-identity.amazonaws.com"
    claims = {f"{prefix}:aud": POOL, f"{prefix}:sub": IDENTITY, f"{prefix}:amr": list(methods)}
    given = (policies,) if session_policy else ()
    terms = credentials.Terms(claims=claims, provider=prefix, policies=given, **terms_of)
    return credentials.issue(
        role, session_name="CognitoIdentityCredentials", duration=timedelta(hours=1), terms=terms
    )


def test_an_access_key_comes_in(reader: keys.NewKey) -> None:
    answered = signed("/signed", reader.key_id, reader.secret).json()

    assert answered["user"] == answered["arn"] == "arn:aws:iam::000000000000:user/reader"
    assert answered["kind"] == "signature"
    assert answered["id"].startswith("AIDA")


def test_an_identitys_credentials_name_the_identity(db: None) -> None:
    given = identity_credentials("authenticated", "login.example")

    answered = signed("/signed", given.access_key_id, given.secret_access_key, given.session_token).json()

    assert answered["id"] == answered["pk"] == IDENTITY
    assert answered["arn"] == "arn:aws:sts::000000000000:assumed-role/known/CognitoIdentityCredentials"


@pytest.mark.parametrize(
    ("methods", "seen"),
    [
        (("unauthenticated",), {"is_guest": True, "provider": None, "sub": None}),
        (("authenticated", "login.example"), {"is_guest": False, "provider": "login.example", "sub": None}),
        (
            ("authenticated", "cognito-idp.x/p_1", "cognito-idp.x/p_1:CognitoSignIn:5e1f"),
            {"is_guest": False, "provider": "cognito-idp.x/p_1", "sub": "5e1f"},
        ),
        (
            ("authenticated", "login.dev", "login.dev:us-east-1:pool:bob:CognitoSignIn:victim"),
            {"is_guest": False, "provider": "login.dev", "sub": None},
        ),
        (
            ("authenticated", "idp.x", "arn:aws:iam::0:oidc-provider/idp.x:OIDC:bob:CognitoSignIn:victim"),
            {"is_guest": False, "provider": "idp.x", "sub": None},
        ),
    ],
)
def test_the_identity_is_seen_whole(db: None, methods: tuple[str, ...], seen: dict[str, Any]) -> None:
    given = identity_credentials(*methods, tags={"department": "legal"})

    answered = signed("/signed", given.access_key_id, given.secret_access_key, given.session_token).json()

    assert {name: answered[name] for name in seen} == seen
    assert (answered["identity_id"], answered["identity_pool_id"]) == (IDENTITY, POOL)
    assert answered["principal_tags"] == {"department": "legal"}


def test_an_iam_user_is_no_identity(reader: keys.NewKey) -> None:
    answered = signed("/signed", reader.key_id, reader.secret).json()

    for name in ("identity_id", "identity_pool_id", "is_guest", "provider", "sub"):
        assert answered[name] is None
    assert answered["principal_tags"] == {}


def error_of(response: Any) -> tuple[int, str, str]:
    return response.status_code, response["x-amzn-ErrorType"], response.json()["message"]


def test_what_a_wrong_signature_is_told(reader: keys.NewKey) -> None:
    wrong = error_of(signed("/signed", reader.key_id, "not the secret"))
    unknown = error_of(signed("/signed", "AKIAUNKNOWNUNKNOWN22", reader.secret))
    service = error_of(signed("/signed", reader.key_id, reader.secret, service="s3"))

    assert wrong[:2] == (403, "InvalidSignatureException")
    assert wrong[2].startswith(
        "The request signature we calculated does not match the signature you provided."
    )
    message = "The security token included in the request is invalid."
    assert unknown == (403, "UnrecognizedClientException", message)
    assert service[:2] == (403, "InvalidSignatureException")
    assert "Credential should be scoped to correct service: 'execute-api'." in service[2]


def test_expired_credentials_are_told_so(db: None) -> None:
    given = identity_credentials("unauthenticated")

    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=2)):
        answered = error_of(
            signed("/signed", given.access_key_id, given.secret_access_key, given.session_token)
        )

    message = "The security token included in the request is expired"
    assert answered == (403, "ExpiredTokenException", message)


def test_service_and_regions_of_a_class(reader: keys.NewKey) -> None:
    there = {"service": "notes", "region": "eu-west-1"}

    assert signed("/other", reader.key_id, reader.secret, **there).status_code == 200
    refused = signed("/other", reader.key_id, reader.secret, **{**there, "region": "us-east-1"})
    assert "Credential should be scoped to a valid region" in error_of(refused)[2]


@pytest.mark.parametrize("service", ["notes", "books"])
def test_a_class_of_several_services_takes_each(reader: keys.NewKey, service: str) -> None:
    assert signed("/several", reader.key_id, reader.secret, service=service).status_code == 200


@pytest.mark.parametrize("service", ["note", "execute-api", "sts"])
def test_a_refusal_tells_of_the_first_of_several_services(reader: keys.NewKey, service: str) -> None:
    refused = signed("/several", reader.key_id, reader.secret, service=service)

    message = "Credential should be scoped to correct service: 'notes'. "
    assert error_of(refused) == (403, "InvalidSignatureException", message)


def post_signed(path: str, by: keys.NewKey) -> Any:
    """200 bytes, signed."""
    key = by.key_id, by.secret
    return aws.sign_and_send("POST", f"http://testserver{path}", {}, b"a" * 200, key, service="execute-api")


def test_a_signed_body_that_is_too_large_is_told_so(reader: keys.NewKey, settings: Any) -> None:
    paths = ("/signed", "/plain/a")
    assert [post_signed(path, reader).status_code for path in paths] == [200, 200]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    for path in paths:
        refused = post_signed(path, reader)

        assert refused.status_code == 413
        assert refused["Content-Type"] == "application/json"
        assert refused["x-amzn-ErrorType"] == "RequestEntityTooLargeException"
        assert refused.json() == {"message": "Request entity too large"}


def test_a_signed_body_that_breaks_off_is_a_bad_request(
    reader: keys.NewKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> bytes:
        raise OSError("connection reset")

    monkeypatch.setattr(FakePayload, "read", read)

    assert post_signed("/signed", reader).status_code == 400


def test_an_unsigned_request_is_unauthenticated(get: Get, db: None) -> None:
    answered = get("/signed")

    assert answered.status_code == 401
    assert answered["WWW-Authenticate"] == "AWS4-HMAC-SHA256"
    assert get("/signed", "token").status_code == 401


def test_policies_decide_by_the_views_arguments(reader: keys.NewKey) -> None:
    assert signed("/notes/public", reader.key_id, reader.secret).status_code == 200

    refused = signed("/notes/private", reader.key_id, reader.secret)

    assert refused.status_code == 403
    assert refused["x-amzn-ErrorType"] == "AccessDeniedException"
    assert refused.json() == {
        "message": "User: arn:aws:iam::000000000000:user/reader is not authorized to perform: execute-api:Invoke "
        "on resource: arn:aws:execute-api:us-east-1:000000000000:notes/GET/private "
        "because no identity-based policy allows the execute-api:Invoke action"
    }


def test_a_refusal_by_policies_carries_its_sealed_reasons(reader: keys.NewKey) -> None:
    header = "x-amzn-authorization-message"
    refused = signed("/notes/private", reader.key_id, reader.secret)

    told = json.loads(denials.decode(refused[header]))

    assert told["context"]["resource"].endswith("notes/GET/private")
    assert told["context"]["principal"]["arn"] == "arn:aws:iam::000000000000:user/reader"
    assert header not in signed("/notes/public", reader.key_id, reader.secret)
    assert header not in signed("/notes/private", reader.key_id, "not the secret")
    # refused by the first of two alternatives, let in by the second
    assert header not in signed("/twice/public", reader.key_id, reader.secret)


def test_an_argument_is_never_a_pattern(reader: keys.NewKey) -> None:
    assert signed("/notes/*", reader.key_id, reader.secret).status_code == 403


def test_policies_decide_by_method_and_function(reader: keys.NewKey) -> None:
    def ask(method: str) -> int:
        status: int = signed("/shelf?shelf=public", reader.key_id, reader.secret, method=method).status_code
        return status

    assert ask("GET") == ask("HEAD") == 200
    assert ask("POST") == 403


def test_policies_decide_by_the_object(reader: keys.NewKey) -> None:
    assert signed("/objects/public", reader.key_id, reader.secret).status_code == 200
    refused = signed("/objects/private", reader.key_id, reader.secret)

    assert refused.json()["message"].endswith("allows the execute-api:Invoke action")
    assert refused["x-amzn-ErrorType"] == "AccessDeniedException"


def test_object_permissions_compose(reader: keys.NewKey, access: Token, get: Get) -> None:
    assert signed("/composed/public", reader.key_id, reader.secret).status_code == 200
    assert signed("/composed/private", reader.key_id, reader.secret).status_code == 403
    assert get("/composed/private", access(**{"cognito:groups": ["admins"]})).status_code == 200
    assert get("/composed/public", access()).status_code == 403


def test_who_comes_in_by_an_alternative_is_told_of_no_error(reader: keys.NewKey) -> None:
    answered = signed("/alternative/private", reader.key_id, reader.secret)

    assert answered.status_code == 200
    assert "x-amzn-ErrorType" not in answered


def test_a_plain_view_is_guarded_alike(reader: keys.NewKey, access: Token, get: Get) -> None:
    admin = access(**{"cognito:groups": ["admins"]})

    assert get("/plain/public", admin).content == b"GET public by ana@pool "
    by_key = signed("/plain/x", reader.key_id, reader.secret, method="POST")
    assert by_key.content == b"POST x by arn:aws:iam::000000000000:user/reader "
    assert get("/plain/public", access()).status_code == 403
    assert get("/plain/public").status_code == 401
    assert get("/somebody", access()).content == b"token"
    assert get("/somebody").status_code == 401


def test_policies_may_ask_about_the_request(reader: keys.NewKey) -> None:
    statement = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.1"}},
    }
    UserPolicy.objects.create(
        user=User.objects.get(),
        name="deny",
        document=json.dumps({"Version": "2012-10-17", "Statement": statement}),
    )

    refused = signed("/notes/public", reader.key_id, reader.secret)

    assert refused.json()["message"].endswith("with an explicit deny in an identity-based policy")


def test_sessions_of_a_deleted_role_end(db: None) -> None:
    given = identity_credentials("authenticated")
    role = roles.find("arn:aws:iam::000000000000:role/known")
    assert role is not None
    role.delete()

    answered = signed("/signed", given.access_key_id, given.secret_access_key, given.session_token)

    assert error_of(answered)[1] == "UnrecognizedClientException"


def test_a_token_is_no_signature(access: Token, get: Get) -> None:
    refused = get("/tokens/public", access())

    assert refused.status_code == 403
    assert refused.json() == {"detail": "A signed request is required."}


@pytest.mark.parametrize(
    ("path", "claims", "status"),
    [
        ("/admins", {"cognito:groups": ["admins"]}, 200),
        ("/admins", {"cognito:groups": ["readers", "owners"]}, 200),
        ("/admins", {"cognito:groups": ["readers"]}, 403),
        ("/admins", {"cognito:groups": "admins"}, 403),
        ("/admins", {}, 403),
        ("/scoped", {"scope": "openid notes/read"}, 200),
        ("/scoped", {"scope": "openid notes/readers"}, 403),
        ("/scoped", {"scope": None}, 403),
        ("/both", {"scope": "notes/read"}, 200),
        ("/both", {"scope": "notes/read", "cognito:groups": ["banned"]}, 403),
        ("/both", {"cognito:groups": ["admins"]}, 403),
        ("/either/public", {"scope": "notes/read"}, 200),
        ("/either/public", {"scope": "openid"}, 403),
    ],
)
def test_groups_and_scopes(access: Token, get: Get, path: str, claims: dict[str, Any], status: int) -> None:
    assert get(path, access(**claims)).status_code == status


def test_an_id_token_has_no_scopes(user_pool: world.UserPool, get: Get, settings: Any) -> None:
    settings.IDENTITY_KIT = {**settings.IDENTITY_KIT, "TOKEN_USE": ["id", "access"]}

    assert get("/scoped", user_pool.token(scope="notes/read")).status_code == 403


def test_either_way_in(reader: keys.NewKey) -> None:
    assert signed("/either/public", reader.key_id, reader.secret).status_code == 200
    assert signed("/either/private", reader.key_id, reader.secret).status_code == 403


def test_nobody_is_asked_to_sign_in(get: Get, db: None) -> None:
    for path in ("/admins", "/scoped", "/both", "/either/public"):
        assert get(path).status_code == 401


def test_where_anybody_may_come_in_nobody_is_none(reader: keys.NewKey, access: Token, get: Get) -> None:
    assert get("/open").json() == {"kind": None}
    assert get("/open", access()).json() == {"kind": "token"}
    assert signed("/open", reader.key_id, reader.secret).json() == {"kind": "signature"}
    assert get("/open", "x").status_code == 401


def test_a_permission_of_nothing_is_a_mistake() -> None:
    for factory in (HasGroup, HasScope):
        with pytest.raises(ValueError, match="at least one"):
            factory()


@pytest.mark.parametrize(
    "path",
    [
        "us-east-1%3Aabc",
        "us-east-1:abc",
        "us-east-1:abc%20%C3%A4",
        "a+b%20c",
        "a@b,c;(d)%20",
        "a%c3%a9",
        "a:%c3%a9",
        "[a]|b%20",
    ],
)
def test_paths_count_however_the_client_encodes_them(admin_key: tuple[str, str], path: str) -> None:
    """SDKs encode all that is reserved; browsers' URL, and so Amplify's API client, leave it as it is."""
    assert signed(f"/notes/{path}", *admin_key).status_code == 200
