"""The demo's data, made by the same verbs as everybody's. Each step makes what is missing and leaves the rest alone."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from identity.core import clock, conf
from identity.iam import keys, roles
from identity.iam.models import Role
from identity.identitypools import pool_documents
from identity.identitypools import pools as identity_pools
from identity.identitypools.models import IdentityPool
from identity.userpools import client_rules, clients, pools, resource_servers
from identity.userpools.errors import InvalidParameter
from identity.userpools.models import UserPool, UserPoolClient, UserPoolDomain
from portal.demo import fixed, notes
from portal.demo.graphql.api import notes_api
from portal.demo.models import Note
from portal.demo.places import places

_PROVIDER = "cognito-identity.amazonaws.com"
_OWN = "${cognito-identity.amazonaws.com:sub}"

_POOL: dict[str, Any] = {
    "AliasAttributes": ["email"],
    "AutoVerifiedAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "TemporaryPasswordValidityDays": 7,
        }
    },
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "VerificationMessageTemplate": {
        "EmailSubject": "Your code for Notes",
        "EmailMessage": "Your code for Notes is {####}.",
    },
}
_SCHEMA = [{"Name": "email", "AttributeDataType": "String", "Required": True, "Mutable": True}]
_PASSWORD_FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
_PUBLIC_NOTES = (
    (
        "00000000-0000-4000-8000-0000000000a1",
        "Opening hours",
        "Every day from nine to six. Guests may read this too.",
    ),
    (
        "00000000-0000-4000-8000-0000000000a2",
        "How this works",
        "Public notes open with any credentials of this pool.",
    ),
)
_OTHERS_NOTE = (
    "00000000-0000-4000-8000-0000000000b1",
    "Nobody else's business",
    "You should not be able to read this.",
)


def seed(admin_password: str) -> None:
    """Have the whole demo. Safe to repeat; data that people made in it stays."""
    keys.ensure_administrator_from_settings()
    pool = _user_pool()
    _clients(pool)
    _roles()
    _identity_pool()
    _notes()
    _admin(admin_password)


def _user_pool() -> UserPool:
    pool = UserPool.objects.filter(pk=fixed.USER_POOL).first()
    if pool is None:
        pool = pools.create("Demo", _POOL, region="us-east-1", attributes=_SCHEMA, pool_id=fixed.USER_POOL)
    # Not by the verb, which keeps the prefix "demo" from everybody else: the demo's own pages are at /demo/ too.
    UserPoolDomain.objects.get_or_create(
        domain=fixed.DOMAIN,
        defaults={
            "pool": pool,
            "settings": {"ManagedLoginVersion": 2, "CustomDomainConfig": {}},
            "created_at": clock.now(),
        },
    )
    if not pool.resource_servers.filter(identifier=fixed.RESOURCE_SERVER).exists():
        scopes = [
            {"ScopeName": "read", "ScopeDescription": "Read notes"},
            {"ScopeName": "write", "ScopeDescription": "Write notes"},
        ]
        resource_servers.create(pool, fixed.RESOURCE_SERVER, "Notes API", scopes)
    return pool


def _clients(pool: UserPool) -> None:
    code_flow = {
        "ExplicitAuthFlows": _PASSWORD_FLOWS,
        "SupportedIdentityProviders": ["COGNITO"],
        "PreventUserExistenceErrors": "ENABLED",
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": [*fixed.SCOPES, *fixed.NOTES_SCOPES],
        "CallbackURLs": [*_own_address(), fixed.LOCAL_APP],
        "LogoutURLs": [*_own_address(), fixed.LOCAL_APP],
    }
    machine = {
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": list(fixed.NOTES_SCOPES),
    }
    _client(pool, "Notes", fixed.CLIENT, code_flow)
    _client(pool, "Notes web", fixed.CONFIDENTIAL_CLIENT, code_flow, fixed.CONFIDENTIAL_SECRET)
    _client(pool, "Notes robot", fixed.MACHINE_CLIENT, machine, fixed.MACHINE_SECRET)


def _client(
    pool: UserPool, name: str, client_id: str, given: dict[str, Any], secret: str | None = None
) -> None:
    client = UserPoolClient.objects.filter(pk=client_id).first()
    if client is None:
        clients.create(pool, name, given, secret=secret, client_id=client_id)
        return
    # The site may have moved to another port since: the app's present address joins what is registered.
    wanted = {
        member: [
            *client.settings[member],
            *(url for url in _own_address() if url not in client.settings[member]),
        ]
        for member in ("CallbackURLs", "LogoutURLs")
        if client.settings.get(member)
    }
    if any(client.settings[member] != urls for member, urls in wanted.items()):
        clients.update(client, {**client.settings, **wanted})


def _own_address() -> list[str]:
    """The phone app's address, where it may be a redirect: with HTTPS, or on the machine itself."""
    address = places().callback
    try:
        client_rules.check_url(address)
    except InvalidParameter:
        return []
    return [address]


