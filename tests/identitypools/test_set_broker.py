"""The command that gives a pool a broker."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from identity.identitypools.models import Broker
from tests.identitypools.sts_server import StsServer, refusal

USERS, ANA = "arn:aws:iam::111122223333:role/users", "arn:aws:iam::111122223333:role/ana"
HERE = "arn:aws:iam::000000000000:role/x=y/ana"


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("set_broker", *arguments, stdout=output)
    return output.getvalue()


def test_a_broker_is_made_changed_and_taken_away(pool_id: str, sts_there: StsServer, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    shown = run(
        *(pool_id, "--endpoint", sts_there.url, "--authenticated-role", USERS, "--role", f"{HERE}={ANA}"),
        *("--session-policy", str(policy), "--duration-seconds", "900"),
    )
    run(pool_id, "--audience", "our-client")

    assert shown == f"issuer http://testserver/identity-pools\nclient ID {pool_id}\n"
    made = Broker.objects.get()
    assert (made.audience, made.authenticated_role, made.roles) == ("our-client", USERS, {HERE: ANA})
    assert (made.session_policy, made.duration_seconds) == (policy.read_text(), 900)

    run(pool_id, "--session-policy", "")
    assert Broker.objects.get().session_policy == ""
    run(pool_id, "--remove")
    assert not Broker.objects.exists()
    with pytest.raises(CommandError, match="no broker"):
        run(pool_id, "--remove")


def test_it_is_tried_out_without_secrets(pool_id: str, sts_there: StsServer) -> None:
    shown = run(pool_id, "--endpoint", sts_there.url, "--authenticated-role", USERS, "--try")

    assert f"{USERS}: credentials ASIATHEIRS until 2030-01-02 03:04 UTC" in shown
    assert "their" not in shown

    sts_there.answers(403, refusal("AccessDenied", "Not authorized"))
    with pytest.raises(CommandError, match="Not every role"):
        run(pool_id, "--try")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--endpoint", "http://sts.example.com"], "endpoint"),
        (["--endpoint", "https://sts.example.com", "--role", "users=admins"], "HERE=THERE"),
        (["--endpoint", "https://sts.example.com", "--session-policy", "/no/such/file"], "can't be read"),
        ([], "endpoint"),
    ],
)
def test_what_it_refuses(pool_id: str, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(pool_id, *arguments)
    assert not Broker.objects.exists()


def test_a_pool_that_isnt_there(db: None) -> None:
    with pytest.raises(CommandError, match="not found"):
        run("us-east-1:00000000-0000-4000-8000-000000000000", "--try")
