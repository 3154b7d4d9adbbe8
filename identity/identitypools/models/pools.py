"""An identity pool: what was configured, in the words of the wire, with typed accessors for what behaviour depends on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

if TYPE_CHECKING:
    from identity.identitypools.models.brokers import Broker


class PoolQuerySet(models.QuerySet["IdentityPool"]):
    """Phrases over pools."""

    def in_region(self, region: str) -> "PoolQuerySet":
        return self.filter(id__startswith=f"{region}:")


class IdentityPool(models.Model):
    """``settings`` holds CreateIdentityPool's members except name and tags; ``roles`` what SetIdentityPoolRoles was given;
    ``principal_tags`` what SetPrincipalTagAttributeMap was given, by the provider's canonical name. The secrets of
    Twitter's apps are not in ``settings`` but sealed (``social_secrets``).

    ``revision`` grows with each change, so that of two changes made from the same state one is refused.
    """

    id = models.CharField(primary_key=True, max_length=55)
    name = models.CharField(max_length=128)
    settings = models.JSONField(default=dict)
    roles = models.JSONField(default=dict, blank=True)
    principal_tags = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    sealed_social_secrets = models.TextField(default="", blank=True, editable=False)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    objects: ClassVar[PoolQuerySet] = PoolQuerySet.as_manager()  # type: ignore[assignment]  # the stubs see a Manager

    class Meta:
        db_table = "identity_identitypools_pool"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"

    @property
    def region(self) -> str:
        return self.id.partition(":")[0]

    @property
    def allows_guests(self) -> bool:
        return bool(self.settings.get("AllowUnauthenticatedIdentities"))

    @property
    def allows_classic_flow(self) -> bool:
        return bool(self.settings.get("AllowClassicFlow"))

    @property
    def developer_provider(self) -> str | None:
        name: str | None = self.settings.get("DeveloperProviderName")
        return name

    @property
    def user_pools(self) -> list[Mapping[str, Any]]:
        """The entries of CognitoIdentityProviders, one for each app client, as they were sent."""
        entries: list[Mapping[str, Any]] = self.settings.get("CognitoIdentityProviders", [])
        return entries

    @property
    def oidc_arns(self) -> list[str]:
        found: list[str] = self.settings.get("OpenIdConnectProviderARNs", [])
        return found

    @property
    def saml_arns(self) -> list[str]:
        found: list[str] = self.settings.get("SamlProviderARNs", [])
        return found

    @property
    def social_apps(self) -> Mapping[str, str]:
        """Social provider to the app id that its tokens must be made for."""
        found: Mapping[str, str] = self.settings.get("SupportedLoginProviders", {})
        return found

    @property
    def default_roles(self) -> Mapping[str, str]:
        """``authenticated`` and ``unauthenticated`` to role ARNs; either may be missing. A broker's stand for the pool's."""
        found: Mapping[str, str] = self.roles.get("Roles", {})
        return {**found, **self.own_broker.default_roles} if self.own_broker else found

    @property
    def own_broker(self) -> "Broker | None":
        """The broker that gets credentials elsewhere. No query for a pool that ``pools`` gave."""
        found: Broker | None = None if self._state.adding else getattr(self, "broker", None)
        return found

    @property
    def role_mappings(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.roles.get("RoleMappings", {})
        return found

    @property
    def principal_tag_maps(self) -> Mapping[str, Mapping[str, Any]]:
        """Canonical provider name to ``UseDefaults`` and ``PrincipalTags``."""
        found: Mapping[str, Mapping[str, Any]] = self.principal_tags
        return found