def _roles() -> None:
    public = [notes.resource("GET", notes.PUBLIC), notes.resource("GET", notes.PUBLIC, "*")]
    own = [notes.resource("*", _OWN), notes.resource("*", _OWN, "*")]
    _role(fixed.GUEST_ROLE, "unauthenticated", [_allow("PublicNotes", public)])
    _role(fixed.SIGNED_IN_ROLE, "authenticated", [_allow("PublicNotes", public), _allow("OwnNotes", own)])
    _graphql(fixed.GUEST_ROLE, "Query.publicNotes", "Query.note", "Subscription.onCreatePublicNote")
    _graphql(fixed.SIGNED_IN_ROLE, "Query.*", "Mutation.createNote", "Mutation.deleteNote", "Subscription.*")


def _role(name: str, method: str, statements: list[dict[str, Any]]) -> None:
    if Role.objects.filter(name=name).exists():
        return
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": _PROVIDER},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{_PROVIDER}:aud": fixed.IDENTITY_POOL},
                    "ForAnyValue:StringLike": {f"{_PROVIDER}:amr": method},
                },
            }
        ],
    }
    role = roles.create(name, json.dumps(trust), description=f"The demo's {method} visitors")
    roles.put_policy(role, "Notes", json.dumps({"Version": "2012-10-17", "Statement": statements}))


def _graphql(role_name: str, *fields: str) -> None:
    """A policy of its own, so that a demo from before there was GraphQL gets it too; whose fields are whose own is the
    resolvers' to say."""
    role = Role.objects.get(name=role_name)
    if role.inline_policies.filter(name="GraphQL").exists():
        return
    resources = [notes_api.arn(*name.split(".")) for name in fields]
    statement = {"Sid": "GraphQL", "Effect": "Allow", "Action": "appsync:GraphQL", "Resource": resources}
    roles.put_policy(role, "GraphQL", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def _allow(sid: str, resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": notes.ACTION, "Resource": resources}


def _identity_pool() -> None:
    if IdentityPool.objects.filter(pk=fixed.IDENTITY_POOL).exists():
        return
    form = pool_documents.checked(
        {
            "IdentityPoolName": "Demo",
            "AllowUnauthenticatedIdentities": True,
            "AllowClassicFlow": True,
            "CognitoIdentityProviders": [
                {"ProviderName": fixed.PROVIDER, "ClientId": client_id, "ServerSideTokenCheck": True}
                for client_id in (fixed.CLIENT, fixed.CONFIDENTIAL_CLIENT)
            ],
        }
    )
    pool = identity_pools.create(fixed.IDENTITY_POOL, form)
    arns = {
        role.name: role.arn for role in Role.objects.filter(name__in=(fixed.GUEST_ROLE, fixed.SIGNED_IN_ROLE))
    }
    assigned = {"authenticated": arns[fixed.SIGNED_IN_ROLE], "unauthenticated": arns[fixed.GUEST_ROLE]}
    identity_pools.set_roles(pool, {"Roles": assigned})


def _notes() -> None:
    now = clock.now()
    for owner, (note_id, title, text) in (
        *(("", each) for each in _PUBLIC_NOTES),
        (fixed.OTHER_IDENTITY, _OTHERS_NOTE),
    ):
        Note.objects.get_or_create(
            id=UUID(note_id), defaults={"owner": owner, "title": title, "text": text, "created_at": now}
        )


def _admin(password: str) -> None:
    """The administrator of Django's admin; the password is always the one that is printed."""
    people = get_user_model().objects
    person = people.filter(username=fixed.ADMIN).first()
    if person is None:
        people.create_superuser(username=fixed.ADMIN, email=conf.settings().email_from, password=password)
    elif not person.check_password(password):
        person.set_password(password)
        person.save()
