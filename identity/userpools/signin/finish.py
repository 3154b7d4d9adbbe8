"""The end of a sign-in. Triggers are asked first, outside the transaction; then everything is written at once."""

from django.db import transaction

from identity.core import clock
from identity.core import events as core_events
from identity.userpools import events, sessions, tokens, triggers
from identity.userpools.signin import states
from identity.userpools.signin.attempt import Challenged, Proven, Recognised, SignedIn


def with_tokens(step: Challenged | Proven) -> Challenged | SignedIn:
    """End in a session and its tokens; a challenge is passed on as it is.

    Raises the errors of post authentication and pre token generation, which refuse the tokens and leave a ticket
    good that is not spent yet, and ``NotAuthorized`` where that was spent, or the user changed, meanwhile.
    """
    if isinstance(step, Challenged):
        return step
    _after_credential(step)
    started = sessions.draft(step.user, step.attempt.client)
    prepared = tokens.prepare(started.session, source=step.source, metadata=step.attempt.metadata)
    with transaction.atomic():
        if step.ticket:
            states.spend(step.ticket)
        sessions.save(started)
        core_events.record(_event(step, started))
    return SignedIn(started.session, tokens.sign(prepared), started.refresh_token)


def at_pages(step: Challenged | Proven) -> Challenged | Recognised:
    """End in a browser that is known; the tokens follow by the authorization code. Raises as ``with_tokens``.

    Nothing is written here that lets the user in, so that they are unchanged is asked where the code and the
    browser's session are written.
    """
    if isinstance(step, Challenged):
        return step
    _after_credential(step)
    if step.ticket:
        with transaction.atomic():
            states.spend(step.ticket)
    return Recognised(step.user, clock.now())


def _after_credential(step: Proven) -> None:
    triggers.post_authentication(step.user, step.attempt.client, step.attempt.metadata)


def _event(step: Proven, started: sessions.Started) -> events.SignedIn:
    user, client = step.user, step.attempt.client
    return events.SignedIn(user.pool_id, str(user.sub), client.pk, step.attempt.flow, str(started.session.pk))
