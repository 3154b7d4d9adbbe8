"""Typed reading of what behaviour depends on in ``UserPool.settings`` and ``UserPoolClient.settings``.

Both columns hold members in wire shape, unset ones left out; the defaults of an unset member stand here, once.
Functions of a pool come first, those of an app client after them.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from identity.userpools.models.clients import UserPoolClient
from identity.userpools.models.pools import UserPool

PASSWORDLESS = frozenset({"EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"})
"""The first factors by which somebody signs in without a password."""

# Pools: who may sign up and sign in, and how


class Tier(StrEnum):
    LITE = "LITE"
    ESSENTIALS = "ESSENTIALS"
    PLUS = "PLUS"


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """``history_size`` former passwords (the present one counts) may not come back; 0 keeps none."""

    minimum_length: int
    require_uppercase: bool
    require_lowercase: bool
    require_numbers: bool
    require_symbols: bool
    history_size: int
    temporary_password_validity: timedelta


def password_policy(pool: UserPool) -> PasswordPolicy:
    policy = pool.settings.get("Policies", {}).get("PasswordPolicy", {})
    return PasswordPolicy(
        minimum_length=policy.get("MinimumLength", 8),
        require_uppercase=policy.get("RequireUppercase", True),
        require_lowercase=policy.get("RequireLowercase", True),
        require_numbers=policy.get("RequireNumbers", True),
        require_symbols=policy.get("RequireSymbols", True),
        history_size=policy.get("PasswordHistorySize", 0),
        temporary_password_validity=timedelta(days=policy.get("TemporaryPasswordValidityDays", 7)),
    )


def allowed_first_factors(pool: UserPool) -> tuple[str, ...]:
    """``PASSWORD``, ``EMAIL_OTP``, ``SMS_OTP``, ``WEB_AUTHN`` as USER_AUTH may offer them."""
    policy = pool.settings.get("Policies", {}).get("SignInPolicy", {})
    return tuple(policy.get("AllowedFirstAuthFactors", ("PASSWORD",)))


def lets_in_without_password(pool: UserPool) -> bool:
    """Whether any of the pool's first factors is a code or a passkey."""
    return not PASSWORDLESS.isdisjoint(allowed_first_factors(pool))


def tier(pool: UserPool) -> Tier:
    return Tier(pool.settings.get("UserPoolTier", Tier.ESSENTIALS))


def is_deletion_protected(pool: UserPool) -> bool:
    return bool(pool.settings.get("DeletionProtection") == "ACTIVE")


def mfa_configuration(pool: UserPool) -> str:
    """``OFF``, ``ON`` or ``OPTIONAL``."""
    return str(pool.settings.get("MfaConfiguration", "OFF"))


def only_admins_create_users(pool: UserPool) -> bool:
    return bool(pool.settings.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False))


def username_attributes(pool: UserPool) -> frozenset[str]:
    """``email`` and/or ``phone_number`` where they are the username itself; excludes alias attributes."""
    return frozenset(pool.settings.get("UsernameAttributes", ()))


def alias_attributes(pool: UserPool) -> frozenset[str]:
    """``email``, ``phone_number``, ``preferred_username`` where they sign in beside the username."""
    return frozenset(pool.settings.get("AliasAttributes", ()))


def is_case_sensitive(pool: UserPool) -> bool:
    """True unless the pool said otherwise at creation: the API's default, unlike the console's."""
    return bool(pool.settings.get("UsernameConfiguration", {}).get("CaseSensitive", True))


def auto_verified_attributes(pool: UserPool) -> frozenset[str]:
    return frozenset(pool.settings.get("AutoVerifiedAttributes", ()))


def attributes_verified_before_update(pool: UserPool) -> frozenset[str]:
    """Attributes whose old value stays in use until the new one is verified."""
    update = pool.settings.get("UserAttributeUpdateSettings", {})
    return frozenset(update.get("AttributesRequireVerificationBeforeUpdate", ()))


def recovery_mechanisms(pool: UserPool) -> tuple[str, ...]:
    """``verified_email``, ``verified_phone_number`` or ``admin_only``, best first.

    A pool that never set any prefers SMS: the documented behaviour where the member is absent.
    Source: cognito/user-pools §3, §9.
    """
    mechanisms = pool.settings.get("AccountRecoverySetting", {}).get("RecoveryMechanisms")
    if not mechanisms:
        return ("verified_phone_number", "verified_email")
    return tuple(each["Name"] for each in sorted(mechanisms, key=lambda each: each["Priority"]))


