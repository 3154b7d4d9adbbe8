"""AssumeRole through the wire: trust, the caller's own policies, chaining, tags, session policies, durations."""

import hashlib
import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from identity.core import clock, tickets
from identity.iam import credentials, managed_policies, roles, session_limits
from identity.iam.callers import IamCallers
from identity.iam.policy import compiled
from identity.wire.callers import AccessDenied
from tests import aws
from tests.iam import world
from tests.iam.documents import ACCOUNT, allow, deny, document, trust

pytestmark = pytest.mark.core_suite

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
MAY_ASSUME = document(allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]))
ALL = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


@pytest.fixture
def ana(db):
    """A client of a user who may assume any role that trusts the account."""
    _user, key = world.user("ana", MAY_ASSUME)
    return world.sts_client(key, checked=False)


@pytest.fixture
def target(db):
    return world.role("target", trust({"AWS": ROOT}, ALL), document(allow()))


def assume(client, role, **parameters):
    arn = role if isinstance(role, str) else role.arn
    return client.assume_role(RoleArn=arn, RoleSessionName="one", **parameters)


def refusal(client, role, **parameters):
    return aws.refusal(assume, client, role, **parameters)


def caller_of(answer):
    given = answer["Credentials"]
    return IamCallers().find_key(given["AccessKeyId"], given["SessionToken"], clock.now()).caller


def denial(arn="arn:aws:iam::000000000000:role/target", action="sts:AssumeRole", who="user/ana"):
    service = "iam" if who.startswith("user") else "sts"
    return (
        "AccessDenied",
        f"User: arn:aws:{service}::{ACCOUNT}:{who} is not authorized to perform: {action} on resource: {arn}",
    )


def test_the_answer(ana, target):
    answer = assume(ana, target)

    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{target.role_id}:one",
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/target/one",
    }
    given = answer["Credentials"]
    assert timedelta(minutes=59) < given["Expiration"] - clock.now() <= timedelta(hours=1)
    assert "PackedPolicySize" not in answer
    assert "SourceIdentity" not in answer
    identity = world.session_client("sts", given).get_caller_identity()
    assert identity["UserId"] == f"{target.role_id}:one"


def test_a_role_that_trusts_the_account_needs_the_callers_policy(target):
    _user, key = world.user("nobody")

    assert refusal(world.sts_client(key), target) == denial(who="user/nobody")


def test_a_role_that_names_the_user_does_not(db):
    user, key = world.user("ben")
    role = world.role("bens", trust({"AWS": user.arn}))

    assert assume(world.sts_client(key), role)


def test_but_an_explicit_deny_counts(db):
    user, key = world.user("ben", document(deny("sts:*")))
    role = world.role("bens", trust({"AWS": user.arn}))

    assert refusal(world.sts_client(key), role) == denial(role.arn, who="user/ben")


def test_unknown_and_untrusted_roles_are_refused_in_the_same_words(ana):
    closed = world.role("closed", trust({"Service": "lambda.amazonaws.com"}))
    unknown = f"arn:aws:iam::{ACCOUNT}:role/unknown"
    elsewhere = "arn:aws:iam::999999999999:role/closed"

    assert refusal(ana, closed) == denial(closed.arn)
    assert refusal(ana, unknown) == denial(unknown)
    assert refusal(ana, elsewhere) == denial(elsewhere)
    assert refusal(ana, f"arn:aws:iam::{ACCOUNT}:role/wrong/path/closed")[0] == "AccessDenied"


def test_a_recreated_user_is_not_trusted_again(db):
    user, _key = world.user("ben")
    role = world.role("bens", trust({"AWS": user.arn}))
    user.delete()
    _user, key = world.user("ben")

    assert refusal(world.sts_client(key), role)[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("not-an-arn-but-long-enough", "not-an-arn-but-long-enough is invalid"),
        (f"arn:aws:iam::{ACCOUNT}:user/ana", "Request ARN is invalid"),
    ],
)
def test_the_arn_must_be_a_roles(ana, arn, words):
    assert refusal(ana, arn) == ("ValidationError", words)


