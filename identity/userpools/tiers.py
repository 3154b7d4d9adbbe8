"""What a pool's tier allows. LITE lacks most, PLUS has all. Source: cognito/user-pools §3 (tier gates)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from identity.userpools.errors import FeatureUnavailableInTier, TierChangeNotAllowed
from identity.userpools.models.pool_settings import PASSWORDLESS, Tier

Settings = Mapping[str, Any]

_RANK = {Tier.LITE: 0, Tier.ESSENTIALS: 1, Tier.PLUS: 2}


def require(tier: Tier, features: Iterable[tuple[str, Tier]]) -> None:
    """Raises FeatureUnavailableInTier naming every feature of ``(name, lowest tier)`` that ``tier`` lacks."""
    lacking = _lacking(tier, features)
    if lacking:
        raise FeatureUnavailableInTier(_sentence(tier, lacking))


def require_change(old: Tier, new: Tier, features: Iterable[tuple[str, Tier]]) -> None:
    """The same where a tier may have been lowered with the feature on: then TierChangeNotAllowed."""
    lacking = _lacking(new, features)
    if lacking and _RANK[new] < _RANK[old]:
        raise TierChangeNotAllowed(_sentence(new, lacking))
    if lacking:
        raise FeatureUnavailableInTier(_sentence(new, lacking))


def features_of_pool(settings: Settings) -> Iterator[tuple[str, Tier]]:
    """The gated features that a pool's settings turn on, each with the lowest tier that has it."""
    token_config = settings.get("LambdaConfig", {}).get("PreTokenGenerationConfig", {})
    if token_config.get("LambdaVersion", "V1_0") != "V1_0":
        yield "Access Token Customization", Tier.ESSENTIALS
    policies = settings.get("Policies", {})
    if PASSWORDLESS & set(policies.get("SignInPolicy", {}).get("AllowedFirstAuthFactors", ())):
        yield "Passwordless Sign-in", Tier.ESSENTIALS
    if policies.get("PasswordPolicy", {}).get("PasswordHistorySize", 0) > 0:
        yield "Password History", Tier.ESSENTIALS
    if settings.get("EmailMfaConfiguration"):
        yield "Email MFA", Tier.ESSENTIALS
    if settings.get("DcrConfiguration", {}).get("EnableStatus") == "Enabled":
        yield "Dynamic Client Registration", Tier.ESSENTIALS
    if _has_own_acr_names(settings):
        yield "Custom ACR Names", Tier.ESSENTIALS
    if settings.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF") != "OFF":
        yield "Threat Protection", Tier.PLUS


def features_of_client(settings: Settings) -> Iterator[tuple[str, Tier]]:
    if "ALLOW_USER_AUTH" in settings.get("ExplicitAuthFlows", ()):
        yield "Choice-based Sign-in", Tier.ESSENTIALS
    if settings.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED":
        yield "Refresh Token Rotation", Tier.ESSENTIALS


def features_of_domain(settings: Settings) -> Iterator[tuple[str, Tier]]:
    if settings.get("ManagedLoginVersion") == 2:
        yield "Managed Login", Tier.ESSENTIALS


def _has_own_acr_names(settings: Settings) -> bool:
    names = (level["AcrValue"] for level in settings.get("AcrConfiguration", {}).values())
    return any(not name.startswith("urn:cognito:loa:") for name in names)


def _lacking(tier: Tier, features: Iterable[tuple[str, Tier]]) -> list[str]:
    return list(dict.fromkeys(name for name, lowest in features if _RANK[tier] < _RANK[lowest]))


def _sentence(tier: Tier, lacking: list[str]) -> str:
    return (
        "The following features need to be disabled for the "
        f"{tier} pricing tier configured: {', '.join(lacking)}"
    )
