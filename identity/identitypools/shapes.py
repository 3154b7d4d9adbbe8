"""Rows as the wire spells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from identity.identitypools import social_secrets

if TYPE_CHECKING:
    from identity.iam.credentials import Credentials
    from identity.identitypools.models import Identity, IdentityPool
    from identity.wire.shapes import cognito_identity as wire


def identity_pool(pool: IdentityPool) -> wire.IdentityPool:
    """The whole pool: members that were never set are left out, tags are always there."""
    shape = {
        "IdentityPoolId": pool.id,
        "IdentityPoolName": pool.name,
        **pool.settings,
        "IdentityPoolTags": pool.tags,
    }
    if pool.social_apps:
        shape["SupportedLoginProviders"] = social_secrets.apps_of(pool)
    return cast("wire.IdentityPool", shape)  # the settings column holds the wire's own members


def short_description(pool: IdentityPool) -> wire.IdentityPoolShortDescription:
    """A pool in a list."""
    return {"IdentityPoolId": pool.id, "IdentityPoolName": pool.name}


def identity(identity: Identity) -> wire.IdentityDescription:
    """An identity with the names of its providers, each once, in the order in which they were linked."""
    return {
        "IdentityId": identity.id,
        "Logins": list(dict.fromkeys(login.provider for login in identity.logins.all())),
        "CreationDate": identity.created_at,
        "LastModifiedDate": identity.modified_at,
    }


def roles(pool: IdentityPool) -> wire.GetIdentityPoolRolesResponse:
    """A pool's roles as they were set; only the id where they never were."""
    shape = {"IdentityPoolId": pool.id, **pool.roles}
    return cast("wire.GetIdentityPoolRolesResponse", shape)  # likewise


def credentials(identity_id: str, issued: Credentials) -> wire.GetCredentialsForIdentityResponse:
    """Credentials with the identity that they are for: the secret's name is another than in STS."""
    return {
        "IdentityId": identity_id,
        "Credentials": {
            "AccessKeyId": issued.access_key_id,
            "SecretKey": issued.secret_access_key,
            "SessionToken": issued.session_token,
            "Expiration": issued.expiration,
        },
    }