# Pools: triggers


@dataclass(frozen=True, slots=True)
class VersionedTrigger:
    """``version`` is ``V1_0``, ``V2_0`` or ``V3_0``."""

    arn: str
    version: str


def lambda_arn(pool: UserPool, name: str) -> str | None:
    """The ARN under a plain member of ``LambdaConfig``: ``PreSignUp``, ``CustomMessage``, …"""
    arn = pool.settings.get("LambdaConfig", {}).get(name)
    return str(arn) if arn else None


def pre_token_generation(pool: UserPool) -> VersionedTrigger | None:
    """``PreTokenGenerationConfig``, or the older ``PreTokenGeneration``, which is version 1."""
    return versioned_trigger(pool, "PreTokenGenerationConfig") or _plain_trigger(pool, "PreTokenGeneration")


def versioned_trigger(pool: UserPool, name: str) -> VersionedTrigger | None:
    """A trigger with a version of its own: ``CustomEmailSender``, ``CustomSMSSender``, ``InboundFederation``."""
    config = pool.settings.get("LambdaConfig", {}).get(name)
    return VersionedTrigger(config["LambdaArn"], config["LambdaVersion"]) if config else None


def _plain_trigger(pool: UserPool, name: str) -> VersionedTrigger | None:
    arn = lambda_arn(pool, name)
    return VersionedTrigger(arn, "V1_0") if arn else None


# Pools: messages


@dataclass(frozen=True, slots=True)
class VerificationTexts:
    """``{####}`` in the texts by code, ``{##words##}`` in those by link, stands for code and link."""

    sms: str
    email: str
    email_subject: str
    email_by_link: str
    email_subject_by_link: str
    is_by_link: bool


@dataclass(frozen=True, slots=True)
class InvitationTexts:
    """``{username}`` and ``{####}`` stand for the name and the temporary password."""

    sms: str
    email: str
    email_subject: str


_VERIFICATION = "Your verification code is {####}. "
_LINK = "Please click the link below to verify your email address. {##Verify Email##} "
_INVITATION = "Your username is {username} and temporary password is {####}. "


def verification_texts(pool: UserPool) -> VerificationTexts:
    """Source: cognito/triggers §4."""
    template = pool.settings.get("VerificationMessageTemplate", {})
    return VerificationTexts(
        sms=template.get("SmsMessage", _VERIFICATION),
        email=template.get("EmailMessage", _VERIFICATION),
        email_subject=template.get("EmailSubject", "Your verification code"),
        email_by_link=template.get("EmailMessageByLink", _LINK),
        email_subject_by_link=template.get("EmailSubjectByLink", "Your verification link"),
        is_by_link=template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK",
    )


def invitation_texts(pool: UserPool) -> InvitationTexts:
    template = pool.settings.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {})
    return InvitationTexts(
        sms=template.get("SMSMessage", _INVITATION),
        email=template.get("EmailMessage", _INVITATION),
        email_subject=template.get("EmailSubject", "Your temporary password"),
    )


def sms_authentication_text(pool: UserPool) -> str:
    return str(pool.settings.get("SmsAuthenticationMessage", "Your authentication code is {####}. "))


def is_developer_email(pool: UserPool) -> bool:
    """Whether mail goes out as the pool's own sender, which lets a trigger write it."""
    return bool(pool.settings.get("EmailConfiguration", {}).get("EmailSendingAccount") == "DEVELOPER")


def email_from(pool: UserPool) -> str | None:
    """The sender's address the pool asks for, as ``a@example.com`` or ``Name <a@example.com>``."""
    return pool.settings.get("EmailConfiguration", {}).get("From") or None


def email_reply_to(pool: UserPool) -> str | None:
    return pool.settings.get("EmailConfiguration", {}).get("ReplyToEmailAddress") or None


# App clients: flows and attributes

_DEFAULT_FLOWS = ("ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH")
_LEGACY_FLOWS = {
    # What each old name allows in today's words; refreshing and SRP were never to be asked for.
    "ADMIN_NO_SRP_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", *_DEFAULT_FLOWS),
    "USER_PASSWORD_AUTH": ("ALLOW_USER_PASSWORD_AUTH", *_DEFAULT_FLOWS),
    "CUSTOM_AUTH_FLOW_ONLY": ("ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"),
}


