"""NEW_PASSWORD_REQUIRED: who came in by a temporary password chooses their own, and fills in what is missing.

Source: Cognito developer guide, "Creating user accounts as administrator"; API reference, RespondToAuthChallenge.
"""

import json
from collections.abc import Mapping

from django.db import transaction

from identity.core import events as core_events
from identity.core.tickets import Ticket
from identity.userpools import attribute_values, attributes, events, passwords, standing
from identity.userpools.errors import InvalidParameter, NotAuthorized
from identity.userpools.models import User
from identity.userpools.signin import states, subjects
from identity.userpools.signin.attempt import Attempt, Challenged, Passed
from identity.userpools.signin.challenges.responses import needed
from identity.userpools.signin.decide import Challenge

_PREFIX = "userAttributes."


def issue(attempt: Attempt, user: User) -> Challenged:
    """Ask for the password. Both JSON members are always there: clients read them unconditionally.

    The client sees no more of the user than it may read later.
    """
    seen = attributes.readable(attempt.client, user)
    parameters = {
        "USER_ID_FOR_SRP": user.username,
        "requiredAttributes": json.dumps([f"{_PREFIX}{name}" for name in missing(user)]),
        "userAttributes": json.dumps(seen, separators=(",", ":"), ensure_ascii=False),
    }
    session = states.issue_session(
        attempt, Challenge.NEW_PASSWORD_REQUIRED, user.username, password_of=_password_of(user)
    )
    return Challenged(Challenge.NEW_PASSWORD_REQUIRED, session, parameters)


def missing(user: User) -> list[str]:
    """Required attributes that the user does not have yet."""
    return [name for name in attribute_values.required_names(user.pool) if not user.attributes.get(name)]


def check(attempt: Attempt, session: str | None, responses: Mapping[str, str]) -> Passed:
    """Set the password and the attributes; the user is confirmed by it. Spends the session.

    Raises ``NotAuthorized``, ``InvalidPassword``, ``InvalidParameter`` and others of passwords and attributes,
    after which the session is still good.
    """
    password = needed(responses, "NEW_PASSWORD")
    ticket = states.open_session(attempt, Challenge.NEW_PASSWORD_REQUIRED, session)
    user = _user_of(attempt, ticket)
    changes = _attributes_in(responses)
    _check_attributes(attempt, user, changes)
    passwords.check_policy(attempt.pool, password)
    passwords.check_history(user, password)
    prepared = passwords.prepare(user, password)
    with transaction.atomic():
        states.spend(ticket)
        standing.require_unchanged(user)
        if changes:
            unproven = {
                f"{name}_verified": "false" for name in attribute_values.VERIFIABLE if name in changes
            }
            attributes.write(user, {**changes, **unproven})
        passwords.store(user, prepared, status=User.Status.CONFIRMED)
        core_events.record(events.PasswordChanged(user.pool_id, str(user.sub)))
    return Passed(user, ticket.content["flow"])


def _user_of(attempt: Attempt, ticket: Ticket) -> User:
    subject = subjects.find_by_id(attempt, ticket.content["user"])
    states.require_same_user(subject, subjects.is_called(attempt, subject, attempt.name))
    user = subject.user
    if user is None or user.status != User.Status.FORCE_CHANGE_PASSWORD:
        raise NotAuthorized(states.INVALID, why="the user is gone or has a password meanwhile")
    if not user.is_enabled:
        raise NotAuthorized("User is disabled.")
    if ticket.content["password_of"] != _password_of(user):
        raise NotAuthorized(states.INVALID, why="the user was invited again, with another password")
    return user


def _password_of(user: User) -> str:
    """Which of the user's passwords the session was opened by: the moment it was set."""
    return user.password_changed_at.isoformat() if user.password_changed_at else ""


def _attributes_in(responses: Mapping[str, str]) -> dict[str, str]:
    given = {
        name.removeprefix(_PREFIX): value for name, value in responses.items() if name.startswith(_PREFIX)
    }
    return attribute_values.tidied(given)


def _check_attributes(attempt: Attempt, user: User, changes: Mapping[str, str]) -> None:
    for name in attribute_values.VERIFIABLE:
        # An address is how the invitation arrived: it is not to be exchanged before its owner is known.
        if name in changes and user.attributes.get(name):
            raise NotAuthorized(f"Cannot modify an already provided {name}")
    attributes.require_writable(attempt.client, changes)
    attribute_values.check_changes(attempt.pool, user.attributes, changes)
    lacking = [name for name in missing(user) if not changes.get(name)]
    if lacking:
        text = "\n".join(f"{name}: The attribute is required" for name in lacking)
        raise InvalidParameter(f"Attributes did not conform to the schema: {text}\n")
