"""What a pool's settings may be: defaults, the two views of one text, forbidden combinations. Pure.

Settings are in wire shape throughout; the model has already checked each member by itself.
Source: cognito/user-pools §3, §10 (tags); cognito/triggers §4 (templates).
"""

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from identity.userpools import quotas
from identity.userpools.errors import InvalidParameter, UserPoolTagging

Settings = dict[str, Any]
Given = Mapping[str, Any]

UPDATABLE = (
    "Policies",
    "DeletionProtection",
    "LambdaConfig",
    "AutoVerifiedAttributes",
    "SmsVerificationMessage",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "VerificationMessageTemplate",
    "SmsAuthenticationMessage",
    "MfaConfiguration",
    "UserAttributeUpdateSettings",
    "DeviceConfiguration",
    "EmailConfiguration",
    "SmsConfiguration",
    "UserPoolTags",
    "AdminCreateUserConfig",
    "UserPoolAddOns",
    "DcrConfiguration",
    "AccountRecoverySetting",
    "UserPoolTier",
    "KeyConfiguration",
    "IssuerConfiguration",
    "AcrConfiguration",
)
FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")

# Each older member and the member of VerificationMessageTemplate that is the same setting.
TWINS = {
    "SmsVerificationMessage": "SmsMessage",
    "EmailVerificationMessage": "EmailMessage",
    "EmailVerificationSubject": "EmailSubject",
}
_UNIQUE_LISTS = ("AutoVerifiedAttributes", "AliasAttributes", "UsernameAttributes")
_TAG_TEXT = re.compile(r"[\w .:/=+\-@]*")
_ACR_DEFAULTS = {f"Level{level}": {"AcrValue": f"urn:cognito:loa:{level}"} for level in range(1, 5)}


def of_new_pool(given: Given) -> Settings:
    """Every setting of a new pool, or InvalidParameter, UserPoolTagging for what may not be."""
    settings = _with_defaults(_members(given, (*UPDATABLE, *FIXED)))
    _check(settings)
    if settings.get("UsernameAttributes") and settings.get("AliasAttributes"):
        raise InvalidParameter(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        )
    if settings["MfaConfiguration"] == "ON":
        raise InvalidParameter(
            "MfaConfiguration ON is not built yet: such a pool would sign nobody in. Use OFF or OPTIONAL."
        )
    return settings


def of_updated_pool(old: Given, given: Given) -> Settings:
    """The settings after an update, which replaces: an updatable member left out returns to its default.

    What is fixed at creation, or set by other operations, stays. Two members are kept when left out, as the
    model's documentation says of them: dynamic client registration, and the key that a pool is encrypted by.
    """
    kept = {name: value for name, value in old.items() if name not in UPDATABLE}
    new = _members(given, UPDATABLE)
    for name in ("DcrConfiguration", "KeyConfiguration"):
        if name not in new and name in old:
            new[name] = old[name]
    settings = kept | _with_defaults(new)
    if settings["MfaConfiguration"] == "ON" and old.get("MfaConfiguration") != "ON":
        raise InvalidParameter("Cannot turn MFA functionality ON, once the user pool has been created")
    _check(settings)
    return settings


def _members(given: Given, names: Iterable[str]) -> Settings:
    return {name: copy.deepcopy(given[name]) for name in names if given.get(name) is not None}


def _with_defaults(settings: Settings) -> Settings:
    """Fill in what the service fills in; a member whose absence means something stays absent."""
    settings = {
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "MfaConfiguration": "OFF",
        "UserPoolTags": {},
        "UserPoolTier": "ESSENTIALS",
        "IssuerConfiguration": {"Type": "ORIGINAL"},
        "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
        **settings,
    }
    settings["EmailConfiguration"] = {
        "EmailSendingAccount": "COGNITO_DEFAULT",
        **settings.get("EmailConfiguration", {}),
    }
    settings["UserAttributeUpdateSettings"] = {
        "AttributesRequireVerificationBeforeUpdate": [],
        **settings.get("UserAttributeUpdateSettings", {}),
    }
    settings["AcrConfiguration"] = _ACR_DEFAULTS | settings.get("AcrConfiguration", {})
    for name in _UNIQUE_LISTS:
        if name in settings:
            settings[name] = list(dict.fromkeys(settings[name]))
            if not settings[name]:
                del settings[name]
    _fill_policies(settings)
    _fill_templates(settings)
    if "DcrConfiguration" in settings:
        settings["DcrConfiguration"] = {
            "EnableStatus": "Enabled",
            "OpenDcrEnabled": False,
            **settings["DcrConfiguration"],
        }
    return settings


def _fill_policies(settings: Settings) -> None:
    """The password policy, and the validity of temporary passwords in both places that show it.

    A policy that is given at all has no defaults for the kinds of characters: what it leaves out is not
    required. The older ``UnusedAccountValidityDays`` counts only where the policy says nothing.
    """
    invitation = {"AllowAdminCreateUserOnly": False, **settings.get("AdminCreateUserConfig", {})}
    policies = settings.get("Policies", {})
    given = policies.get("PasswordPolicy")
    policy = {"MinimumLength": 8}
    for kind in ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols"):
        policy[kind] = given is None
    policy["TemporaryPasswordValidityDays"] = invitation.get("UnusedAccountValidityDays", 7)
    policy |= given or {}
    invitation["UnusedAccountValidityDays"] = policy["TemporaryPasswordValidityDays"]
    settings["AdminCreateUserConfig"] = invitation
    settings["Policies"] = {
        "PasswordPolicy": policy,
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"], **policies.get("SignInPolicy", {})},
    }


