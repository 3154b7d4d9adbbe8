"""Rows → wire shapes, for pools, clients, domains, resource servers and groups. Times stay datetimes."""

from typing import Any

from identity.core import arns, conf, hosts
from identity.userpools import client_rules, domains, pool_rules
from identity.userpools.models import Group, ResourceServer, UserPool, UserPoolClient, UserPoolDomain

Shape = dict[str, Any]

_POOL_MEMBERS = (*pool_rules.UPDATABLE, *pool_rules.FIXED)


def user_pool_type(pool: UserPool, *, user_count: int) -> Shape:
    """``UserPoolType``; reads the pool's domains."""
    shape: Shape = {
        "Id": pool.pk,
        "Name": pool.name,
        "Arn": arns.user_pool(pool.pk),
        "SchemaAttributes": pool.schema,
        "EstimatedNumberOfUsers": user_count,
        "LastModifiedDate": pool.modified_at,
        "CreationDate": pool.created_at,
    }
    shape |= {name: pool.settings[name] for name in _POOL_MEMBERS if name in pool.settings}
    for row in domains.of_pool(pool):
        shape["CustomDomain" if row.is_custom else "Domain"] = row.domain
    return shape


def user_pool_description(pool: UserPool) -> Shape:
    """An item of ListUserPools, which shows no functions whatever the pool has."""
    return {
        "Id": pool.pk,
        "Name": pool.name,
        "LambdaConfig": {},
        "LastModifiedDate": pool.modified_at,
        "CreationDate": pool.created_at,
    }


def user_pool_client_type(client: UserPoolClient, *, secret: str | None) -> Shape:
    """``UserPoolClientType``; ``secret`` in clear, None for a client that has none."""
    shape: Shape = {
        "UserPoolId": client.pool_id,
        "ClientName": client.name,
        "ClientId": client.pk,
        "LastModifiedDate": client.modified_at,
        "CreationDate": client.created_at,
    }
    if secret is not None:
        shape["ClientSecret"] = secret
    return shape | {name: client.settings[name] for name in client_rules.MEMBERS if name in client.settings}


def user_pool_client_description(client: UserPoolClient) -> Shape:
    return {"ClientId": client.pk, "UserPoolId": client.pool_id, "ClientName": client.name}


def domain_description(row: UserPoolDomain) -> Shape:
    """``DomainDescriptionType``. What a custom domain's DNS alias points at is our own host for pages."""
    return {
        "UserPoolId": row.pool_id,
        "AWSAccountId": conf.settings().account_id,
        "Domain": row.domain,
        "S3Bucket": f"identity-pages-{row.pool_id.split('_', 1)[0]}",
        "CloudFrontDistribution": hosts.auth_host(),
        "Version": row.created_at.strftime("%Y%m%d%H%M%S"),
        "Status": "ACTIVE",
        **row.settings,
    }


def domain_change(row: UserPoolDomain) -> Shape:
    """What creating and updating a domain answer."""
    shape: Shape = {"ManagedLoginVersion": row.settings["ManagedLoginVersion"]}
    if row.is_custom:
        shape["CloudFrontDomain"] = hosts.auth_host()
    if "Routing" in row.settings:
        shape["Routing"] = row.settings["Routing"]
    return shape


def resource_server_type(server: ResourceServer) -> Shape:
    return {
        "UserPoolId": server.pool_id,
        "Identifier": server.identifier,
        "Name": server.name,
        "Scopes": server.scopes,
    }


def group_type(group: Group) -> Shape:
    """``GroupType``; role, precedence and description only where they are set."""
    shape: Shape = {
        "GroupName": group.name,
        "UserPoolId": group.pool_id,
        "LastModifiedDate": group.modified_at,
        "CreationDate": group.created_at,
    }
    if group.description:
        shape["Description"] = group.description
    if group.role_arn:
        shape["RoleArn"] = group.role_arn
    if group.precedence is not None:
        shape["Precedence"] = group.precedence
    return shape
