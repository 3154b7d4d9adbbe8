"""Random policies and requests in the vocabulary that AWS's services really use, for the comparison with another engine.

That engine knows AWS's actions, their resources and the types of the global condition keys, and refuses any other.
"""

from hypothesis import strategies as st

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"

ACTION_PATTERNS = [
    "*", "s3:*", "s3:Get*", "s3:getobject", "s3:?utObject", "s3:*Object", "s3:PutObject", "dynamodb:*", "dynamodb:GetItem",
    "sqs:Send*", "sqs:?*",
]  # fmt: skip
RESOURCES = {
    "s3:GetObject": ["arn:aws:s3:::b/ana/x", "arn:aws:s3:::b/ben/x", "arn:aws:s3:::c/ana"],
    "s3:PutObject": ["arn:aws:s3:::b/ana/x", "arn:aws:s3:::b/blue/y/z", "arn:aws:s3:::c/ana"],
    "s3:ListBucket": ["arn:aws:s3:::b", "arn:aws:s3:::c"],
    "s3:ListAllMyBuckets": ["*"],
    "dynamodb:GetItem": [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/ana", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/blue"],
    "sqs:SendMessage": [f"arn:aws:sqs:us-east-1:{ACCOUNT}:ana", f"arn:aws:sqs:us-east-1:{ACCOUNT}:blue.fifo"],
}  # fmt: skip
ALWAYS_SET = ["${aws:username, 'ana'}", "${aws:PrincipalTag/gone, 'ana'}", "${*}", "${?}", "${$}"]
VARIABLES = [
    "${aws:username}", "${AWS:UserName}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/gone}", "${aws:TagKeys}",
    *ALWAYS_SET,
]  # fmt: skip
TEXTS = ["ana", "ben", "blue", "ANA", "a", "an", "a*", "", "x"]

texts = st.sampled_from(TEXTS)
given_texts = st.sampled_from([one for one in TEXTS if one])


def joined(*parts):
    return st.lists(st.sampled_from(parts), min_size=1, max_size=2).map("".join)


WILDCARDS = ["*", "?", "??", "a?a"]
patterns, set_patterns = joined(*TEXTS, *WILDCARDS, *VARIABLES), joined(*TEXTS, *WILDCARDS, *ALWAYS_SET)
literals, set_literals = joined(*TEXTS, *VARIABLES), joined(*TEXTS, *ALWAYS_SET)


# Short ARNs with a wildcard, which both engines complete alike where they grant or deny.
SHORT_ARNS = st.sampled_from(["arn:aws:dynamodb:*", "arn:aws:sqs:*", "arn:aws:s3:*"])


def resource_patterns(patterns):
    fields = st.sampled_from
    return st.one_of(
        st.just("*"),
        st.sampled_from(["arn:aws:s3:::*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:*:s3:::b*"]),
        st.builds("arn:aws:s3:::{}/{}".format, fields(["b", "c", "?", "*"]), patterns),
        st.builds("arn:aws:dynamodb:{}:{}:table/{}".format, fields(["us-east-1", "us-*", "*", "??-west-1"]), fields([ACCOUNT, "*", ""]), patterns),
        st.builds("arn:aws:sqs:us-east-1:{}:{}".format, fields([ACCOUNT, "123*"]), fields([*TEXTS, "a*", "*.fifo", "???"])),
    )  # fmt: skip


RESOURCE_VALUES = {
    "Resource": resource_patterns(patterns) | SHORT_ARNS,
    "NotResource": resource_patterns(set_patterns),
}
ARNS = [
    "arn:aws:sns:us-east-1:1:ana",
    "arn:aws:sns:eu-west-1:1:blue/x",
    "arn:aws:sns:us-east-1:1:ana:b",
    ROLE,
]
arn_patterns = st.one_of(
    st.sampled_from(
        [*ARNS, "arn:aws:sns:*:1:*", "arn:aws:sns:us-*:?:ana", "arn:*:iam::*:role/*", "arn:aws:sns:*:1:ana:*"]
    ),
    st.builds("arn:aws:sns:us-east-1:1:{}".format, set_patterns),
)
NUMBERS = ["0", "1", "60", "60.0", "3600", "-5", "1.5"]
DATES = [
    "2026-01-01T00:00:00Z",
    "2026-06-30T12:00:00Z",
    "2026-12-31",
    "2025-12-31T23:59:59Z",
    "2026-01-01T01:00:00+01:00",
]
ADDRESSES = ["10.0.0.1", "10.0.0.2", "192.168.1.7", "2001:db8::1", "2001:db8:0:1::2"]
NETWORKS = [
    "10.0.0.0/8",
    "10.0.0.0/31",
    "192.168.1.0/24",
    "2001:db8::/48",
    "2001:db8::/32",
    "::/0",
]