def auth_flows(client: UserPoolClient) -> frozenset[str]:
    """The allowed flows as ``ALLOW_…``, whichever names they were set by.

    Rotation excludes the flow that refreshes without rotating, so the default leaves it out there.
    """
    flows = client.settings.get("ExplicitAuthFlows") or _DEFAULT_FLOWS
    allowed = {each for flow in flows for each in _LEGACY_FLOWS.get(flow, (flow,))}
    if "CUSTOM_AUTH_FLOW_ONLY" in flows:
        allowed.discard("ALLOW_USER_SRP_AUTH")
    if is_rotation_enabled(client):
        allowed.discard("ALLOW_REFRESH_TOKEN_AUTH")
    return frozenset(allowed)


def hides_existence(client: UserPoolClient) -> bool:
    """``PreventUserExistenceErrors``: LEGACY unless the client says ENABLED."""
    return bool(client.settings.get("PreventUserExistenceErrors") == "ENABLED")


def readable_attributes(client: UserPoolClient) -> frozenset[str] | None:
    """Attribute names the client may read; None where it was never told: all."""
    names = client.settings.get("ReadAttributes")
    return frozenset(names) if names else None


def writable_attributes(client: UserPoolClient) -> frozenset[str] | None:
    """Attribute names the client may write; None: all that a user may write at all."""
    names = client.settings.get("WriteAttributes")
    return frozenset(names) if names else None


# App clients: tokens


def access_token_validity(client: UserPoolClient) -> timedelta:
    return _validity(client.settings, "AccessToken", default=1, default_unit="hours")


def id_token_validity(client: UserPoolClient) -> timedelta:
    return _validity(client.settings, "IdToken", default=1, default_unit="hours")


def refresh_token_validity(client: UserPoolClient) -> timedelta:
    return _validity(client.settings, "RefreshToken", default=30, default_unit="days")


def _validity(settings: dict[str, Any], token: str, *, default: int, default_unit: str) -> timedelta:
    amount = settings.get(f"{token}Validity")
    if not amount:  # unset, or 0, which the service reads as unset: the default, in its own unit
        return timedelta(**{default_unit: default})
    unit = settings.get("TokenValidityUnits", {}).get(token, default_unit)
    return timedelta(**{unit: amount})


def auth_session_validity(client: UserPoolClient) -> timedelta:
    """How long a challenge may wait for its answer."""
    return timedelta(minutes=client.settings.get("AuthSessionValidity", 3))


def is_revocation_enabled(client: UserPoolClient) -> bool:
    """Whether tokens can be revoked; only then do they carry ``jti`` and ``origin_jti``."""
    return bool(client.settings.get("EnableTokenRevocation", True))


def is_rotation_enabled(client: UserPoolClient) -> bool:
    return bool(client.settings.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED")


def rotation_grace(client: UserPoolClient) -> timedelta:
    """How long a rotated refresh token still works."""
    return timedelta(
        seconds=client.settings.get("RefreshTokenRotation", {}).get("RetryGracePeriodSeconds", 0)
    )


# App clients: OAuth


def is_oauth_enabled(client: UserPoolClient) -> bool:
    return bool(client.settings.get("AllowedOAuthFlowsUserPoolClient", False))


def oauth_flows(client: UserPoolClient) -> frozenset[str]:
    """``code``, ``implicit``, ``client_credentials``."""
    return frozenset(client.settings.get("AllowedOAuthFlows", ()))


def oauth_scopes(client: UserPoolClient) -> tuple[str, ...]:
    """Allowed scopes in a stable order; a resource server's as ``<identifier>/<scope>``."""
    return tuple(client.settings.get("AllowedOAuthScopes", ()))


def callback_urls(client: UserPoolClient) -> tuple[str, ...]:
    return tuple(client.settings.get("CallbackURLs", ()))


def logout_urls(client: UserPoolClient) -> tuple[str, ...]:
    return tuple(client.settings.get("LogoutURLs", ()))


def default_redirect_uri(client: UserPoolClient) -> str | None:
    """The redirect where a request names none; always one of the callback URLs."""
    return client.settings.get("DefaultRedirectURI") or None


def identity_providers(client: UserPoolClient) -> tuple[str, ...]:
    """Providers the hosted pages offer; ``COGNITO`` stands for the pool's own users."""
    return tuple(client.settings.get("SupportedIdentityProviders", ()))
