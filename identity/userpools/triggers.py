"""Cognito's triggers: their events, built exactly, and what their answers mean. Never called in a transaction.

Wire words live here. Each function returns at once where the pool has no such trigger.
Source: Cognito developer guide, "Customizing user pool workflows with Lambda triggers"; cognito/triggers §1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from identity.core import invoke
from identity.userpools.errors import InvalidLambdaResponse, UnexpectedLambda, UserLambdaValidation
from identity.userpools.models import User, UserPool, UserPoolClient, pool_settings

# An event is JSON; its values are whatever a trigger may answer.
Json = dict[str, Any]
Metadata = Mapping[str, str] | None

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
ATTEMPTS = 3
TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PreSignUp:
    """What the trigger decided about a new user."""

    auto_confirm: bool = False
    auto_verify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomMessage:
    """Texts that replace the pool's; None keeps the pool's."""

    sms: str | None = None
    email: str | None = None
    email_subject: str | None = None


@dataclass(frozen=True, slots=True)
class GroupConfiguration:
    """What the tokens will say of the user's groups, and what a trigger may replace."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    preferred_role: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimChanges:
    """Changes to one token. A claim both added and suppressed is suppressed."""

    add: Json = field(default_factory=dict)
    suppress: tuple[str, ...] = ()
    scopes_add: tuple[str, ...] = ()
    scopes_suppress: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenOverrides:
    """What a pre token generation trigger answered. ``groups`` None keeps the groups as they are."""

    id_token: ClaimChanges = ClaimChanges()
    access_token: ClaimChanges = ClaimChanges()
    groups: GroupConfiguration | None = None


@dataclass(frozen=True, slots=True)
class _Occasion:
    """One call of a trigger. ``member`` is its name in ``LambdaConfig`` and in error texts."""

    member: str
    source: str
    username: str
    client: UserPoolClient | None = None
    version: str = "1"


def pre_sign_up(
    user: User,
    client: UserPoolClient | None,
    *,
    source: str,
    validation: Metadata = None,
    metadata: Metadata = None,
) -> PreSignUp:
    """Ask about a user who is not stored yet. ``source`` is ``SignUp`` or ``AdminCreateUser``.

    Raises the trigger errors; InvalidLambdaResponse also where it verifies an address the user doesn't have.
    """
    arn = pool_settings.lambda_arn(user.pool, "PreSignUp")
    if arn is None:
        return PreSignUp()
    request = {
        "userAttributes": dict(user.attributes),
        "validationData": dict(validation) if validation else None,
    } | _metadata(metadata)
    response = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    occasion = _Occasion("PreSignUp", f"PreSignUp_{source}", user.username, client)
    answer = _call(user.pool, arn, occasion, request, response)
    verified = {"email": _flag(answer, "autoVerifyEmail"), "phone_number": _flag(answer, "autoVerifyPhone")}
    for attribute, is_verified in verified.items():
        if is_verified and not user.attributes.get(attribute):
            raise InvalidLambdaResponse(f"PreSignUp cannot verify {attribute}: the user has none.")
    return PreSignUp(
        auto_confirm=_flag(answer, "autoConfirmUser"),
        auto_verify=tuple(attribute for attribute, is_verified in verified.items() if is_verified),
    )


def post_confirmation(
    user: User, client: UserPoolClient | None, *, source: str, metadata: Metadata = None
) -> None:
    """Tell that a user is confirmed. ``source`` is ``ConfirmSignUp`` or ``ConfirmForgotPassword``.

    An error reaches the caller but undoes nothing.
    """
    arn = pool_settings.lambda_arn(user.pool, "PostConfirmation")
    if arn is None:
        return
    occasion = _Occasion("PostConfirmation", f"PostConfirmation_{source}", user.username, client)
    _call(user.pool, arn, occasion, {"userAttributes": user_attributes(user)} | _metadata(metadata), {})


def customizes_messages(pool: UserPool) -> bool:
    return pool_settings.lambda_arn(pool, "CustomMessage") is not None