@pytest.mark.parametrize(
    ("name", "value", "fragment"),
    [
        ("RoleSessionName", "a", "Member must have length greater than or equal to 2"),
        ("RoleSessionName", "no blanks", "regular expression pattern: [\\w+=,.@-]*"),
        ("DurationSeconds", 899, "greater than or equal to 900"),
        ("DurationSeconds", 43201, "less than or equal to 43200"),
        ("ExternalId", "x", "length greater than or equal to 2"),
        ("TokenCode", "12345", "length greater than or equal to 6"),
    ],
)
def test_the_models_constraints(ana, target, name, value, fragment):
    with pytest.raises(ClientError) as caught:
        ana.assume_role(**{"RoleArn": target.arn, "RoleSessionName": "one", name: value})

    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert fragment in caught.value.response["Error"]["Message"]


# Conditions of the trust policy


def test_external_id(ana):
    role = world.role("partner", trust({"AWS": ROOT}, StringEquals={"sts:ExternalId": "secret-42"}))

    assert assume(ana, role, ExternalId="secret-42")
    assert refusal(ana, role) == denial(role.arn)
    assert refusal(ana, role, ExternalId="secret-43") == denial(role.arn)


def test_session_name_and_request_context(ana):
    named = world.role("named", trust({"AWS": ROOT}, StringEquals={"sts:RoleSessionName": "${aws:username}"}))
    local = world.role("local", trust({"AWS": ROOT}, IpAddress={"aws:SourceIp": "127.0.0.0/8"}))
    remote = world.role("remote", trust({"AWS": ROOT}, IpAddress={"aws:SourceIp": "10.0.0.0/8"}))

    assert ana.assume_role(RoleArn=named.arn, RoleSessionName="ana")
    assert refusal(ana, named) == denial(named.arn)
    assert assume(ana, local)
    assert refusal(ana, remote) == denial(remote.arn)


def test_mfa_cannot_be_shown_here(ana, target):
    demanding = world.role("mfa", trust({"AWS": ROOT}, Bool={"aws:MultiFactorAuthPresent": "true"}))

    assert refusal(ana, demanding) == denial(demanding.arn)
    assert refusal(ana, target, SerialNumber="arn:aws:iam::1:mfa/ana", TokenCode="123456") == (
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code.",
    )


def test_trusted_contexts_are_refused(ana, target):
    context = {"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "xxxx"}

    assert refusal(ana, target, ProvidedContexts=[context]) == denial(action="sts:SetContext")


# Durations and chains


def test_duration_up_to_the_roles_own(ana):
    role = world.role("long", trust({"AWS": ROOT}), max_session_duration=7200)

    left = assume(ana, role, DurationSeconds=7200)["Credentials"]["Expiration"] - clock.now()

    assert timedelta(minutes=119) < left <= timedelta(hours=2)
    assert refusal(ana, role, DurationSeconds=7201) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )


def test_too_long_a_session_of_an_untrusted_role_says_nothing_of_it(ana):
    closed = world.role("closed", trust({"Service": "lambda.amazonaws.com"}))

    assert refusal(ana, closed, DurationSeconds=43200)[0] == "AccessDenied"


def test_a_chain_of_roles_lasts_an_hour_at_most(ana, target):
    second = world.role("second", trust({"AWS": target.arn}), max_session_duration=43200)
    chained = world.session_client("sts", assume(ana, target)["Credentials"])

    assert assume(chained, second, DurationSeconds=3600)["AssumedRoleUser"]["Arn"].endswith("second/one")
    assert refusal(chained, second, DurationSeconds=3601) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )


def test_a_session_may_be_trusted_by_its_own_arn(ana, target):
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/target/one"
    second = world.role("second", trust({"AWS": arn}))
    other = world.role("other", trust({"AWS": arn.replace("/one", "/two")}))
    chained = world.session_client("sts", assume(ana, target)["Credentials"])

    assert assume(chained, second)
    assert refusal(chained, other) == denial(other.arn, who="assumed-role/target/one")


def test_a_chained_session_loses_what_its_session_policy_does_not_allow(ana, target):
    second = world.role("second", trust({"AWS": ROOT}))
    policy = json.dumps(document(allow("notes:*")))
    bounded = world.session_client("sts", assume(ana, target, Policy=policy)["Credentials"])

    assert refusal(bounded, second) == denial(second.arn, who="assumed-role/target/one")


