"""Django's admin of user pools: what an operator sees, finds and does; what nobody sees."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from identity.core import clock
from identity.userpools import (
    clients,
    groups,
    hosted_sessions,
    invitations,
    keys,
    oauth_codes,
    password_changes,
    pools,
    sessions,
)
from identity.userpools.models import (
    AuthorizationCode,
    Code,
    FormerPassword,
    HostedSession,
    RotatedRefreshToken,
    SigningKey,
    User,
    UserPool,
    UserPoolClient,
    UserSession,
)

pytestmark = pytest.mark.django_db

SECRET = "abcdefghijklmnopqrstuvwxyz0123"


@pytest.fixture
def operator() -> Client:
    """A superuser's browser."""
    get_user_model().objects.create_superuser("root", "root@example.com", "Long-enough-1")
    browser = Client()
    assert browser.login(username="root", password="Long-enough-1")
    return browser


@pytest.fixture
def pool(db: None) -> UserPool:
    return pools.create("people", {"DeletionProtection": "INACTIVE"}, region="us-east-1")


@pytest.fixture
def client(pool: UserPool) -> UserPoolClient:
    return clients.create(pool, "app", {}, secret=SECRET)


@pytest.fixture
def user(pool: UserPool) -> User:
    made = invite(pool, "ana", email="ana@example.com")
    password_changes.by_administrator(made, "Corr3ct-horse", is_permanent=True)
    made.refresh_from_db()
    return made


def invite(pool: UserPool, name: str, **attributes: str) -> User:
    return invitations.create(
        pool,
        invitations.Invitation(
            username=name,
            attributes=attributes,
            password=None,
            mediums=(),
            take_aliases=False,
            validation={},
            metadata=None,
        ),
    )


def page(model: type, name: str, *args: Any) -> str:
    return reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=[quote(each) for each in args]
    )


def act(browser: Client, model: type, action: str, *rows: Any, **more: str) -> Any:
    """Press an action's button for the rows, as the list and the object's page do."""
    data = {"action": action, "index": "0", "_selected_action": [str(row.pk) for row in rows], **more}
    return browser.post(page(model, "changelist"), data, follow=True)


def our_admins() -> Iterator[Any]:
    for model, registered in django_admin.site._registry.items():
        if model._meta.app_label == "identity_userpools":
            yield registered


def test_every_model_of_the_app_is_there_but_the_joins() -> None:
    names = {model.__name__ for model in apps.get_app_config("identity_userpools").get_models()}

    assert {each.model.__name__ for each in our_admins()} == names - {"Alias", "Membership"}


@pytest.fixture
def full_house(pool: UserPool, client: UserPoolClient, user: User) -> dict[str, list[str]]:
    """One row of everything; by name the values that no page may show."""
    started = sessions.start(user, client)
    cookie = hosted_sessions.start(user)
    keys.jwks(pool)
    groups.add(groups.create(pool, "editors"), user)
    now = clock.now()
    Code.objects.create(
        user=user,
        purpose="sign_up",
        attribute="email",
        destination="ana@example.com",
        code_hash="c0de" * 16,
        created_at=now,
        expires_at=now,
    )
    FormerPassword.objects.create(user=user, password="argon2$former", created_at=now)
    AuthorizationCode.objects.create(
        code_hash="a0de" * 16,
        user=user,
        client=client,
        redirect_uri="https://app.example.com/",
        auth_time=now,
        created_at=now,
        expires_at=now,
    )
    RotatedRefreshToken.objects.create(
        token_hash="b0de" * 16, session=UserSession.objects.get(), rotated_at=now
    )
    return {
        "never": [
            SECRET,
            client.sealed_secrets[0]["sealed"],
            user.password,
            user.srp_salt,
            bytes(user.sealed_srp_verifier).hex(),
            started.refresh_token,
            str(UserSession.objects.get().refresh_token_hash),
            cookie,
            HostedSession.objects.get().token_hash,
            "c0de" * 16,
            "a0de" * 16,
            "b0de" * 16,
            "argon2$former",
        ]
    }


def test_lists_and_pages_open_and_show_no_secret(operator: Client, full_house: dict[str, list[str]]) -> None:
    for registered in our_admins():
        listed = operator.get(page(registered.model, "changelist"))
        assert listed.status_code == 200, registered
        html = listed.content.decode()
        if registered.list_display_links is not None and registered.model.objects.exists():
            row = registered.model.objects.first()
            shown = operator.get(page(registered.model, "change", row.pk))
            assert shown.status_code == 200, registered
            html += shown.content.decode()
        for secret in full_house["never"]:
            assert secret not in html, registered


