"""``python -m benchmarks.policies``: decisions of the policy engine, and checks of a signature, per second of one core.

Decisions and signatures are pure. The last line is all that authentication by temporary credentials takes: the
signature, the session token's seal, the role's policies out of a database in memory. What counts is CPU time of this
process; run it on a quiet machine and quote medians.
"""

import os
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks import cpu
from identity.iam import policy
from identity.iam.policy import Principal, PrincipalKind, Request
from identity.wire import sigv4

ROUNDS = 5
ACCOUNT = "000000000000"
POOL, IDENTITY = (
    "us-east-1:11111111-1111-4111-8111-111111111111",
    "us-east-1:22222222-2222-4222-8222-222222222222",
)
COGNITO = "cognito-identity.amazonaws.com"
ROLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OwnNotes",
            "Effect": "Allow",
            "Action": ["notes:Get*", "notes:List*", "notes:PutNote"],
            "Resource": f"arn:aws:notes:*:*:identity/${{{COGNITO}:sub}}/*",
            "Condition": {"StringEquals": {f"{COGNITO}:aud": POOL}},
        },
        {
            "Sid": "OwnFiles",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": [f"arn:aws:s3:::files/${{{COGNITO}:sub}}/*", "arn:aws:s3:::public/*"],
        },
        {
            "Sid": "Team",
            "Effect": "Allow",
            "Action": "notes:*",
            "Resource": "arn:aws:notes:*:*:team/${aws:PrincipalTag/team}/*",
            "Condition": {
                "StringLike": {"aws:PrincipalTag/role": ["editor*", "owner"]},
                "ForAnyValue:StringEquals": {f"{COGNITO}:amr": "authenticated"},
                "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]},
            },
        },
        {
            "Sid": "NoPlainHttp",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ],
}  # fmt: skip
BOUNDARY = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": ["notes:*", "s3:*", "execute-api:*"], "Resource": "*"},
}
SESSION = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "notes:*", "Resource": "*"}}
PRINCIPAL = Principal(
    PrincipalKind.ROLE_SESSION,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/app/CognitoIdentityCredentials",
    ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:role/app",
    "AROAEXAMPLEEXAMPLE123",
)
CONTEXT = {
    "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app",
    "aws:userid": "AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials",
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalAccount": ACCOUNT,
    "aws:TokenIssueTime": datetime(2026, 1, 1, tzinfo=UTC),
    "aws:MultiFactorAuthPresent": "false",
    "aws:PrincipalTag/team": "blue",
    "aws:PrincipalTag/role": "editor-2",
    f"{COGNITO}:aud": POOL,
    f"{COGNITO}:sub": IDENTITY,
    f"{COGNITO}:amr": ["authenticated", "cognito-idp.us-east-1.amazonaws.com/us-east-1_Example01"],
    "aws:FederatedProvider": COGNITO,
    "aws:SourceIp": "10.1.2.3",
    "aws:UserAgent": "aws-sdk-js/3",
    "aws:SecureTransport": "true",
    "aws:CurrentTime": "2026-01-01T00:00:00Z",
    "aws:EpochTime": "1767225600",
    "aws:RequestedRegion": "us-east-1",
}
OWN = f"arn:aws:notes:us-east-1:{ACCOUNT}:identity/{IDENTITY}/1"
TEAM = f"arn:aws:notes:us-east-1:{ACCOUNT}:team/blue/1"
FOREIGN = f"arn:aws:notes:us-east-1:{ACCOUNT}:identity/{POOL}/1"

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BODY = b'{"IdentityPoolId":"us-east-1:11111111-1111-4111-8111-111111111111","MaxResults":10}'


def decision(action: str, resource: str, expected: bool) -> Callable[[], object]:
    """One decision of a typical role session: its policies parsed, as they are cached; the context as a request has it."""
    held = {
        "identity": [policy.parse(ROLE)],
        "boundary": policy.parse(BOUNDARY),
        "sessions": [policy.parse(SESSION)],
    }
    request = Request(action, resource, CONTEXT, PRINCIPAL)

    def decide() -> None:
        assert policy.decide(request, **held).allowed is expected  # type: ignore[arg-type]

    return decide


def signed_request() -> sigv4.SignedRequest:
    """A call with temporary credentials as an SDK signs it."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityService.ListIdentities",
    }
    request = AWSRequest("POST", "https://id.example.com/", headers, BODY)
    SigV4Auth(
        Credentials("ASIAEXAMPLEEXAMPLE22", SECRET, "t" * 600), "cognito-identity", "us-east-1"
    ).add_auth(request)
    found = {name.lower(): str(value) for name, value in request.headers.items()}
    found |= {"host": urlsplit(request.url).netloc, "user-agent": "aws-sdk-js/3", "accept": "*/*"}
    return sigv4.SignedRequest("POST", "/", "", found, BODY)


def verification(request: sigv4.SignedRequest) -> Callable[[], object]:
    def verify() -> None:
        signature = sigv4.parse(request)
        sigv4.check_window(signature, datetime.now(UTC), 15)
        sigv4.check_scope(signature, service="cognito-identity")
        sigv4.check_signed_headers(signature, request.headers)
        sigv4.check_signature(request, signature, SECRET, explain=True)

    return verify


def authentication() -> Callable[[], object]:
    """What the site does with a signed request before it looks at it."""
    import django
    from django.test import RequestFactory
    from django.test.utils import setup_databases

    django.setup()
    setup_databases(verbosity=0, interactive=False, aliases={"default"})
    from identity.iam import roles, sts
    from identity.wire import callers

    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    only = {"Condition": {"StringEquals": {f"{COGNITO}:aud": POOL}}}
    role = roles.create("app", {"Version": "2012-10-17", "Statement": trust | only})
    roles.put_policy(role, "app", ROLE)
    given = sts.for_identity(role.arn, claims={"aud": POOL, "sub": IDENTITY, "amr": ["authenticated"]})
    signed = AWSRequest("POST", "http://testserver/", {"Content-Type": "application/x-amz-json-1.1"}, BODY)
    credentials = Credentials(given.access_key_id, given.secret_access_key, given.session_token)
    SigV4Auth(credentials, "cognito-identity", "us-east-1").add_auth(signed)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.headers.items()}
    content_type = headers.pop("HTTP_CONTENT_TYPE")
    headers["HTTP_HOST"] = "testserver"

    def authenticate() -> None:
        request = RequestFactory().generic("POST", "/", BODY, content_type, **headers)
        assert callers.authenticate(request, service="cognito-identity").arn.endswith(
            "CognitoIdentityCredentials"
        )

    return authenticate


def measure(name: str, work: Callable[[], object]) -> None:
    costs = [cpu.thread_cost(work, seconds_long=0.3) for _ in range(ROUNDS)]
    middle = statistics.median(costs)
    print(f"{name:44} {1 / middle:10,.0f} {1e6 * middle:10.1f}", flush=True)


def main() -> int:
    print(f"{'work':44} {'per cpu-s':>10} {'cpu µs':>10}   (python {sys.version.split()[0]})")
    measure("decision: own resource, by variable", decision("notes:GetNote", OWN, True))
    measure("decision: team's, three conditions", decision("notes:PutNote", TEAM, True))
    measure("decision: another's resource, refused", decision("notes:GetNote", FOREIGN, False))
    measure("decision: action that no statement names", decision("other:Do", "*", False))
    measure("SigV4 check of a JSON call", verification(signed_request()))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    measure("authentication by temporary credentials", authentication())
    return 0


if __name__ == "__main__":
    sys.exit(main())