# Session policies


def test_an_inline_session_policy_bounds_the_session(ana, target):
    answer = assume(ana, target, Policy=json.dumps(document(allow("notes:Get*"))))

    caller = caller_of(answer)
    IamCallers().authorize(caller, "notes:GetNote", "*", {})
    with pytest.raises(AccessDenied, match="no session policy allows the notes:PutNote action"):
        IamCallers().authorize(caller, "notes:PutNote", "*", {})
    assert 0 < answer["PackedPolicySize"] < 100


def test_managed_session_policies_count_with_their_present_documents(ana, target):
    reading = managed_policies.create("Reading", document(allow("notes:Get*")))
    writing = managed_policies.create("Writing", document(allow("notes:Put*")), path="/team/")
    answer = assume(ana, target, PolicyArns=[{"arn": reading.arn}, {"arn": writing.arn}])

    IamCallers().authorize(caller_of(answer), "notes:PutNote", "*", {})
    IamCallers().authorize(caller_of(answer), "notes:GetNote", "*", {})

    managed_policies.set_document(writing, document(allow("other:*")))
    with pytest.raises(AccessDenied, match="no session policy"):
        IamCallers().authorize(caller_of(answer), "notes:PutNote", "*", {})
    reading.delete()
    with pytest.raises(AccessDenied, match="no session policy"):
        IamCallers().authorize(caller_of(answer), "notes:GetNote", "*", {})
    assert answer["PackedPolicySize"] > 0


def test_a_policy_that_came_with_the_product_has_awss_arn(ana, target):
    managed = managed_policies.administrator_access()

    assert managed.arn == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert assume(ana, target, PolicyArns=[{"arn": managed.arn}])


@pytest.mark.parametrize(
    "arn", [f"arn:aws:iam::{ACCOUNT}:policy/Ghost", "arn:aws:iam::aws:policy/Ghost", "a" * 30]
)
def test_an_unknown_managed_policy_is_refused(ana, target, arn):
    assert refusal(ana, target, PolicyArns=[{"arn": arn}]) == ("ValidationError", f"{arn} is invalid")


def test_a_stranger_does_not_learn_which_managed_policies_there_are(db):
    """Neither by a token that is none, nor by a key whose user the role does not let in."""
    known = managed_policies.create("known", document(allow()))
    world.role("target", trust({"AWS": f"arn:aws:iam::{'1' * 12}:root"}), document(allow()))
    _, key = world.user("stranger")
    anyone = aws.client("sts")
    answers = []

    for arn in (known.arn, known.arn.replace("known", "unknown")):
        given = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/target", "PolicyArns": [{"arn": arn}]}
        answers.append(
            (
                aws.refusal(world.sts_client(key).assume_role, RoleSessionName="one", **given),
                aws.refusal(
                    anyone.assume_role_with_web_identity,
                    RoleSessionName="one",
                    WebIdentityToken="none",
                    **given,
                ),
                aws.refusal(
                    anyone.assume_role_with_saml,
                    PrincipalArn=f"arn:aws:iam::{ACCOUNT}:saml-provider/corp",
                    SAMLAssertion="none",
                    **given,
                ),
            )
        )

    assert answers[0] == answers[1]
    assert answers[0][0] == denial(who="user/stranger")


def test_policies_of_strangers_make_no_signed_request_slower(db):
    """What is compiled for signed requests does not make room for what anybody may send."""
    before = compiled._remembered.cache_info()

    for number in range(3):
        aws.refusal(
            aws.client("sts").assume_role_with_web_identity,
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/target",
            RoleSessionName="one",
            WebIdentityToken="none",
            Policy=json.dumps(document(allow(f"strangers:Read{number}"))),
        )

    assert compiled._remembered.cache_info().misses == before.misses


def test_at_most_ten_managed_policies(ana, target):
    arns = [{"arn": managed_policies.create(f"P{n}", document(allow())).arn} for n in range(11)]

    assert assume(ana, target, PolicyArns=arns[:10])
    code, words = refusal(ana, target, PolicyArns=arns)
    assert code == "ValidationError"
    assert words.endswith("Member must have length less than or equal to 10")


