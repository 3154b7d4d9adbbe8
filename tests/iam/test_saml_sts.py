"""AssumeRoleWithSAML: what of an assertion becomes a session, and what stays outside."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError
from django.core.exceptions import ValidationError

from identity.core import clock
from identity.core.models import Event
from identity.iam import saml_providers
from identity.iam.models import Role, SamlProvider
from tests import aws
from tests.iam import world
from tests.iam.documents import allow, document
from tests.iam.saml_idp import AWS_ATTRIBUTE, AWS_RECIPIENT, Idp, encoded, key_pair, stamp
from tests.races import at_once

pytestmark = pytest.mark.core_suite

IDP = Idp()
ARN = "arn:aws:iam::000000000000:saml-provider/corp"
ROLE_ARN = "arn:aws:iam::000000000000:role/staff"


@pytest.fixture
def provider(db: None) -> SamlProvider:
    return saml_providers.create("corp", IDP.metadata())


@pytest.fixture
def anyone(db: None) -> Any:
    return aws.client("sts")


def role(name: str = "staff", condition: dict[str, Any] | None = None, *more: str, **options: Any) -> Role:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": ARN},
        "Action": ["sts:AssumeRoleWithSAML", *more],
    }
    if condition:
        statement["Condition"] = condition
    return world.role(name, document(statement), document(allow()), **options)


def response(
    name_id: str = "ana", *, idp: Idp = IDP, also: dict[str, Any] | None = None, **options: Any
) -> str:
    """A response for the role ``staff``; ``also`` are further attributes, by AWS's short names."""
    given: dict[str, Any] = {"Role": f"{ROLE_ARN},{ARN}", "RoleSessionName": "ana@corp", **(also or {})}
    attributes = {
        name if ":" in name and "Tag" not in name else f"{AWS_ATTRIBUTE}/{name}": value
        for name, value in given.items()
        if value is not None
    }
    return idp.response(name_id, attributes=attributes, **options)


def assume(sts: Any, text: str, **members: Any) -> dict[str, Any]:
    asked = {"RoleArn": ROLE_ARN, "PrincipalArn": ARN, "SAMLAssertion": text, **members}
    answer: dict[str, Any] = sts.assume_role_with_saml(**asked)
    return answer


def refused(sts: Any, text: str, **members: Any) -> tuple[str, str]:
    return aws.refusal(assume, sts, text, **members)


NOT_AUTHORIZED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")


def test_an_assertion_becomes_a_session(anyone: Any, provider: SamlProvider) -> None:
    made = role()

    answer = assume(anyone, response())

    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{made.role_id}:ana@corp",
        "Arn": "arn:aws:sts::000000000000:assumed-role/staff/ana@corp",
    }
    hashed = hashlib.sha1(f"{IDP.entity_id}000000000000/corp".encode()).digest()  # noqa: S324  # the interface
    assert {
        name: answer[name] for name in ("Subject", "SubjectType", "Issuer", "Audience", "NameQualifier")
    } == {
        "Subject": "ana",
        "SubjectType": "persistent",
        "Issuer": IDP.entity_id,
        "Audience": AWS_RECIPIENT,
        "NameQualifier": base64.b64encode(hashed).decode(),
    }
    session = world.session_client("sts", answer["Credentials"])
    assert session.get_caller_identity()["Arn"].endswith("assumed-role/staff/ana@corp")


@pytest.mark.parametrize("pair", [f"{ROLE_ARN},{ARN}", f"{ARN},{ROLE_ARN}", f" {ROLE_ARN} , {ARN} "])
def test_a_pair_may_be_in_either_order(anyone: Any, provider: SamlProvider, pair: str) -> None:
    role()

    assert assume(anyone, response(also={"Role": ["x", pair]}))


@pytest.mark.parametrize(
    "pair", [None, "", ROLE_ARN, f"{ROLE_ARN},{ARN}x", f"{ROLE_ARN}x,{ARN}", f"{ROLE_ARN},{ARN},x"]
)
def test_a_role_that_the_assertion_does_not_grant(
    anyone: Any, provider: SamlProvider, pair: str | None
) -> None:
    role()

    assert refused(anyone, response(also={"Role": pair})) == NOT_AUTHORIZED