STRINGS, NOT_STRINGS = (
    ["StringEquals", "StringEqualsIgnoreCase"],
    ["StringNotEquals", "StringNotEqualsIgnoreCase"],
)
NUMERICS = [
    f"Numeric{one}"
    for one in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
]
DATE_OPERATORS = [one.replace("Numeric", "Date") for one in NUMERICS]
ARN_OPERATORS = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]

TEXT_KEYS = ["aws:username", "aws:PrincipalTag/team", "aws:userid"]
LIST_KEYS = ["aws:TagKeys", "aws:PrincipalOrgPaths"]


def some(values):
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


def block(operators, keys, values, prefixes=("",), suffixes=("", "IfExists")):
    """One operator with one or two keys."""
    name = st.builds(
        "{}{}{}".format, st.sampled_from(prefixes), st.sampled_from(operators), st.sampled_from(suffixes)
    )
    return st.tuples(name, st.dictionaries(st.sampled_from(keys), some(values), min_size=1, max_size=2))


SETS = ("ForAllValues:", "ForAnyValue:")
blocks = st.one_of(
    block(STRINGS, TEXT_KEYS, literals),
    block(["StringLike"], TEXT_KEYS, patterns),
    block(NOT_STRINGS, TEXT_KEYS, set_literals),
    block(["StringNotLike"], TEXT_KEYS, set_patterns),
    block(STRINGS, LIST_KEYS, literals, SETS, ("",)),
    block(["StringLike"], LIST_KEYS, patterns, SETS, ("",)),
    block(NOT_STRINGS, LIST_KEYS, set_literals, SETS, ("",)),
    block(["StringNotLike"], LIST_KEYS, set_patterns, SETS, ("",)),
    block(NUMERICS, ["aws:MultiFactorAuthAge"], st.sampled_from(NUMBERS)),
    block(DATE_OPERATORS, ["aws:CurrentTime", "aws:TokenIssueTime"], st.sampled_from(DATES)),
    block(
        ["Bool"],
        ["aws:SecureTransport", "aws:MultiFactorAuthPresent"],
        st.sampled_from(["true", "false", "TRUE"]),
    ),
    block(["IpAddress"], ["aws:SourceIp"], st.sampled_from([*NETWORKS, "10.0.0.1"])),
    block(["NotIpAddress"], ["aws:SourceIp"], st.sampled_from(NETWORKS)),
    block(ARN_OPERATORS, ["aws:SourceArn", "aws:PrincipalArn"], arn_patterns),
    st.tuples(
        st.just("Null"),
        st.dictionaries(
            st.sampled_from([*TEXT_KEYS, *LIST_KEYS]),
            st.sampled_from(["true", "false"]),
            min_size=1,
            max_size=2,
        ),
    ),
)
conditions = st.lists(blocks, max_size=2).map(dict)

contexts = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": given_texts,
        "aws:PrincipalTag/team": given_texts,
        "AWS:userid": given_texts,
        "aws:TagKeys": st.lists(given_texts, min_size=1, max_size=3),
        "aws:PrincipalOrgPaths": st.lists(given_texts, min_size=1, max_size=2),
        "aws:MultiFactorAuthAge": st.sampled_from(NUMBERS),
        "aws:CurrentTime": st.sampled_from(DATES),
        "aws:TokenIssueTime": st.sampled_from(DATES),
        "aws:SecureTransport": st.sampled_from(["true", "false"]),
        "aws:MultiFactorAuthPresent": st.sampled_from(["true", "false"]),
        "aws:SourceIp": st.sampled_from(ADDRESSES),
        "aws:SourceArn": st.sampled_from(ARNS),
        "aws:PrincipalArn": st.sampled_from([ROLE, USER]),
    },
)


@st.composite
def statements(draw, principals=None):
    action = draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))
    resource = draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))
    made = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        action: draw(some(st.sampled_from(ACTION_PATTERNS))),
        resource: draw(some(RESOURCE_VALUES[resource])),
    }
    if condition := draw(conditions):
        made["Condition"] = condition
    if principals is not None:
        made |= draw(principals)
        if "NotPrincipal" in made:
            made["Effect"] = "Deny"
    return made