@pytest.mark.parametrize(
    "policy",
    [
        "{",
        "[]",
        '{"Statement": []}',
        json.dumps(document(allow(Principal="*"))),
        json.dumps(document({"Effect": "Allow"})),
    ],
)
def test_a_malformed_session_policy(ana, target, policy):
    assert refusal(ana, target, Policy=policy)[0] == "MalformedPolicyDocument"


def test_too_large_a_session_policy(ana, target):
    policy = json.dumps(document(allow(resource=[f"arn:aws:s3:::bucket{n}" for n in range(200)])))

    code, words = refusal(ana, target, Policy=policy)

    assert code == "PackedPolicyTooLarge"
    assert words.startswith("Packed policy consumes ")
    assert words.endswith("% of allotted space, please use smaller policy.")


# Tags and source identity


def test_tags_become_principal_tags(ana):
    role = world.role(
        "tagged", trust({"AWS": ROOT}, ALL), document(allow()), tags={"team": "blue", "own": "1"}
    )

    answer = assume(ana, role, Tags=[{"Key": "Team", "Value": "red"}, {"Key": "empty", "Value": ""}])

    tags = {k: v for k, v in caller_of(answer).context.items() if k.startswith("aws:PrincipalTag/")}
    assert tags == {"aws:PrincipalTag/Team": "red", "aws:PrincipalTag/own": "1", "aws:PrincipalTag/empty": ""}
    assert answer["PackedPolicySize"] > 0


def test_tags_are_conditions_and_need_tag_session(ana):
    closed = world.role("closed", trust({"AWS": ROOT}))
    strict = world.role(
        "strict",
        trust(
            {"AWS": ROOT},
            ALL,
            StringEquals={"aws:RequestTag/team": ["red", "blue"]},
            ForAllValues__StringEquals={"aws:TagKeys": ["team"]},
        ),
    )

    assert refusal(ana, closed, Tags=[{"Key": "team", "Value": "red"}]) == denial(
        closed.arn, "sts:TagSession"
    )
    assert assume(ana, strict, Tags=[{"Key": "team", "Value": "red"}])
    assert refusal(ana, strict, Tags=[{"Key": "team", "Value": "green"}]) == denial(strict.arn)
    two = [{"Key": "team", "Value": "red"}, {"Key": "x", "Value": "y"}]
    assert refusal(ana, strict, Tags=two) == denial(strict.arn)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "Duplicate tag keys found"),
        ({"Tags": [{"Key": "aws:a", "Value": "1"}]}, "reserved for system use"),
        (
            {"Tags": [{"Key": "a", "Value": "1"}], "TransitiveTagKeys": ["b"]},
            "must be included in the requested tags",
        ),
    ],
)
def test_contradictory_tags(ana, target, parameters, words):
    code, message = refusal(ana, target, **parameters)

    assert code == "InvalidParameterValue"
    assert words in message


def test_too_many_tags_for_the_token(ana, target):
    tags = [{"Key": f"key-{n}", "Value": hashlib.sha512(bytes([n])).hexdigest()} for n in range(50)]

    assert refusal(ana, target, Tags=tags)[0] == "PackedPolicyTooLarge"
    assert refusal(ana, target, Tags=[*tags, {"Key": "one-more", "Value": ""}])[0] == "ValidationError"


def test_tags_are_packed_in_the_token(ana):
    second = world.role("second", trust({"AWS": ROOT}, ALL), document(allow("sts:*")))
    tags = [{"Key": f"{n:03}" + "k" * 120, "Value": f"{n:03}" + "v" * 253} for n in range(50)]
    keys = [tag["Key"] for tag in tags]

    answer = assume(ana, second, Tags=tags, TransitiveTagKeys=keys)

    assert len(answer["Credentials"]["SessionToken"]) < session_limits.TOKEN_BYTES
    context = caller_of(answer).context
    assert [context[f"aws:PrincipalTag/{tag['Key']}"] for tag in tags] == [tag["Value"] for tag in tags]
    handed_down = caller_of(assume(world.session_client("sts", answer["Credentials"]), second)).context
    assert handed_down[f"aws:PrincipalTag/{keys[49]}"] == tags[49]["Value"]