def custom_message(
    user: User,
    client: UserPoolClient | None,
    *,
    source: str,
    is_invitation: bool = False,
    is_link: bool = False,
    metadata: Metadata = None,
) -> CustomMessage:
    """Ask for the texts of a message. ``source`` is ``SignUp``, ``AdminCreateUser``, ``ResendCode``, …

    The caller judges whether the texts will do.
    """
    arn = pool_settings.lambda_arn(user.pool, "CustomMessage")
    if arn is None:
        return CustomMessage()
    request = {
        "userAttributes": user_attributes(user),
        "codeParameter": "{####}",
        "usernameParameter": "{username}" if is_invitation else None,
    } | _metadata(metadata)
    if is_link:
        request["linkParameter"] = "{##Click Here##}"
    response = {"smsMessage": None, "emailMessage": None, "emailSubject": None}
    occasion = _Occasion("CustomMessage", f"CustomMessage_{source}", user.username, client)
    answer = _call(user.pool, arn, occasion, request, response)
    return CustomMessage(
        sms=_text(answer, "smsMessage"),
        email=_text(answer, "emailMessage"),
        email_subject=_text(answer, "emailSubject"),
    )


def pre_authentication(
    user: User | None, client: UserPoolClient, username: str, validation_data: Metadata = None
) -> None:
    """Ask whether a sign-in may go on; an error stops it.

    Asked about unknown users (None) only where the client hides existence. ``username`` is what was typed.
    """
    arn = pool_settings.lambda_arn(client.pool, "PreAuthentication")
    hides = pool_settings.hides_existence(client)
    if arn is None or (user is None and not hides):
        return
    request: Json = {
        "userAttributes": user_attributes(user) if user else {},
        "validationData": dict(validation_data) if validation_data else None,
    }
    if hides:
        request["userNotFound"] = user is None
    name = user.username if user else username
    occasion = _Occasion("PreAuthentication", "PreAuthentication_Authentication", name, client)
    _call(client.pool, arn, occasion, request, {})


def post_authentication(user: User, client: UserPoolClient, metadata: Metadata = None) -> None:
    """Tell of a sign-in that succeeded; an error refuses the tokens."""
    arn = pool_settings.lambda_arn(client.pool, "PostAuthentication")
    if arn is None:
        return
    request: Json = {"userAttributes": user_attributes(user)} | _metadata(metadata)
    if client.pool.settings.get("DeviceConfiguration"):
        request["newDeviceUsed"] = False
    occasion = _Occasion("PostAuthentication", "PostAuthentication_Authentication", user.username, client)
    _call(client.pool, arn, occasion, request, {})


def pre_token_generation(
    user: User | None,
    client: UserPoolClient,
    source: str,
    groups: GroupConfiguration | None,
    scopes: Sequence[str] = (),
    metadata: Metadata = None,
) -> TokenOverrides | None:
    """Ask what the tokens shall say; None where no trigger is set (or none of that version: machines need V3).

    ``source`` is the suffix: ``Authentication``, ``HostedAuth``, ``NewPasswordChallenge``, ``RefreshTokens``,
    ``ClientCredentials`` (then ``user`` is None). Claims that nobody may change are the caller's to ignore.
    """
    trigger = pool_settings.pre_token_generation(client.pool)
    if trigger is None or (user is None and trigger.version != "V3_0"):
        return None
    request: Json = {
        "userAttributes": user_attributes(user) if user else {},
        "groupConfiguration": _group_configuration(groups) if groups else None,
    } | _metadata(metadata)
    is_first_version = trigger.version == "V1_0"
    if not is_first_version:
        request["scopes"] = list(scopes)
    member = "claimsOverrideDetails" if is_first_version else "claimsAndScopeOverrideDetails"
    occasion = _Occasion(
        "PreTokenGeneration",
        f"TokenGeneration_{source}",
        user.username if user else "ClientCredentials",
        client,
        version=trigger.version[1],
    )
    answer = _call(client.pool, trigger.arn, occasion, request, {member: None})
    details = _map(answer, member)
    return _first_version(details) if is_first_version else _later_version(details)


def user_attributes(user: User) -> dict[str, str]:
    """A stored user's attributes as events have them: all strings, with ``sub`` and status."""
    return {"sub": str(user.sub), "cognito:user_status": str(user.status), **user.attributes}


# The call


