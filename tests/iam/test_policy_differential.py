"""The engine against one that nobody here wrote: npm's ``@cloud-copilot/iam-simulate``.

Thousands of generated policies and requests have to get the same verdict from both. Where the two are known to
differ, the generators leave the case out and ``test_known_differences`` holds it, with the reason why ours stands.

The run is the same every time; for a longer search raise ``max_examples`` and drop ``derandomize``.
"""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from identity.iam import policy
from identity.iam.policy import Principal, PrincipalKind, Request
from tests import servers
from tests.iam import policy_generators as generators
from tests.iam.policy_generators import ACCOUNT, ROLE, SESSION, USER
from tests.races import PATIENCE

SCRIPT = Path(__file__).resolve().parent.parent / "node" / "iam_simulate.mjs"

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif("Node" in servers.missing(), reason=servers.missing().get("Node", "")),
]


@pytest.fixture(scope="module")
def theirs():
    """The other engine in one process: policies and requests to verdicts."""
    process = subprocess.Popen(
        ["node", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )

    def ask(question):
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        verdicts = json.loads(process.stdout.readline())
        faults = [one["error"] for one in verdicts if "error" in one]
        assert faults == [], "the generated question is none that the other engine understands"
        return [one["result"] for one in verdicts]

    yield ask
    process.stdin.close()
    assert process.wait(timeout=PATIENCE) == 0


def ours(policies, request):
    asked = Request(
        request["action"], request["resource"], request["context"], principal(request["principal"])
    )
    trust = request["action"] == "sts:AssumeRole"
    decision = policy.decide(
        asked,
        identity=[policy.parse(one) for one in policies["identity"]],
        boundary=compiled(policies["boundary"]),
        sessions=[compiled(policies["session"])] if policies["session"] else None,
        resource_policies=[compiled(policies["resource"], "trust" if trust else "resource")]
        if policies["resource"]
        else [],
        resource_policy_required=trust,
    )
    if decision.allowed:
        return "Allowed"
    return "ExplicitlyDenied" if decision.explicit_deny else "ImplicitlyDenied"


def compiled(document, kind="identity"):
    return policy.parse(document, kind=kind) if document else None


def principal(arn):
    if arn == SESSION:
        return Principal(PrincipalKind.ROLE_SESSION, arn, ACCOUNT, ROLE)
    return Principal(PrincipalKind.USER, arn, ACCOUNT)


def compared(strategy, theirs, *, examples):
    """Put generated questions to both engines. How often there was which verdict."""
    seen = Counter()

    @settings(
        max_examples=examples,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def check(question):
        verdicts = theirs(question)
        assert [ours(question["policies"], request) for request in question["requests"]] == verdicts
        seen.update(verdicts)

    check()
    return seen


def test_identity_boundary_session_and_resource_policies(theirs):
    seen = compared(generators.questions(size=12), theirs, examples=200)

    assert seen.total() >= 2_400
    assert min(seen["Allowed"], seen["ExplicitlyDenied"], seen["ImplicitlyDenied"]) > 100


def test_trust_policies(theirs):
    seen = compared(generators.trust_questions(size=5), theirs, examples=80)

    assert seen.total() >= 400
    assert min(seen["Allowed"], seen["ExplicitlyDenied"], seen["ImplicitlyDenied"]) > 10


def document(**elements):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    if "NotResource" in elements:
        del statement["Resource"]
    return {"Version": "2012-10-17", "Statement": [statement]}


ALL = document()


def asked(resource="arn:aws:s3:::b/ana", action="s3:GetObject", who=USER, **context):
    found = {f"aws:{name}": value for name, value in context.items()}
    return {"principal": who, "action": action, "resource": resource, "context": found}


def given_policies(**named):
    return {"account": ACCOUNT, "identity": [], "boundary": None, "session": None, "resource": None, **named}


@pytest.mark.parametrize(
    ("policies", "request_", "our_verdict", "their_verdict"),
    [
        # A variable that is not set matches nothing, so it keeps nothing out of NotResource, and no value equals it.
        # Source: IAM user guide, "Policy variables with no value".
        pytest.param(
            given_policies(identity=[document(NotResource="arn:aws:s3:::b/${aws:username}")]),
            asked(),
            "Allowed",
            "ImplicitlyDenied",
            id="unset variable in NotResource",
        ),
        pytest.param(
            given_policies(identity=[document(Condition={"StringNotEquals": {"aws:userid": "${aws:username}"}})]),
            asked(userid="x"),
            "Allowed",
            "ImplicitlyDenied",
            id="negation of an unset variable",
        ),
        # Fewer than six fields are completed with "*" wherever they stand; the other engine doesn't negate that.
        pytest.param(
            given_policies(identity=[document(NotResource="arn:aws:dynamodb:*")]),
            asked(),
            "Allowed",
            "ImplicitlyDenied",
            id="short ARN in NotResource",
        ),
        pytest.param(
            given_policies(resource=document(Resource="arn:aws:s3", Principal={"AWS": USER})),
            asked(),
            "Allowed",
            "ImplicitlyDenied",
            id="short ARN without a wildcard in a resource policy",
        ),
        # Source: IAM user guide, "Condition operators": with IfExists an absent key is true.
        pytest.param(
            given_policies(
                identity=[document(Condition={"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}})]
            ),
            asked(),
            "Allowed",
            "ImplicitlyDenied",
            id="ForAnyValue with IfExists",
        ),
        # The guide asks for a set operator with a key of several values and says nothing of a policy that has none.
        pytest.param(
            given_policies(identity=[document(Condition={"StringEquals": {"aws:TagKeys": "a"}})]),
            asked(TagKeys=["a", "b"]),
            "Allowed",
            "ImplicitlyDenied",
            id="several values without a set operator",
        ),
        # Source: IAM user guide, "Permissions boundaries": what a resource's policy gives to the session by its own
        # ARN is limited by no implicit deny of session policies; what it gives to the role is limited by both.
        pytest.param(
            given_policies(
                session=document(Action="sqs:*"), resource=document(Principal={"AWS": SESSION})
            ),
            asked(who=SESSION),
            "Allowed",
            "ImplicitlyDenied",
            id="session named, session policy silent",
        ),
        pytest.param(
            given_policies(boundary=document(Action="sqs:*"), resource=document(Principal="*")),
            asked(who=SESSION),
            "ImplicitlyDenied",
            "Allowed",
            id="everyone named, boundary silent",
        ),
        # A value that is none of the operator's kind equals nothing, so that its negation holds.
        pytest.param(
            given_policies(identity=[document(Condition={"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}})]),
            asked(SourceArn="no-arn"),
            "Allowed",
            "ImplicitlyDenied",
            id="negated operator, value of another kind",
        ),
        pytest.param(
            given_policies(identity=[document(Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.1"}})]),
            asked(SourceIp="2001:db8::1"),
            "Allowed",
            "ImplicitlyDenied",
            id="not this address, and of the other family",
        ),
        # Faults of the other engine: a shift by 32 bits; a colon within a variable taken for one of the resource.
        pytest.param(
            given_policies(identity=[document(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})]),
            asked(SourceIp="10.0.0.1"),
            "Allowed",
            "ImplicitlyDenied",
            id="the network of all addresses",
        ),
        pytest.param(
            given_policies(identity=[document(Resource=f"arn:aws:sqs:us-east-1:{ACCOUNT}:${{aws:username}}")]),
            asked(f"arn:aws:sqs:us-east-1:{ACCOUNT}:ana", "sqs:SendMessage", username="ana"),
            "Allowed",
            "ImplicitlyDenied",
            id="variable at the beginning of a resource",
        ),
    ],
)  # fmt: skip
def test_known_differences(theirs, policies, request_, our_verdict, their_verdict):
    assert ours(policies, request_) == our_verdict
    assert theirs({"policies": policies, "requests": [request_]}) == [their_verdict]