def test_tags_handed_down_need_room_too(ana):
    role = world.role("second", trust({"AWS": ROOT}, ALL), document(allow("sts:*")))

    def tags(start):
        texts = [hashlib.sha512(bytes([start, n])).hexdigest() for n in range(20)]
        return [{"Key": f"{start}-{n}", "Value": text} for n, text in enumerate(texts)]

    first = assume(ana, role, Tags=tags(1), TransitiveTagKeys=[tag["Key"] for tag in tags(1)])
    chained = world.session_client("sts", first["Credentials"])

    assert assume(ana, role, Tags=tags(2))
    assert refusal(chained, role, Tags=tags(2))[0] == "PackedPolicyTooLarge"
    assert assume(chained, role)


def test_tokens_of_an_earlier_release_keep_their_tags(db):
    content = {"s": "x", "r": "AROAX", "n": "me", "t": {"team": "red"}, "tt": ["team"]}
    token = tickets.issue(credentials.KIND, content, lifetime=timedelta(hours=1), bound_to="ASIAX")

    terms = credentials.open_session("ASIAX", token).terms

    assert (terms.tags, terms.transitive_tag_keys) == ({"team": "red"}, ("team",))


def test_transitive_tags_go_on_and_cannot_be_overridden(ana, target):
    second = world.role("second", trust({"AWS": ROOT}, ALL), document(allow()), tags={"team": "of the role"})
    tags = [{"Key": "team", "Value": "red"}, {"Key": "once", "Value": "only"}]
    first = assume(ana, target, Tags=tags, TransitiveTagKeys=["team"])
    chained = world.session_client("sts", first["Credentials"])

    answer = assume(chained, second, Tags=[{"Key": "new", "Value": "1"}])
    third = assume(world.session_client("sts", answer["Credentials"]), target)

    context = caller_of(answer).context
    assert context["aws:PrincipalTag/team"] == "red"
    assert context["aws:PrincipalTag/new"] == "1"
    assert "aws:PrincipalTag/once" not in context
    assert caller_of(third).context["aws:PrincipalTag/team"] == "red"
    assert "aws:PrincipalTag/new" not in caller_of(third).context
    code, words = refusal(chained, second, Tags=[{"Key": "TEAM", "Value": "blue"}])
    assert code == "InvalidParameterValue"
    assert "conflicts with a transitive tag key" in words


def test_tags_that_are_handed_down_need_tag_session_like_any(ana, target):
    closed = world.role("closed", trust({"AWS": ROOT}))
    tags = [{"Key": "team", "Value": "red"}]
    transitive = assume(ana, target, Tags=tags, TransitiveTagKeys=["team"])
    plain = assume(ana, target, Tags=tags)

    assert assume(world.session_client("sts", plain["Credentials"]), closed)
    assert refusal(world.session_client("sts", transitive["Credentials"]), closed) == denial(
        closed.arn, "sts:TagSession", "assumed-role/target/one"
    )


def test_transitive_keys_ignore_case_and_keep_the_tags_own(ana, target):
    second = world.role("second", trust({"AWS": ROOT}, ALL), document(allow()))
    first = assume(ana, target, Tags=[{"Key": "Team", "Value": "red"}], TransitiveTagKeys=["TEAM"])
    chained = world.session_client("sts", first["Credentials"], checked=False)

    context = caller_of(assume(chained, second)).context

    assert context["aws:PrincipalTag/Team"] == "red"
    assert refusal(chained, second, Tags=[{"Key": "tEAM", "Value": "blue"}])[0] == "InvalidParameterValue"


def test_a_chain_may_be_long_and_its_first_marks_reach_its_end(ana):
    links = [world.role(f"link{n}", trust({"AWS": ROOT}, ALL), document(allow())) for n in range(4)]
    tags = [{"Key": "team", "Value": "red"}]
    answer = assume(ana, links[0], Tags=tags, TransitiveTagKeys=["team"], SourceIdentity="ana")

    for link in links[1:]:
        answer = assume(world.session_client("sts", answer["Credentials"]), link)

    context = caller_of(answer).context
    assert context["aws:PrincipalTag/team"] == "red"
    assert context["aws:SourceIdentity"] == answer["SourceIdentity"] == "ana"
    assert context["aws:userid"] == f"{links[-1].role_id}:one"