def test_object_pages_start_with_a_summary(operator: Client, user: User, client: UserPoolClient) -> None:
    html = operator.get(page(User, "change", user.pk)).content.decode()
    assert f"{user.get_status_display()} · enabled · password set on {clock.now():%Y-%m-%d}" in html

    html = operator.get(page(UserPool, "change", user.pool_id)).content.decode()
    assert "Essentials · MFA OFF · no domain · not protected from deletion" in html

    html = operator.get(page(UserPoolClient, "change", client.pk)).content.decode()
    assert f"secret set on {clock.now():%Y-%m-%d}" in html


def test_nothing_is_added_or_edited_by_hand(operator: Client, user: User) -> None:
    assert operator.get(page(User, "add")).status_code == 403
    operator.post(page(User, "change", user.pk), {"username": "eve"})
    assert operator.post(page(User, "delete", user.pk), {"post": "yes"}).status_code == 403

    user.refresh_from_db()
    assert user.username == "ana"


@pytest.mark.parametrize("term", ["ana", "an", "ana@example.com", "ANA@", "sub", "pool"])
def test_users_are_found_by_what_people_paste(
    operator: Client, pool: UserPool, user: User, term: str
) -> None:
    other = pools.create("other", {}, region="us-east-1")
    invite(other, "bob", email="bob@example.com")
    term = {"sub": str(user.sub), "pool": pool.pk}.get(term, term)

    html = operator.get(page(User, "changelist"), {"q": term}).content.decode()

    assert str(user.sub) in html
    assert "bob" not in html


def test_users_are_filtered_by_state(operator: Client, pool: UserPool, user: User) -> None:
    invite(pool, "bob")

    html = operator.get(page(User, "changelist"), {"status__exact": "FORCE_CHANGE_PASSWORD"}).content.decode()

    assert "bob" in html
    assert str(user.sub) not in html


def test_clients_are_filtered_by_secret_and_sessions_by_state(
    operator: Client, pool: UserPool, client: UserPoolClient, user: User
) -> None:
    public = clients.create(pool, "public", {})
    sessions.start(user, client)
    session = UserSession.objects.get()

    def shown(model: type, **filters: str) -> str:
        return str(operator.get(page(model, "changelist"), filters).content.decode())

    assert client.pk in shown(UserPoolClient, secret="yes")
    assert public.pk not in shown(UserPoolClient, secret="yes")
    assert public.pk in shown(UserPoolClient, secret="no")
    assert client.pk not in shown(UserPoolClient, secret="no")
    assert str(session.pk) in shown(UserSession, state="live")
    for state in ("revoked", "expired"):
        assert str(session.pk) not in shown(UserSession, state=state)


def test_a_pools_page_leads_to_its_lists(operator: Client, pool: UserPool, user: User) -> None:
    other = pools.create("other", {}, region="us-east-1")
    invite(other, "bob")
    html = operator.get(page(UserPool, "change", pool.pk)).content.decode()

    link = re.search(r'href="([^"]+)">1 users<', html)
    assert link is not None
    listed = operator.get(link[1].replace("&amp;", "&")).content.decode()

    assert str(user.sub) in listed
    assert "bob" not in listed


def test_a_groups_page_leads_to_its_members(operator: Client, pool: UserPool, user: User) -> None:
    group = groups.create(pool, "editors")
    groups.add(group, user)
    invite(pool, "bob")

    listed = operator.get(
        page(User, "changelist"), {"memberships__group__id__exact": str(group.pk)}
    ).content.decode()

    assert str(user.sub) in listed
    assert "bob" not in listed


def test_lists_cost_the_same_however_long_they_are(
    operator: Client, pool: UserPool, client: UserPoolClient
) -> None:
    def cost(model: type) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert operator.get(page(model, "changelist")).status_code == 200
        return len(queries)

    def grow(number: int) -> None:
        made = invite(pool, f"user{number}", email=f"u{number}@example.com")
        sessions.start(made, client)
        groups.add(groups.create(pool, f"g{number}"), made)
        clients.create(pool, f"c{number}", {})
        pools.create(f"p{number}", {}, region="us-east-1")

    models = (User, UserSession, UserPool, UserPoolClient, groups.Group, SigningKey)
    grow(0)
    few = {model: cost(model) for model in models}
    for number in range(1, 6):
        grow(number)

    assert {model: cost(model) for model in models} == few


