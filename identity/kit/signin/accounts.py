"""Whose Django account a pool's user has: found by issuer and ``sub``, never by mail or name, which change hands."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.utils.module_loading import import_string

from identity.kit import conf
from identity.kit.conf import SignInSettings
from identity.kit.signin.errors import SignInRefused

Claims = Mapping[str, Any]

_COPIED = {"given_name": "first_name", "family_name": "last_name"}


def account_name(issuer: str, sub: str) -> str:
    """The Django user name of a pool's user: always the same, and nobody else's.

    A digest, since an issuer's address is longer than a user name may be, and nothing of it is the user's to choose.
    """
    digest = hashlib.sha256(f"{issuer}\n{sub}".encode()).hexdigest()
    return f"cognito_{digest[:40]}"


def of_claims(claims: Claims) -> AbstractBaseUser:
    """The account of a proven ID token's user, made at their first sign-in; names, groups and flags follow the token.

    Raises SignInRefused where the account isn't the pool's or is switched off.
    """
    settings = conf.sign_in()
    with transaction.atomic():
        user = _find(settings, claims)
        if not getattr(user, "is_active", True):
            raise SignInRefused("This account is switched off.", why="is_active is false")
        _follow(user, settings, claims)
    return user


def _find(settings: SignInSettings, claims: Claims) -> AbstractBaseUser:
    if settings.user:
        find: Callable[[str, Claims], AbstractBaseUser] = import_string(settings.user)
        return find(settings.issuer, claims)
    model: Any = get_user_model()
    name = account_name(settings.issuer, claims["sub"])
    # Two first sign-ins at once: the user name is unique, the later one finds what the earlier made.
    unusable = {"password": make_password(None)}
    user, _ = model._default_manager.get_or_create(**{model.USERNAME_FIELD: name}, defaults=unusable)
    if user.has_usable_password():
        # Made by somebody who chose this user name: whoever knows the password would share the account.
        raise SignInRefused("This account can't be used.", why=f"{name} has a password of its own")
    account: AbstractBaseUser = user
    return account


def _follow(user: AbstractBaseUser, settings: SignInSettings, claims: Claims) -> None:
    groups = claims.get("cognito:groups", [])
    member_of = {str(group) for group in groups} if isinstance(groups, list) else set()
    values: dict[str, Any] = {**_person(claims), **_flags(settings, member_of)}
    fitting = {name: value for name, value in values.items() if _fits(user, name, value)}
    changed = [name for name, value in fitting.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, fitting[name])
    if changed:
        user.save(update_fields=changed)
    _follow_groups(user, settings.groups, member_of)


def _person(claims: Claims) -> dict[str, str]:
    """What the token says of the person; what it doesn't say stays as it was."""
    known = {field: str(claims[name]) for name, field in _COPIED.items() if claims.get(name)}
    if "email" in claims:
        # An address that nobody proved must not be what the host sends its mails to.
        is_proven = claims.get("email_verified") in (True, "true")
        known["email"] = str(claims["email"]) if is_proven else ""
    return known


def _flags(settings: SignInSettings, member_of: Collection[str]) -> dict[str, bool]:
    named = {"is_staff": settings.staff_groups, "is_superuser": settings.superuser_groups}
    return {flag: not set(groups).isdisjoint(member_of) for flag, groups in named.items() if groups}


def _follow_groups(user: Any, mapped: Mapping[str, str], member_of: Collection[str]) -> None:
    """Only groups that are mapped follow the pool; what the host gave by hand stays."""
    if not mapped:
        return
    wanted = {mapped[name] for name in member_of if name in mapped}
    present = set(user.groups.filter(name__in=set(mapped.values())).values_list("name", flat=True))
    user.groups.remove(*Group.objects.filter(name__in=present - wanted))
    added = sorted(wanted - present)
    Group.objects.bulk_create((Group(name=name) for name in added), ignore_conflicts=True)
    user.groups.add(*Group.objects.filter(name__in=added))


def _fits(user: AbstractBaseUser, name: str, value: object) -> bool:
    """Whether the user model has such a field, and room for the value."""
    try:
        field: Any = user._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return not isinstance(value, str) or field.max_length is None or len(value) <= field.max_length