def _call(pool: UserPool, arn: str, occasion: _Occasion, request: Json, response: Json) -> Json:
    """Invoke and return ``response`` of the answer. Raises the three trigger errors."""
    event = {
        "version": occasion.version,
        "triggerSource": occasion.source,
        "region": pool.region,
        "userPoolId": pool.pk,
        "userName": occasion.username,
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": occasion.client.pk if occasion.client else NO_CLIENT,
        },
        "request": request,
        "response": response,
    }
    try:
        reply = invoke.call(arn, event, attempts=ATTEMPTS, timeout=TIMEOUT_SECONDS)
    except invoke.FunctionError as refused:
        raise UserLambdaValidation(f"{occasion.member} failed with error {refused.message}.") from refused
    except invoke.InvocationFailed as failed:
        raise UnexpectedLambda(
            f"{occasion.member} invocation failed due to error {failed.error_code}."
        ) from failed
    except invoke.Unrecognizable as garbled:
        raise InvalidLambdaResponse() from garbled
    return _response_of(reply)


def _response_of(reply: Json) -> Json:
    """That the whole event came back, the call itself has seen to."""
    response = reply["response"]
    if not isinstance(response, dict):
        raise InvalidLambdaResponse(why="the trigger's response is no object")
    return response


def _metadata(metadata: Metadata) -> Json:
    return {"clientMetadata": dict(metadata)} if metadata else {}


# Reading answers; a null member counts as absent


def _flag(answer: Json, name: str) -> bool:
    value = answer.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidLambdaResponse(why=f"{name} is no boolean")
    return bool(value)


def _text(answer: Json, name: str) -> str | None:
    value = answer.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidLambdaResponse(why=f"{name} is no text")
    return value or None


def _map(answer: Json, name: str) -> Json:
    value = answer.get(name)
    if value is not None and not isinstance(value, dict):
        raise InvalidLambdaResponse(why=f"{name} is no object")
    return value or {}


def _texts(answer: Json, name: str) -> tuple[str, ...]:
    value = answer.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidLambdaResponse(why=f"{name} is no list of texts")
    return tuple(value)


# Pre token generation

MOST_CHANGES = 5_000


def _group_configuration(groups: GroupConfiguration) -> Json:
    return {
        "groupsToOverride": list(groups.groups),
        "iamRolesToOverride": list(groups.roles),
        "preferredRole": groups.preferred_role,
    }


def _first_version(details: Json) -> TokenOverrides:
    """Version 1 changes the ID token only; its values are texts."""
    changes = _changes(details)
    if not all(isinstance(value, str) for value in changes.add.values()):
        raise InvalidLambdaResponse(why="a claim of version 1 is no text")
    return _limited(TokenOverrides(id_token=changes, groups=_groups(details)))


def _later_version(details: Json) -> TokenOverrides:
    return _limited(
        TokenOverrides(
            id_token=_changes(_map(details, "idTokenGeneration")),
            access_token=_changes(_map(details, "accessTokenGeneration")),
            groups=_groups(details),
        )
    )


def _changes(details: Json) -> ClaimChanges:
    scopes_add = _texts(details, "scopesToAdd")
    if any(not scope or scope.split() != [scope] for scope in scopes_add):
        raise InvalidLambdaResponse(why="a scope contains a blank")
    return ClaimChanges(
        add=_map(details, "claimsToAddOrOverride"),
        suppress=_texts(details, "claimsToSuppress"),
        scopes_add=scopes_add,
        scopes_suppress=_texts(details, "scopesToSuppress"),
    )


def _groups(details: Json) -> GroupConfiguration | None:
    """An absent member keeps the groups, an empty object drops them."""
    if details.get("groupOverrideDetails") is None:
        return None
    override = _map(details, "groupOverrideDetails")
    return GroupConfiguration(
        groups=_texts(override, "groupsToOverride"),
        roles=_texts(override, "iamRolesToOverride"),
        preferred_role=_text(override, "preferredRole"),
    )


def _limited(overrides: TokenOverrides) -> TokenOverrides:
    count = sum(
        len(changes.add) + len(changes.suppress) + len(changes.scopes_add) + len(changes.scopes_suppress)
        for changes in (overrides.id_token, overrides.access_token)
    )
    if count > MOST_CHANGES:
        raise InvalidLambdaResponse(why=f"{count} changes are more than {MOST_CHANGES}")
    return overrides
