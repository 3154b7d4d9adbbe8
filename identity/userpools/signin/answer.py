"""The answer to a challenge, by challenge."""

from collections.abc import Mapping
from dataclasses import replace

from identity.userpools.errors import InvalidParameter
from identity.userpools.signin.attempt import Attempt, Challenged, Proven
from identity.userpools.signin.challenges import new_password, password_verifier
from identity.userpools.signin.decide import Challenge
from identity.userpools.signin.proceed import proceed
from identity.userpools.tokens import Source


def answer(
    attempt: Attempt, challenge: str, session: str | None, responses: Mapping[str, str]
) -> Challenged | Proven:
    """Judge an answer and say what follows. ``challenge`` is the wire's ``ChallengeName``.

    Raises what the challenge's ``check`` raises; ``InvalidParameter`` for one that isn't built.
    """
    match challenge:
        case Challenge.PASSWORD_VERIFIER:
            passed, source = password_verifier.check(attempt, responses), Source.SIGN_IN
        case Challenge.NEW_PASSWORD_REQUIRED:
            passed, source = new_password.check(attempt, session, responses), Source.NEW_PASSWORD
        case _:
            raise InvalidParameter(f"The challenge {challenge} is not built yet.")
    begun = replace(attempt, flow=passed.flow)
    return proceed(begun, passed.user, ticket=passed.ticket, source=source)
