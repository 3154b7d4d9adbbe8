"""PASSWORD_VERIFIER: the server's half of SRP. The secret block is the state; there is no ``Session``.

The session key is worked out when the challenge is made and sealed into the block, so the answer costs one HMAC.
Source: RFC 5054; Cognito's published clients.
"""

from collections.abc import Mapping

from identity.core import clock
from identity.core.tickets import Ticket
from identity.userpools import passwords, srp
from identity.userpools.errors import InvalidParameter, NotAuthorized
from identity.userpools.signin import states, subjects
from identity.userpools.signin.attempt import Attempt, Challenged, Passed, Subject
from identity.userpools.signin.challenges.responses import needed
from identity.userpools.signin.decide import Challenge

_BLOCK = "userpools:srp"


def issue(attempt: Attempt, subject: Subject, srp_a: str) -> Challenged:
    """Ask for the proof; of nobody too, with a salt that is always the same. Raises ``InvalidParameter``."""
    salt, verifier = _stored(attempt, subject)
    try:
        public = srp.parse_public(srp_a)
        server = srp.ephemeral(verifier)
        key = srp.session_key(verifier, public, server)
    except srp.SrpError as refused:
        raise InvalidParameter("SRP_A is not valid.") from refused
    # Nothing in here may be longer or shorter for a user who isn't there: the length would tell.
    content = {"user": subject.id, "flow": attempt.flow, "salt": salt, "key": key.hex()}
    parameters = {
        "SALT": salt,
        "SECRET_BLOCK": states.issue(attempt, _BLOCK, content),
        "SRP_B": srp.to_hex(server.public),
        "USERNAME": subject.id,
        "USER_ID_FOR_SRP": subject.id,
    }
    return Challenged(Challenge.PASSWORD_VERIFIER, None, parameters)


def check(attempt: Attempt, responses: Mapping[str, str]) -> Passed:
    """Judge the proof. A wrong one counts towards the lockout and leaves the block as it is.

    Raises ``NotAuthorized`` and whatever ``subjects.check_entry`` and ``subjects.passed`` refuse.
    """
    block = needed(responses, "PASSWORD_CLAIM_SECRET_BLOCK")
    signature = needed(responses, "PASSWORD_CLAIM_SIGNATURE")
    timestamp = needed(responses, "TIMESTAMP")
    ticket = states.open(attempt, _BLOCK, block, invalid=NotAuthorized.message)
    subject = subjects.find_by_id(attempt, ticket.content["user"])
    if not subjects.is_called(attempt, subject, attempt.name):
        raise NotAuthorized(why="the secret block is another user's")
    seen = subjects.check_entry(attempt, subject)
    proof = srp.Proof(attempt.pool.srp_name, subject.id, block, timestamp)
    user, content = subject.user, ticket.content
    # A password changed meanwhile has another salt: the proof was of the former one.
    if not _is_proven(ticket, proof, signature) or user is None or user.srp_salt != content["salt"]:
        subjects.failed(attempt, subject, "SRP proof is wrong")
    subjects.passed(attempt, user, seen)
    return Passed(user, content["flow"], ticket)


def _stored(attempt: Attempt, subject: Subject) -> tuple[str, bytes]:
    """Salt and verifier; simulated ones where there is no user, or none with a password."""
    verifier = passwords.srp_verifier(subject.user) if subject.user else None
    if subject.user is None or verifier is None:
        return srp.simulate(subjects.seed(attempt.pool, subject.id))
    return subject.user.srp_salt, verifier


def _is_proven(ticket: Ticket, proof: srp.Proof, signature: str) -> bool:
    try:
        signed = srp.is_signed(bytes.fromhex(ticket.content["key"]), proof, signature)
    except srp.SrpError:
        return False
    return signed and srp.is_timely(proof.timestamp, clock.now())
