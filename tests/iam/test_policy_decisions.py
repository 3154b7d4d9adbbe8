"""The verdict over identity policies, boundary, session policies, resource and trust policies."""

import pytest

from identity.iam import policy
from identity.iam.policy import PolicyType, Principal, PrincipalKind, Request, decide
from tests.iam.documents import ACCOUNT, allow, deny, document, identity_policy, trust

pytestmark = pytest.mark.core_suite

USER = Principal(PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/ana", ACCOUNT, unique_id="AIDA" + "A" * 17)
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = Principal(
    PrincipalKind.ROLE_SESSION,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one",
    ACCOUNT,
    ROLE_ARN,
    "AROA" + "A" * 17,
)
ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
WEB = Principal(PrincipalKind.WEB_IDENTITY, "cognito-identity.amazonaws.com")
FEDERATED = Principal(PrincipalKind.FEDERATED_USER, f"arn:aws:sts::{ACCOUNT}:federated-user/bob", ACCOUNT)
NOBODY = Principal(PrincipalKind.ANONYMOUS)

YES = identity_policy(allow("svc:*"))
NO = identity_policy(deny("svc:*", Sid="Never"))
OTHER = identity_policy(allow("other:*"))


def ask(principal=None, **policies):
    return decide(Request("svc:Do", "arn:aws:svc:::x", {}, principal), **policies)


def resource_policy(principal, effect="Allow", **elements):
    statement = {"Effect": effect, "Principal": principal, "Action": "svc:*", "Resource": "*", **elements}
    return policy.parse(document(statement), kind="resource")


@pytest.mark.parametrize(
    ("policies", "ending"),
    [
        ({"identity": [YES]}, ""),
        ({"identity": [OTHER, YES]}, ""),
        ({"identity": []}, "because no identity-based policy allows the svc:Do action"),
        ({"identity": [OTHER]}, "because no identity-based policy allows the svc:Do action"),
        ({"identity": [YES, NO]}, "with an explicit deny in an identity-based policy"),
        ({"identity": [YES], "boundary": YES}, ""),
        ({"identity": [YES], "boundary": OTHER}, "because no permissions boundary allows the svc:Do action"),
        ({"identity": [OTHER], "boundary": YES}, "because no identity-based policy allows the svc:Do action"),
        ({"identity": [YES], "boundary": NO}, "with an explicit deny in a permissions boundary"),
        ({"identity": [YES], "sessions": None}, ""),
        ({"identity": [YES], "sessions": []}, "because no session policy allows the svc:Do action"),
        ({"identity": [YES], "sessions": [OTHER]}, "because no session policy allows the svc:Do action"),
        ({"identity": [YES], "sessions": [OTHER, YES]}, ""),
        ({"identity": [YES], "sessions": [YES, NO]}, "with an explicit deny in a session policy"),
        (
            {"identity": [OTHER], "sessions": [YES]},
            "because no identity-based policy allows the svc:Do action",
        ),
        (
            {"identity": [YES], "sessions": None, "session_denies_by_default": True},
            "because no session policy allows the svc:Do action",
        ),
        ({"identity": [YES], "sessions": [YES], "session_denies_by_default": True}, ""),
        (
            {"identity": [YES], "resource_policies": [resource_policy("*", "Deny")]},
            "with an explicit deny in a resource-based policy",
        ),
    ],
)
def test_verdict_and_its_words(policies, ending):
    decision = ask(SESSION, **policies)

    assert decision.ending == ending
    assert decision.allowed is (ending == "")
    assert decision.explicit_deny is ending.startswith("with an explicit deny")


def test_the_deciding_statement_is_named():
    assert ask(USER, identity=[YES, NO]).sid == "Never"
    assert ask(USER, identity=[YES, NO]).by is PolicyType.IDENTITY
    assert ask(USER, identity=[identity_policy(allow(Sid="Here"))]).sid == "Here"


BOUND = {"boundary": OTHER, "sessions": [OTHER]}


@pytest.mark.parametrize(
    ("principal", "named", "identity", "others", "allowed"),
    [
        # naming user, session or federated user grants at once, whatever is implicit elsewhere
        (USER, {"AWS": USER.arn}, [], BOUND, True),
        (USER, {"AWS": USER.unique_id}, [], BOUND, True),
        (SESSION, {"AWS": SESSION.arn}, [], BOUND, True),
        (FEDERATED, {"AWS": FEDERATED.arn}, [], BOUND, True),
        # everyone grants at once too, but a session stays within its bounds
        (NOBODY, "*", [], {}, True),
        (USER, "*", [], BOUND, True),
        (SESSION, "*", [], {}, True),
        (SESSION, {"AWS": "*"}, [], {"boundary": YES, "sessions": [YES]}, True),
        (SESSION, "*", [], {"boundary": OTHER}, False),
        (SESSION, {"AWS": "*"}, [], {"sessions": [OTHER]}, False),
        (FEDERATED, "*", [], {"sessions": [OTHER]}, False),
        # naming the role spares the identity policy only
        (SESSION, {"AWS": ROLE_ARN}, [], {}, True),
        (SESSION, {"AWS": SESSION.unique_id}, [], {}, True),
        (SESSION, {"AWS": ROLE_ARN}, [], {"boundary": OTHER}, False),
        (SESSION, {"AWS": ROLE_ARN}, [], {"sessions": [OTHER]}, False),
        (SESSION, {"AWS": ROLE_ARN}, [], {"boundary": YES, "sessions": [YES]}, True),
        # naming the account leaves it to the identity policies
        (USER, {"AWS": ACCOUNT}, [], {}, False),
        (USER, {"AWS": ACCOUNT}, [YES], {}, True),
        (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, [], {}, False),
        # somebody else
        (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ben"}, [], {}, False),
        (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ben"}, [YES], {}, True),
        (USER, {"Service": "lambda.amazonaws.com"}, [], {}, False),
        (
            Principal(PrincipalKind.SERVICE, "lambda.amazonaws.com"),
            {"Service": "lambda.amazonaws.com"},
            [],
            {},
            True,
        ),
        # services and tokens come in by name only
        (Principal(PrincipalKind.SERVICE, "lambda.amazonaws.com"), "*", [], {}, False),
        (WEB, "*", [], {}, False),
        (WEB, {"Federated": "cognito-identity.amazonaws.com"}, [], {}, True),
        (WEB, {"Federated": "accounts.google.com"}, [], {}, False),
        (USER, {"Federated": "cognito-identity.amazonaws.com"}, [], {}, False),
    ],
)
def test_what_a_resource_policy_grants(principal, named, identity, others, allowed):
    decision = ask(principal, identity=identity, resource_policies=[resource_policy(named)], **others)

    assert decision.allowed is allowed


def test_the_closest_naming_counts():
    policies = [resource_policy({"AWS": [ACCOUNT, ROLE_ARN]}), resource_policy({"AWS": SESSION.arn})]

    assert ask(SESSION, resource_policies=policies, **BOUND).allowed


@pytest.mark.parametrize(
    ("principal", "listed", "denied"),
    [
        (USER, [USER.arn, ACCOUNT], False),
        (USER, [USER.arn], True),
        (USER, [ACCOUNT], True),
        (SESSION, [ACCOUNT, ROLE_ARN, SESSION.arn], False),
        (SESSION, [ACCOUNT, ROLE_ARN], True),
        (SESSION, [ROLE_ARN, SESSION.arn], True),
        (ROOT, [ACCOUNT], False),
        (NOBODY, [ACCOUNT], True),
        (USER, ["*"], False),
    ],
)
def test_not_principal_with_deny_spares_who_is_listed_wholly(principal, listed, denied):
    statement = {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "*", "Resource": "*"}
    refusing = policy.parse(document(statement), kind="resource")

    assert ask(principal, identity=[YES], resource_policies=[refusing]).explicit_deny is denied


def test_not_principal_with_deny_spares_nobody_who_has_a_boundary():
    statement = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [USER.arn, ACCOUNT]},
        "Action": "*",
        "Resource": "*",
    }
    refusing = policy.parse(document(statement), kind="resource")

    assert ask(USER, identity=[YES], resource_policies=[refusing]).allowed
    assert ask(USER, identity=[YES], boundary=YES, resource_policies=[refusing]).explicit_deny


def test_not_principal_with_allow_leaves_out_who_is_listed_at_all():
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": [ACCOUNT]}, "Action": "*", "Resource": "*"}
    granting = policy.parse(document(statement), kind="resource")

    assert not ask(USER, resource_policies=[granting]).allowed
    assert ask(NOBODY, resource_policies=[granting]).allowed


def test_a_recreated_namesake_is_not_the_one_that_was_named():
    bound = policy.parse(
        document(allow("svc:*", Principal={"AWS": [ROLE_ARN, USER.arn]})),
        kind="resource",
        principal_ids={ROLE_ARN: "AROAOLD", USER.arn: USER.unique_id},
    )

    assert not ask(SESSION, resource_policies=[bound]).allowed
    assert ask(USER, resource_policies=[bound]).allowed


def test_the_account_root_may_do_what_nobody_denies():
    assert ask(ROOT).allowed
    assert not ask(ROOT, resource_policies=[resource_policy("*", "Deny")]).allowed


def test_outsiders_are_told_of_the_resource_policy():
    assert ask(NOBODY).ending == "because no resource-based policy allows the svc:Do action"


ASSUME = Request("sts:AssumeRole", ROLE_ARN, {}, USER)
MAY_ASSUME = identity_policy(allow("sts:AssumeRole", ROLE_ARN))


@pytest.mark.parametrize(
    ("principal", "identity", "allowed"),
    [
        ({"AWS": USER.arn}, [], True),
        ({"AWS": USER.arn}, [identity_policy(deny("sts:*"))], False),
        ({"AWS": ACCOUNT}, [], False),
        ({"AWS": ACCOUNT}, [MAY_ASSUME], True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ben"}, [MAY_ASSUME], False),
        ({"Federated": "cognito-identity.amazonaws.com"}, [MAY_ASSUME], False),
    ],
)
def test_a_trust_policy_is_never_dispensable(principal, identity, allowed):
    condition = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "x"}}
    trusting = policy.parse(
        trust(principal, **condition) if "Federated" in principal else trust(principal), kind="trust"
    )

    decision = decide(ASSUME, identity=identity, resource_policies=[trusting], resource_policy_required=True)

    assert decision.allowed is allowed
