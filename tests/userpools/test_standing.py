"""Between the proof of a credential and the write that lets the user in, the account may change: then nobody is let in."""

from collections.abc import Callable
from typing import Any

import pytest

from identity.core import clock
from identity.userpools import hosted_sessions, oauth_codes, passwords, sessions
from identity.userpools.errors import NotAuthorized
from identity.userpools.models import (
    AuthorizationCode,
    HostedSession,
    User,
    UserPool,
    UserPoolClient,
    UserSession,
)
from identity.userpools.signin import begin, finish
from identity.userpools.signin.attempt import Attempt, Door, Proven
from identity.wire.origin import Origin
from tests.userpools.flows import ALL_FLOWS, respond
from tests.userpools.people import (
    NEW_PASSWORD,
    PASSWORD,
    access_token,
    invite,
    make_client,
    make_pool,
    settled,
    sign_in,
)

Change = Callable[[Any, str], Any]
CHANGES: dict[str, Change] = {
    "disabled": lambda idp, pool_id: idp.admin_disable_user(UserPoolId=pool_id, Username="ana"),
    "another password": lambda idp, pool_id: idp.admin_set_user_password(
        UserPoolId=pool_id, Username="ana", Password=NEW_PASSWORD, Permanent=True
    ),
    "reset": lambda idp, pool_id: idp.admin_reset_user_password(UserPoolId=pool_id, Username="ana"),
    "deleted": lambda idp, pool_id: idp.admin_delete_user(UserPoolId=pool_id, Username="ana"),
}
changes = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())


@pytest.fixture
def pool_id(cognito: Any) -> str:
    pool_id = make_pool(cognito)
    settled(cognito, pool_id, "ana", email="ana@example.com", email_verified="true")
    return pool_id


@pytest.fixture
def client(cognito: Any, pool_id: str) -> UserPoolClient:
    client_id = make_client(cognito, pool_id, ExplicitAuthFlows=ALL_FLOWS)
    return UserPoolClient.objects.select_related("pool").get(pk=client_id)


@pytest.fixture
def proven(client: UserPoolClient) -> Proven:
    """A sign-in whose password was right, and that is not written yet."""
    origin = Origin("192.0.2.1", "tests", is_secure=True)
    step = begin.by_password(Attempt(client, "ana", Door.API, "USER_PASSWORD_AUTH", origin), PASSWORD)
    assert isinstance(step, Proven)
    return step


@changes
def test_no_session_begins(cognito: Any, pool_id: str, proven: Proven, change: Change) -> None:
    change(cognito, pool_id)

    with pytest.raises(NotAuthorized):
        finish.with_tokens(proven)

    assert not UserSession.objects.exists()


@changes
def test_no_browser_is_known_and_no_code_given(
    cognito: Any, pool_id: str, client: UserPoolClient, proven: Proven, change: Change
) -> None:
    change(cognito, pool_id)

    with pytest.raises(NotAuthorized):
        hosted_sessions.start(proven.user)
    with pytest.raises(NotAuthorized):
        oauth_codes.issue(proven.user, client, oauth_codes.Request("https://a", (), clock.now()))

    assert not HostedSession.objects.exists()
    assert not AuthorizationCode.objects.exists()


def test_what_does_not_matter_does_not_refuse(cognito: Any, pool_id: str, proven: Proven) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id, Username="ana", UserAttributes=[{"Name": "name", "Value": "Ana"}]
    )

    finish.with_tokens(proven)

    assert UserSession.objects.get().user == proven.user


def test_a_code_under_way_is_voided_with_the_others(client: UserPoolClient) -> None:
    user = User.objects.select_related("pool").get()
    asked = oauth_codes.Request("https://a", (), clock.now())
    text = oauth_codes.issue(user, client, asked)
    code = oauth_codes.redeem(client, oauth_codes.Redemption(text, "https://a", None))
    started = sessions.start(user, client)

    oauth_codes.void_all(user)

    with pytest.raises(oauth_codes.BadGrant):
        oauth_codes.became(code, started.session)