def _fill_templates(settings: Settings) -> None:
    """Each text that was set appears under both of its names."""
    template = {"DefaultEmailOption": "CONFIRM_WITH_CODE", **settings.get("VerificationMessageTemplate", {})}
    for older, newer in TWINS.items():
        if older in settings and newer in template and settings[older] != template[newer]:
            raise InvalidParameter(
                f"{older} and VerificationMessageTemplate.{newer} are one setting and must not differ."
            )
        if older in settings:
            template[newer] = settings[older]
        elif newer in template:
            settings[older] = template[newer]
    settings["VerificationMessageTemplate"] = template


def _check(settings: Settings) -> None:
    _check_triggers(settings["LambdaConfig"])
    _check_first_factors(settings)
    _check_invitation(settings["AdminCreateUserConfig"])
    _check_recovery(settings.get("AccountRecoverySetting", {}))
    _check_update_settings(settings)
    _check_email(settings["EmailConfiguration"])
    _check_acr(settings["AcrConfiguration"])
    _check_key(settings["KeyConfiguration"])
    check_tags(settings["UserPoolTags"])


def _check_triggers(config: Given) -> None:
    plain = config.get("PreTokenGeneration")
    versioned = config.get("PreTokenGenerationConfig", {}).get("LambdaArn")
    if plain and versioned and plain != versioned:
        raise InvalidParameter("PreTokenGeneration and PreTokenGenerationConfig must name the same function.")
    if (config.get("CustomSMSSender") or config.get("CustomEmailSender")) and not config.get("KMSKeyID"):
        raise InvalidParameter("KMSKeyID is required when a custom sender is configured.")


def _check_first_factors(settings: Given) -> None:
    factors = settings["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
    if "SOFTWARE_TOKEN" in factors:
        raise InvalidParameter("SOFTWARE_TOKEN is not supported as a first auth factor.")
    if "PASSWORD" not in factors:
        raise InvalidParameter("PASSWORD must be one of the AllowedFirstAuthFactors.")


def _check_invitation(config: Given) -> None:
    template = config.get("InviteMessageTemplate", {})
    for name in ("SMSMessage", "EmailMessage"):
        text = template.get(name)
        if text is not None and not ("{username}" in text and "{####}" in text):
            raise InvalidParameter(f"{name} of the invitation must contain {{username}} and {{####}}.")


def _check_recovery(setting: Given) -> None:
    mechanisms = setting.get("RecoveryMechanisms", [])
    names = [each["Name"] for each in mechanisms]
    if len(set(names)) < len(names):
        raise InvalidParameter("A recovery mechanism can be named only once.")
    if len({each["Priority"] for each in mechanisms}) < len(mechanisms):
        raise InvalidParameter("Each recovery mechanism must have a priority of its own.")
    if "admin_only" in names and len(names) > 1:
        raise InvalidParameter("admin_only cannot be combined with other recovery mechanisms.")


def _check_update_settings(settings: Given) -> None:
    """An attribute that nobody verifies could never be updated if it had to be verified first."""
    before = settings["UserAttributeUpdateSettings"]["AttributesRequireVerificationBeforeUpdate"]
    missing = set(before) - set(settings.get("AutoVerifiedAttributes", ()))
    if missing:
        raise InvalidParameter(
            "AttributesRequireVerificationBeforeUpdate must be a subset of AutoVerifiedAttributes: "
            + ", ".join(sorted(missing))
        )


def _check_email(config: Given) -> None:
    if config["EmailSendingAccount"] == "DEVELOPER" and not config.get("SourceArn"):
        raise InvalidParameter("SourceArn is required when EmailSendingAccount is DEVELOPER.")


def _check_acr(config: Given) -> None:
    unknown = set(config) - set(_ACR_DEFAULTS)
    if unknown:
        raise InvalidParameter(f"Unknown ACR level: {', '.join(sorted(unknown))}.")
    if len({level["AcrValue"] for level in config.values()}) < len(config):
        raise InvalidParameter("Each ACR level must have a name of its own.")


def _check_key(config: Given) -> None:
    if (config.get("KeyType") == "CUSTOMER_MANAGED_KEY") != bool(config.get("KmsKeyArn")):
        raise InvalidParameter("KmsKeyArn goes with the key type CUSTOMER_MANAGED_KEY, and only with it.")


def check_tags(tags: Mapping[str, str]) -> None:
    """Raises UserPoolTagging for too many tags, reserved keys, or characters a tag cannot have."""
    if len(tags) > quotas.TAGS:
        raise UserPoolTagging(f"A user pool can have at most {quotas.TAGS} tags.")
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise UserPoolTagging("Tag keys that start with aws: are reserved.")
        if not (_TAG_TEXT.fullmatch(key) and _TAG_TEXT.fullmatch(value)):
            raise UserPoolTagging("Tags may contain letters, digits, spaces and _ . : / = + - @ only.")