def test_disabling_signs_out_and_enabling_lets_in_again(
    operator: Client, client: UserPoolClient, user: User
) -> None:
    sessions.start(user, client)
    hosted_sessions.start(user)

    shown = act(operator, User, "disable", user, from_page="1")

    user.refresh_from_db()
    assert not user.is_enabled
    assert UserSession.objects.get().revoked_at is not None
    assert not HostedSession.objects.exists()
    assert shown.redirect_chain[-1][0] == page(User, "change", user.pk)
    act(operator, User, "enable", user)
    user.refresh_from_db()
    assert user.is_enabled


def test_signing_out_everywhere_ends_tokens_and_browsers(
    operator: Client, client: UserPoolClient, user: User
) -> None:
    sessions.start(user, client)
    hosted_sessions.start(user)
    oauth_codes.issue(user, client, oauth_codes.Request("https://a", (), clock.now()))

    act(operator, User, "sign_out", user)

    assert UserSession.objects.get().revoked_at is not None
    assert not HostedSession.objects.exists()
    assert not AuthorizationCode.objects.exists()


def test_one_session_is_revoked(operator: Client, client: UserPoolClient, user: User) -> None:
    sessions.start(user, client)
    sessions.start(user, client)
    first, second = UserSession.objects.order_by("created_at", "pk")

    act(operator, UserSession, "revoke", first)

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.revoked_at is not None
    assert second.revoked_at is None


def test_a_refusal_is_told_and_stops_no_other(operator: Client, pool: UserPool, user: User) -> None:
    waiting = invite(pool, "bob")
    User.objects.filter(pk=waiting.pk).update(status="UNCONFIRMED")

    shown = act(operator, User, "confirm", user, waiting)

    waiting.refresh_from_db()
    assert waiting.status == "CONFIRMED"
    assert "User cannot be confirmed. Current status is" in shown.content.decode()


def test_deleting_asks_once_and_says_what_will_be_gone(operator: Client, user: User) -> None:
    asked = act(operator, User, "remove", user)

    assert User.objects.filter(pk=user.pk).exists()
    html = asked.content.decode()
    assert "What will be gone" in html
    assert "ana" in html
    act(operator, User, "remove", user, confirmed="1")
    assert not User.objects.filter(pk=user.pk).exists()


def test_a_protected_pool_is_not_deleted(operator: Client) -> None:
    guarded = pools.create("guarded", {"DeletionProtection": "ACTIVE"}, region="us-east-1")

    shown = act(operator, UserPool, "remove", guarded, confirmed="1")

    assert UserPool.objects.filter(pk=guarded.pk).exists()
    assert "deletion protection is activated" in shown.content.decode()


def test_a_secret_is_replaced_unseen(operator: Client, client: UserPoolClient) -> None:
    act(operator, UserPoolClient, "replace_secret", client)
    client.refresh_from_db()
    assert clients.is_secret(client, SECRET)

    shown = act(operator, UserPoolClient, "replace_secret", client, confirmed="1")

    client.refresh_from_db()
    assert not clients.is_secret(client, SECRET)
    new = clients.secret_of(client)
    assert new is not None
    assert new not in shown.content.decode()


def test_keys_are_rotated_and_the_old_stay_published(operator: Client, pool: UserPool) -> None:
    before = {key["kid"] for key in keys.jwks(pool)["keys"]}

    act(operator, UserPool, "rotate_keys", pool)

    after = {key["kid"] for key in keys.jwks(pool)["keys"]}
    assert before < after
    assert SigningKey.objects.filter(retired_at__gt=clock.now() + timedelta(hours=1)).count() == len(before)


def test_who_may_only_look_can_do_nothing(pool: UserPool, user: User) -> None:
    looker = get_user_model().objects.create_user("looker", password="Long-enough-1", is_staff=True)
    looker.user_permissions.add(
        Permission.objects.get(codename="view_user", content_type__app_label="identity_userpools")
    )
    browser = Client()
    assert browser.login(username="looker", password="Long-enough-1")

    html = browser.get(page(User, "change", user.pk)).content.decode()
    act(browser, User, "disable", user)

    assert "Disable" not in html
    user.refresh_from_db()
    assert user.is_enabled