@pytest.mark.parametrize("status", ["RESET_REQUIRED", "FORCE_CHANGE_PASSWORD", "UNCONFIRMED"])
def test_a_browser_is_known_only_while_its_user_could_sign_in(pool_id: str, status: str) -> None:
    pool, value = UserPool.objects.get(pk=pool_id), hosted_sessions.start(User.objects.get())
    assert hosted_sessions.find(pool, value)

    User.objects.update(status=status)

    assert hosted_sessions.find(pool, value) is None


def test_inviting_again_voids_the_way_in_by_the_former_password(cognito: Any) -> None:
    pool_id = make_pool(cognito)
    client_id = make_client(cognito, pool_id)
    invite(cognito, pool_id, "bob", {"email": "bob@example.com"}, TemporaryPassword="Temp-Passw0rd!")
    session = sign_in(cognito, client_id, "bob", "Temp-Passw0rd!")["Session"]

    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="bob",
        MessageAction="RESEND",
        TemporaryPassword="Temp-Passw0rd-2",
        DesiredDeliveryMediums=["EMAIL"],
    )

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid session"):
        respond(
            cognito,
            client_id,
            "NEW_PASSWORD_REQUIRED",
            session,
            USERNAME="bob",
            NEW_PASSWORD=NEW_PASSWORD,
        )
    again = sign_in(cognito, client_id, "bob", "Temp-Passw0rd-2")["Session"]
    respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", again, USERNAME="bob", NEW_PASSWORD=NEW_PASSWORD)


def while_it_hashes(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], Any]) -> None:
    """``deed`` happens once, while the next new password is being hashed."""
    real, waiting = passwords.prepare, [deed]

    def prepare(user: User, password: str) -> passwords.Prepared:
        if waiting:
            waiting.pop()()
        return real(user, password)

    monkeypatch.setattr(passwords, "prepare", prepare)


def disabled_and_enabled_again(idp: Any, pool_id: str) -> None:
    idp.admin_disable_user(UserPoolId=pool_id, Username="ana")
    idp.admin_enable_user(UserPoolId=pool_id, Username="ana")


@pytest.mark.parametrize(
    "change",
    [*(CHANGES[name] for name in ("disabled", "another password", "reset")), disabled_and_enabled_again],
    ids=["disabled", "another password", "reset", "disabled and enabled again"],
)
def test_nobody_changes_a_password_in_an_account_that_was_taken_back(
    cognito: Any, pool_id: str, client: UserPoolClient, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    token = access_token(cognito, client.pk, "ana")
    while_it_hashes(monkeypatch, lambda: change(cognito, pool_id))

    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.change_password(
            AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="Thief-Passw0rd!"
        )

    assert not passwords.is_right(User.objects.select_related("pool").get(), "Thief-Passw0rd!")


def test_inviting_again_overwrites_no_password_chosen_meanwhile(
    cognito: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool_id = make_pool(cognito)
    client_id = make_client(cognito, pool_id)
    invite(cognito, pool_id, "bob", {"email": "bob@example.com"}, TemporaryPassword="Temp-Passw0rd!")
    session = sign_in(cognito, client_id, "bob", "Temp-Passw0rd!")["Session"]
    answer = {"USERNAME": "bob", "NEW_PASSWORD": NEW_PASSWORD}
    while_it_hashes(
        monkeypatch, lambda: respond(cognito, client_id, "NEW_PASSWORD_REQUIRED", session, **answer)
    )

    with pytest.raises(cognito.exceptions.UnsupportedUserStateException):
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username="bob",
            MessageAction="RESEND",
            DesiredDeliveryMediums=["EMAIL"],
        )

    assert sign_in(cognito, client_id, "bob", NEW_PASSWORD)["AuthenticationResult"]