def test_an_unknown_role_looks_like_one_that_does_not_trust(anyone: Any, provider: SamlProvider) -> None:
    assert refused(anyone, response()) == NOT_AUTHORIZED

    role(condition={"StringEquals": {"saml:sub": "ben"}})

    assert refused(anyone, response()) == NOT_AUTHORIZED


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("saml:aud", AWS_RECIPIENT),
        ("saml:iss", IDP.entity_id),
        ("saml:sub", "ana"),
        ("saml:sub_type", "persistent"),
        ("saml:doc", "000000000000/corp"),
        ("saml:cn", "Ana"),
        ("saml:edupersonaffiliation", "staff"),
        ("aws:FederatedProvider", ARN),
        ("sts:RoleSessionName", "ana@corp"),
    ],
)
def test_trust_policies_may_ask(anyone: Any, provider: SamlProvider, key: str, value: str) -> None:
    also = {"urn:oid:2.5.4.3": "Ana", "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["member", "staff"]}
    role(condition={"ForAnyValue:StringEquals": {key: value}})
    role("other", {"ForAnyValue:StringEquals": {key: "else"}})

    assert assume(anyone, response(also=also))
    other = "arn:aws:iam::000000000000:role/other"
    pairs = {"Role": [f"{ROLE_ARN},{ARN}", f"{other},{ARN}"]}
    assert refused(anyone, response(also={**also, **pairs}), RoleArn=other) == NOT_AUTHORIZED


def test_the_sessions_own_policies_may_ask_for_the_subject(anyone: Any, provider: SamlProvider) -> None:
    mine = {**allow("sts:DecodeAuthorizationMessage"), "Condition": {"StringEquals": {"saml:sub": "ana"}}}
    trust = {"Effect": "Allow", "Principal": {"Federated": ARN}, "Action": "sts:AssumeRoleWithSAML"}
    world.role("staff", document(trust), document(mine))

    answer = assume(anyone, response())

    from identity.iam import credentials

    given = answer["Credentials"]
    opened = credentials.open_session(given["AccessKeyId"], given["SessionToken"])
    assert set(opened.terms.claims) == {"saml:sub", "saml:sub_type", "saml:namequalifier"}
    assert opened.terms.provider == ARN


def test_an_assertion_is_given_once_for_each_role(anyone: Any, provider: SamlProvider) -> None:
    role()
    role("other")
    other = "arn:aws:iam::000000000000:role/other"
    text = response(also={"Role": [f"{ROLE_ARN},{ARN}", f"{other},{ARN}"]})

    assert assume(anyone, text)
    assert assume(anyone, text, RoleArn=other)
    assert refused(anyone, text) == ("InvalidIdentityToken", "Response was already used")


def test_a_refused_call_does_not_use_it_up(anyone: Any, provider: SamlProvider) -> None:
    text = response()
    assert refused(anyone, text) == NOT_AUTHORIZED

    role()

    assert assume(anyone, text)


def test_a_provider_of_another_name_is_another_one(anyone: Any, provider: SamlProvider) -> None:
    role()
    saml_providers.create("other", replace(IDP, key=key_pair("other")).metadata())

    assert refused(anyone, response(), PrincipalArn=f"{ARN}x") == (
        "InvalidIdentityToken", "Specified provider doesn't exist"
    )  # fmt: skip
    assert refused(anyone, response(), PrincipalArn=ARN.replace("corp", "other"))[0] == "InvalidIdentityToken"
    assert refused(anyone, response(), PrincipalArn=ARN.replace("000000000000", "111111111111"))[0] == (
        "InvalidIdentityToken"
    )


def test_withdrawn_keys_and_expired_metadata(anyone: Any, provider: SamlProvider) -> None:
    role()
    saml_providers.update(provider, IDP.metadata(key_pair("next")))
    assert refused(anyone, response()) == ("InvalidIdentityToken", "Response signature invalid")

    soon = clock.now() + timedelta(minutes=1)
    saml_providers.update(provider, IDP.metadata(valid_until=stamp(soon)))
    assert assume(anyone, response())
    with time_machine.travel(soon + timedelta(seconds=1), tick=False):
        assert refused(anyone, response())[0] == "InvalidIdentityToken"


@pytest.mark.parametrize(
    ("also", "expected"),
    [
        ({"RoleSessionName": None}, "RoleSessionName is required in AuthnResponse"),
        ({"RoleSessionName": "a"}, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        ({"RoleSessionName": ["ana", "ben"]}, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        ({"SourceIdentity": "aws:ana"}, 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'),
        ({"SessionDuration": "10"}, "SessionDuration in AuthnResponse must be 900 to 43200 seconds"),
        ({"SessionDuration": "1e9"}, "SessionDuration in AuthnResponse must be 900 to 43200 seconds"),
        ({"SessionDuration": "9" * 5000}, "SessionDuration in AuthnResponse must be 900 to 43200 seconds"),
    ],
)  # fmt: skip
def test_attributes_that_are_missing_or_malformed(
    anyone: Any, provider: SamlProvider, also: dict[str, Any], expected: str
) -> None:
    role()

    assert refused(anyone, response(also=also)) == ("InvalidIdentityToken", expected)


def lifetime(answer: dict[str, Any]) -> float:
    return float((answer["Credentials"]["Expiration"] - clock.now()).total_seconds())


@pytest.mark.parametrize(
    ("options", "asked", "seconds"),
    [
        ({}, {}, 3600),
        ({}, {"DurationSeconds": 7200}, 7200),
        ({"also": {"SessionDuration": "900"}}, {}, 900),
        ({"also": {"SessionDuration": "43200"}}, {"DurationSeconds": 1800}, 1800),
        ({"session_ends": 600}, {}, 600),
        ({"session_ends": 50_000}, {}, 3600),
    ],
)
def test_how_long_a_session_lasts(
    anyone: Any, provider: SamlProvider, options: dict[str, Any], asked: dict[str, Any], seconds: int
) -> None:
    role(max_session_duration=7200)
    with time_machine.travel(clock.now().replace(microsecond=0), tick=False):
        assert lifetime(assume(anyone, response(**options), **asked)) == seconds


def test_no_longer_than_the_role_allows(anyone: Any, provider: SamlProvider) -> None:
    role()

    code, message = refused(anyone, response(), DurationSeconds=7200)

    assert code == "ValidationError"
    assert message == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."


def test_tags_and_source_identity_need_the_roles_leave(anyone: Any, provider: SamlProvider) -> None:
    role()
    tagged = {"PrincipalTag:dept": "notes", "TransitiveTagKeys": "dept"}

    assert refused(anyone, response(also=tagged)) == (
        "AccessDenied",
        "Not authorized to perform sts:TagSession",
    )
    assert refused(anyone, response(also={"SourceIdentity": "ana"})) == (
        "AccessDenied", "Not authorized to perform sts:SetSourceIdentity"
    )  # fmt: skip


def test_tags_and_source_identity_go_into_the_session(anyone: Any, provider: SamlProvider) -> None:
    role(
        "staff",
        {"StringEqualsIfExists": {"aws:RequestTag/dept": "notes"}},
        "sts:TagSession",
        "sts:SetSourceIdentity",
    )
    also = {"PrincipalTag:dept": "notes", "TransitiveTagKeys": "dept", "SourceIdentity": "ana"}

    answer = assume(anyone, response(also=also))

    from identity.iam import credentials

    given = answer["Credentials"]
    terms = credentials.open_session(given["AccessKeyId"], given["SessionToken"]).terms
    assert (terms.tags, terms.transitive_tag_keys, terms.source_identity) == (
        {"dept": "notes"},
        ("dept",),
        "ana",
    )
    assert answer["SourceIdentity"] == "ana"
    assert answer["PackedPolicySize"] > 0


@pytest.mark.parametrize(
    "also",
    [
        {"PrincipalTag:dept": ["a", "b"]},
        {"PrincipalTag:": "a"},
        {"PrincipalTag:aws:x": "a"},
        {"PrincipalTag:dept": "a", "PrincipalTag:DEPT": "b"},
        {"PrincipalTag:dept": "a" * 257},
        {"TransitiveTagKeys": "dept"},
    ],
)
def test_tags_that_break_the_rules(anyone: Any, provider: SamlProvider, also: dict[str, Any]) -> None:
    role("staff", None, "sts:TagSession")

    assert refused(anyone, response(also=also))[0] == "IDPRejectedClaim"


def test_an_old_response_says_so(anyone: Any, provider: SamlProvider) -> None:
    role()

    assert refused(anyone, response(age=400, lifetime=900)) == (
        "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"RoleArn": "role/staff-of-the-notes"}, "role/staff-of-the-notes is invalid"),
        ({"RoleArn": "arn:aws:iam::000000000000:user/ana"}, "Request ARN is invalid"),
        ({"PrincipalArn": "saml-provider/corp-of-notes"}, "saml-provider/corp-of-notes is invalid"),
        ({"PrincipalArn": "arn:aws:iam::000000000000:role/staff"}, "Request ARN is invalid"),
    ],
)
def test_malformed_arns(anyone: Any, provider: SamlProvider, members: dict[str, str], message: str) -> None:
    assert refused(anyone, response(), **members) == ("ValidationError", message)


def test_garbage_in_the_place_of_a_response(anyone: Any, provider: SamlProvider) -> None:
    assert refused(anyone, "AAAA") == ("InvalidIdentityToken", "Invalid SAML response")
    assert refused(anyone, "=!?=") == ("InvalidIdentityToken", "Invalid base64 SAMLResponse")
    assert refused(anyone, encoded(b"<a/>")) == ("InvalidIdentityToken", "Invalid SAML response")


def test_ours_is_a_recipient_too(anyone: Any, provider: SamlProvider) -> None:
    role()
    own = "http://testserver/saml"

    def edit(root: Any) -> Any:
        root.set("Destination", own)
        return root

    assert assume(anyone, response(recipient=own, audience=own, edit=edit))["Audience"] == own


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_bring_one_assertion_one_wins(needs_postgres: None) -> None:
    saml_providers.create("corp", IDP.metadata())
    role()
    text = response()

    def bring() -> str:
        try:
            assume(aws.client("sts"), text)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "won"

    outcomes = at_once(*[bring] * 4)

    assert sorted(outcomes) == ["Response was already used"] * 3 + ["won"]


# Metadata


def test_what_is_read_out_of_metadata(db: None) -> None:
    keys = key_pair(), key_pair("next")
    made = saml_providers.create("corp", IDP.metadata(*keys, keys[0], valid_until="2099-01-01T00:00:00Z"))

    assert made.arn == ARN
    assert made.entity_id == IDP.entity_id
    assert made.certificates == [keys[0].certificate, keys[1].certificate]
    assert made.valid_until is not None
    assert made.valid_until.year == 2099
    assert saml_providers.find(ARN) == made
    assert saml_providers.find_all([ARN, "arn:aws:iam::000000000000:saml-provider/other", "x"]) == {ARN: made}
    assert list(saml_providers.list_all()) == [made]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda text: "", "cannot be blank"),
        (lambda text: "x" * 2000, "not well-formed XML"),
        (lambda text: "\ud800" + text, "not well-formed XML"),
        (lambda text: text.replace("<md:Entity", "<!DOCTYPE a><md:Entity", 1), "document type"),
        (lambda text: text.replace("EntityDescriptor", "Other"), "exactly one"),
        (lambda text: text.replace("IDPSSODescriptor", "SPSSODescriptor"), "exactly one"),
        (lambda text: text.replace("2.0:protocol", "1.1:protocol"), "exactly one"),
        (lambda text: text.replace(IDP.entity_id, ""), "entityID"),
        (lambda text: text.replace(IDP.key.certificate, "AAAA"), "certificate"),
        (lambda text: text.replace('use="signing"', 'use="encryption"'), "signing certificates"),
        (lambda text: text.replace("<md:EntityDescriptor", '<md:EntityDescriptor validUntil="2020-01-01T00:00:00Z"'), "expired"),
        (lambda text: text.replace("<md:EntityDescriptor", '<md:EntityDescriptor validUntil="soon"'), "time"),
        (lambda text: text + " " * 1_000_000, "longer than"),
    ],
)  # fmt: skip
def test_metadata_that_is_refused(db: None, edit: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        saml_providers.create("corp", edit(IDP.metadata()))
    assert not SamlProvider.objects.exists()


def test_a_weak_key_is_refused(db: None) -> None:
    with pytest.raises(ValidationError, match="2048"):
        saml_providers.create("corp", IDP.metadata(key_pair("weak", 1024)))


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "a" * 129, "a\n"])
def test_names_that_are_refused(db: None, name: str) -> None:
    with pytest.raises(ValidationError):
        saml_providers.create(name, IDP.metadata())


def test_a_name_is_taken_once(db: None) -> None:
    saml_providers.create("corp", IDP.metadata())

    with pytest.raises(ValidationError, match="already exists"):
        saml_providers.create("corp", IDP.metadata())


def test_what_happens_to_providers_is_told(db: None) -> None:
    made = saml_providers.create("corp", IDP.metadata())
    saml_providers.update(made, replace(IDP, entity_id="urn:corp").metadata())
    saml_providers.delete(made)

    told = Event.objects.filter(tag__startswith="iam:saml_provider").order_by("id")
    assert [(each.tag.rpartition(":")[2], each.content["name"]) for each in told] == [
        ("created", "corp"),
        ("updated", "corp"),
        ("deleted", "corp"),
    ]
