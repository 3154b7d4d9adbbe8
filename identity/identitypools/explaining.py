"""Why this role: what the enhanced flow would answer to somebody, with nothing of it done.

No identity is made, linked or merged, and no credentials are issued.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from identity.iam import policy, sts
from identity.iam.errors import IdpRejectedClaim, PackedPolicyTooLarge
from identity.iam.sts import TrustAnswer
from identity.identitypools import brokers, linking, principal_tags, role_choice, tokens
from identity.identitypools.credentials import Circumstances
from identity.identitypools.errors import GuestsNotAllowed, InvalidIdentityPoolConfiguration
from identity.identitypools.logins.proof import Proof
from identity.identitypools.models import Broker, Identity, IdentityPool
from identity.identitypools.models.identities import State

_NEW = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The role and the way to it; then what the session would carry, and whether the role lets it in.

    ``identities`` are those that the logins lead to now, with their states. ``trust`` is None where there is no such
    role, or where a broker's service asks it: then ``asked_at`` is that service's host and ``role_there`` the role
    there. ``problem`` says what else would refuse the session.
    """

    choice: role_choice.Choice
    identities: tuple[tuple[str, str], ...] = ()
    methods: tuple[str, ...] = field(default=(), repr=False)
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)
    trust: tuple[TrustAnswer, ...] | None = None
    problem: str = ""
    asked_at: str = ""
    role_there: str = ""

    @property
    def is_let_in(self) -> bool:
        """Would there be credentials? A broker's service is not asked: what it would say is left open."""
        is_trusted = bool(self.trust) and all(answer.allowed for answer in self.trust or ())
        is_trusted = is_trusted or bool(self.role_there)
        is_usable = not any(state == State.DISABLED for _, state in self.identities)
        return is_trusted and is_usable and not self.problem


def explain(
    pool: IdentityPool, proofs: Sequence[Proof] | None, at: Circumstances, *, custom_role: str | None = None
) -> Explanation:
    """``proofs`` None is a guest. Raises GuestsNotAllowed for a guest where the pool has none."""
    if proofs is None and not pool.allows_guests:
        raise GuestsNotAllowed
    choice = role_choice.explain(pool, proofs, custom_role)
    known = linking.known_logins(pool, proofs or ())
    identities = tuple(dict.fromkeys((login.identity_id, login.state) for login in known))
    methods = tokens.amr(proofs or ())
    tags = principal_tags.of_logins(pool, proofs or ())
    told = Explanation(choice, identities, tuple(methods), tags)
    if choice.role_arn is None:
        return told
    if pool.own_broker is not None:
        return _elsewhere(told, pool.own_broker, choice.role_arn)
    identity = Identity(id=identities[0][0] if identities else f"{pool.region}:{_NEW}", pool=pool)
    claims = tokens.claims(identity, methods, now=at.now, tags=tags)
    trust, problem = _trust(choice.role_arn, claims, at)
    return replace(told, trust=trust, problem=problem)


def _elsewhere(told: Explanation, broker: Broker, role_arn: str) -> Explanation:
    try:
        role_there = brokers.role_there(broker, role_arn)
    except InvalidIdentityPoolConfiguration as error:
        return replace(told, asked_at=broker.host, problem=error.why)
    return replace(told, asked_at=broker.host, role_there=role_there)


def _trust(
    role_arn: str, claims: Mapping[str, object], at: Circumstances
) -> tuple[tuple[TrustAnswer, ...] | None, str]:
    try:
        answers = sts.trust_for_identity(role_arn, claims=claims, context=at.context)
    except (IdpRejectedClaim, PackedPolicyTooLarge) as error:
        return (), f"The session can't have these tags: {error.why or error.message}"
    except policy.MalformedPolicy as error:
        return (), f"The role's trust policy can't be read: {error}"
    return answers, "" if answers is not None else "There is no such role."