def test_the_calling_sessions_marks_are_conditions_of_the_next_role(ana, target):
    condition = {"aws:PrincipalTag/team": "red", "aws:SourceIdentity": "ana"}
    second = world.role("second", trust({"AWS": ROOT}, ALL, StringEquals=condition))
    tags = [{"Key": "team", "Value": "red"}]

    marked = assume(ana, target, Tags=tags, SourceIdentity="ana")
    unmarked = assume(ana, target, Tags=tags)

    assert assume(world.session_client("sts", marked["Credentials"]), second)
    assert refusal(world.session_client("sts", unmarked["Credentials"]), second)[0] == "AccessDenied"


def test_a_role_does_not_assume_itself_unless_it_trusts_itself(ana, target):
    alone = world.role("alone", trust({"AWS": world.user("ben")[0].arn}), document(allow()))
    chained = world.session_client("sts", assume(ana, target)["Credentials"])

    assert refusal(chained, alone)[0] == "AccessDenied"
    roles.set_trust_policy(target, trust({"AWS": target.arn}))
    assert assume(chained, target)


def test_a_source_identity_stays(ana, target):
    second = world.role("second", trust({"AWS": ROOT}, ALL), document(allow()))
    first = assume(ana, target, SourceIdentity="ana@example.com")
    chained = world.session_client("sts", first["Credentials"])

    answer = assume(chained, second)

    assert first["SourceIdentity"] == answer["SourceIdentity"] == "ana@example.com"
    assert caller_of(answer).context["aws:SourceIdentity"] == "ana@example.com"
    who = "assumed-role/target/one"
    assert refusal(chained, second, SourceIdentity="ben@example.com") == denial(
        second.arn, "sts:SetSourceIdentity", who
    )
    assert refusal(ana, target, SourceIdentity="aws:ana")[0] == "ValidationError"


def test_a_source_identity_needs_its_own_permission_and_is_a_condition(ana):
    closed = world.role("closed", trust({"AWS": ROOT}))
    strict = world.role(
        "strict", trust({"AWS": ROOT}, ALL, StringLike={"sts:SourceIdentity": "*@example.com"})
    )

    assert refusal(ana, closed, SourceIdentity="ana") == denial(closed.arn, "sts:SetSourceIdentity")
    assert refusal(ana, strict) == denial(strict.arn)
    assert assume(ana, strict, SourceIdentity="ana@example.com")


def test_a_token_can_be_asked_to_be_large(ana, target):
    plain = assume(ana, target)
    large = assume(ana, target, MinimumSessionTokenSize=4096)

    assert plain["SessionTokenSize"] == len(plain["Credentials"]["SessionToken"]) < 1000
    assert large["SessionTokenSize"] == len(large["Credentials"]["SessionToken"]) >= 4096
    assert world.session_client("sts", large["Credentials"]).get_caller_identity()


def test_a_role_may_be_renewed_with_another_trust(ana, target):
    roles.set_trust_policy(target, trust({"Service": "lambda.amazonaws.com"}))

    assert refusal(ana, target) == denial()


@pytest.mark.parametrize(
    ("endpoint", "is_let_in"), [("http://testserver/", False), ("https://testserver/", True)]
)
def test_trust_may_ask_for_https(db, endpoint, is_let_in):
    _user, key = world.user("bob", MAY_ASSUME)
    secure = trust({"AWS": ROOT}, Bool={"aws:SecureTransport": "true"})
    role = world.role("secure", secure, document(allow()))
    client = world.sts_client(key, endpoint=endpoint)

    if is_let_in:
        assert assume(client, role)
    else:
        assert refusal(client, role)[0] == "AccessDenied"


@pytest.mark.parametrize("everyone", ["*", {"AWS": "*"}])
def test_a_role_that_trusts_everyone_frees_no_session_of_its_bounds(ana, target, everyone):
    opened = world.role("opened", trust(everyone, ["sts:AssumeRole"]), document(allow()))
    only_notes = json.dumps(document(allow("notes:*")))
    bounded = world.session_client("sts", assume(ana, target, Policy=only_notes)["Credentials"])
    unbounded = world.session_client("sts", assume(ana, target)["Credentials"])

    assert assume(unbounded, opened)
    assert refusal(bounded, opened)[0] == "AccessDenied"
