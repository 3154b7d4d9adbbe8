"""Actions and resources."""

import pytest

from tests.iam.documents import allow, deny, is_allowed

pytestmark = pytest.mark.core_suite

NOTE = "arn:aws:notes:us-east-1:000000000000:note/ana/1"


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("*", "anything:AtAll", True),
        ("notes:GetNote", "notes:GetNote", True),
        ("NOTES:getnote", "notes:GetNote", True),
        ("notes:Get*", "notes:GetNote", True),
        ("notes:Get*", "notes:Get", True),
        ("notes:Get*", "notes:PutNote", False),
        ("notes:*Note", "notes:GetNote", True),
        ("notes:*Note", "notes:GetNotes", False),
        ("notes:?etNote", "notes:GetNote", True),
        ("notes:?etNote", "notes:etNote", False),
        ("n*s:*", "notes:GetNote", True),
        ("*:GetNote", "notes:GetNote", True),
        ("notes:G*N*e", "notes:GetNote", True),
        ("notes:GetNote", "notes:GetNote2", False),
        ("notes.x:GetNote", "notesyx:GetNote", False),
    ],
)
def test_actions_match_ignoring_case(pattern, action, matches):
    assert is_allowed(allow(pattern), action=action) is matches
    not_action = {"Effect": "Allow", "NotAction": pattern, "Resource": "*"}
    assert is_allowed(not_action, action=action) is not matches


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("*", NOTE, True),
        ("*", "*", True),
        (NOTE, NOTE, True),
        (NOTE.upper().replace("ARN", "arn").replace("AWS", "aws"), NOTE, False),
        ("arn:aws:notes:us-east-1:000000000000:note/ANA/1", NOTE, False),
        ("arn:aws:notes:*:*:note/*", NOTE, True),
        ("arn:aws:notes:*:*:note/*/1", NOTE, True),
        ("arn:aws:notes:us-*:0000????????:note/ana/?", NOTE, True),
        ("arn:aws:notes:us-*:0000????????:note/ana/??", NOTE, False),
        ("arn:aws:notes:*", NOTE, True),
        ("arn:aws:notes", NOTE, True),
        ("arn:aws", NOTE, True),
        ("arn:*:notes:::x", NOTE, False),
        ("arn:aws:other:*", NOTE, False),
        ("arn:aws:notes:*:note/ana/1", NOTE, False),  # a star does not reach over a colon of the first five
        ("arn:aws:notes:::note/ana/1", NOTE, False),
        ("arn:aws:logs:*:*:log-group:*:stream", "arn:aws:logs:r:1:log-group:a:b:stream", True),
        ("arn:aws:logs:*:*:log-group:?", "arn:aws:logs:r:1:log-group:a:b", False),
        ("arn:aws:notes:*:*:*", "*", False),  # actions without a resource need "*" itself
        ("arn:aws:notes:*:*:*", "a bare id", False),
        ("*", "a bare id", True),
        ("arn:aws:notes:*:*:note/a\nb", "arn:aws:notes:r:1:note/a\nb", True),
        ("arn:aws:notes:*:*:note/*b", "arn:aws:notes:r:1:note/a\nb", True),
    ],
)
def test_resources_match_field_by_field(pattern, resource, matches):
    assert is_allowed(allow(resource=pattern), resource=resource) is matches
    not_resource = {"Effect": "Allow", "Action": "*", "NotResource": pattern}
    assert is_allowed(not_resource, resource=resource) is not matches


def test_any_of_several_actions_and_resources_is_enough():
    both = allow(["a:One", "a:Two"], ["arn:aws:a:::x", "arn:aws:a:::y"])

    assert is_allowed(both, action="a:Two", resource="arn:aws:a:::y")
    assert not is_allowed(both, action="a:Two", resource="arn:aws:a:::z")
    assert not is_allowed(both, action="a:Three", resource="arn:aws:a:::y")


def test_not_resource_spares_every_listed_one():
    others = deny(resource="placeholder")
    del others["Resource"]
    others["NotResource"] = ["arn:aws:a:::x", "arn:aws:a:::y"]

    assert is_allowed(allow(), others, resource="arn:aws:a:::y")
    assert not is_allowed(allow(), others, resource="arn:aws:a:::z")


def test_hostile_patterns_take_no_exponential_time():
    pattern = "arn:aws:a:::" + "*a" * 900 + "b"
    resource = "arn:aws:a:::" + "a" * 2000

    assert not is_allowed(allow(resource=pattern), resource=resource)  # for ever, if it were tried one by one