def policies(principals=None, min_size=1, max_size=3):
    listed = st.lists(statements(principals), min_size=min_size, max_size=max_size)
    return listed.map(lambda made: {"Version": "2012-10-17", "Statement": made})


OTHERS = ["999999999999", USER + "2", SESSION + "2", ROLE + "2"]


def principals(names):
    """The Principal element of a resource policy, of these names and a few that are nobody's who asks."""
    listed = some(st.sampled_from([*names, *OTHERS])).map(lambda found: {"AWS": found})
    everyone = [st.just("*")] if "*" in names else []
    who = st.one_of(listed, st.just({"Service": "lambda.amazonaws.com"}), *everyone)
    return who.map(lambda found: {"Principal": found})


def not_principals(principal):
    """NotPrincipal as it is meant to be used, with Deny: it lists all that somebody is, account and role included."""
    wholly = [ACCOUNT, USER] if principal == USER else [ACCOUNT, ROLE, SESSION]
    lists = st.sampled_from([wholly, OTHERS[:1], OTHERS[1:3]])
    return lists.map(lambda found: {"NotPrincipal": {"AWS": found}})


@st.composite
def requests(draw, principal, *, size):
    """Requests of one principal. A few contexts serve all of them, for they take longest to generate."""
    found = draw(st.lists(contexts, min_size=4, max_size=4))
    targets = st.sampled_from([(action, one) for action, listed in RESOURCES.items() for one in listed])
    made = draw(st.lists(st.tuples(targets, st.sampled_from(found)), min_size=size, max_size=size))
    return [
        {"principal": principal, "action": action, "resource": resource, "context": context}
        for (action, resource), context in made
    ]


@st.composite
def questions(draw, *, size=8):
    """Policies of all the kinds that bear on a principal, and requests of theirs."""
    principal = draw(st.sampled_from([USER, SESSION]))
    boundary = draw(st.none() | st.none() | policies())
    session = draw(st.none() | policies()) if principal == SESSION else None
    names = [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ROLE]
    if principal == USER or not (boundary or session):
        names.append("*")
    names += [USER] if principal == USER else [] if session else [SESSION]
    found = {
        "account": ACCOUNT,
        "identity": draw(st.lists(policies(), max_size=2)),
        "boundary": boundary,
        "session": session,
        "resource": draw(
            st.none() | policies(st.one_of(*[principals(names)] * 5, not_principals(principal)))
        ),
    }
    return {"policies": found, "requests": draw(requests(principal, size=size))}


@st.composite
def trust_statements(draw):
    made = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        "Action": draw(some(st.sampled_from(["sts:AssumeRole", "sts:*", "sts:TagSession", "sts:Assume*"]))),
        **draw(principals([ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", USER, ROLE, SESSION])),
    }
    if condition := draw(conditions):
        made["Condition"] = condition
    return made


ASSUMING = ["*", "sts:*", "sts:AssumeRole", "sts:TagSession", "s3:*"]


@st.composite
def assuming_statements(draw):
    effect = draw(st.sampled_from(["Allow", "Allow", "Deny"]))
    action = draw(some(st.sampled_from(ASSUMING)))
    resource = draw(st.sampled_from(["*", ROLE + "2", f"arn:aws:iam::{ACCOUNT}:role/*", ROLE]))
    return {"Effect": effect, "Action": action, "Resource": resource}


def document(statement):
    return st.lists(statement, min_size=1, max_size=3).map(
        lambda made: {"Version": "2012-10-17", "Statement": made}
    )


@st.composite
def trust_questions(draw, *, size=5):
    """A role's trust policy, the asking user's or session's own policies, and tries to become the role."""
    principal = draw(st.sampled_from([USER, SESSION]))
    found = {
        "account": ACCOUNT,
        "identity": draw(st.lists(document(assuming_statements()), max_size=2)),
        "boundary": None,
        "session": None,
        "resource": draw(document(trust_statements())),
    }
    asked = [
        {
            "principal": principal,
            "action": "sts:AssumeRole",
            "resource": ROLE + "2",
            "context": draw(contexts),
        }
        for _ in range(size)
    ]
    return {"policies": found, "requests": asked}
