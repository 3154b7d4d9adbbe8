"""Where statements stand in a document's text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.iam.policy.positions import spans


def places(text):
    return [(each.start.line, each.start.column, each.end.line, each.end.column) for each in spans(text)]


def test_one_statement_stands_behind_its_colon():
    assert places('{"Statement":{"a":1}}') == [(1, 14, 1, 21)]


def test_statements_stand_behind_bracket_and_comma_as_the_simulator_of_aws_counts():
    text = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
    text += '      "Action": "*",\n      "Resource": "*"\n    }\n  ]\n}'

    assert places(text) == [(3, 17, 8, 6)]
    assert places('{"Statement":[{},\n {}]}') == [(1, 15, 1, 17), (1, 18, 2, 4)]


@given(
    before=st.dictionaries(st.text().filter(lambda key: key != "Statement"), st.text(), max_size=2),
    statements=st.lists(st.dictionaries(st.text(), st.text(), max_size=3), max_size=4),
    indent=st.sampled_from([None, 0, 2, "\t"]),
)
def test_what_stands_in_a_span_is_the_statement(before, statements, indent):
    text = json.dumps({**before, "Statement": statements, "Z": [1]}, indent=indent)
    lines = text.split("\n")

    def offset(position):
        return sum(len(line) + 1 for line in lines[: position.line - 1]) + position.column - 1

    assert [json.loads(text[offset(one.start) : offset(one.end)]) for one in spans(text)] == statements


@pytest.mark.parametrize(
    "text", ["", " ", "{", "[]", "x", '{"Statement"', '{"Statement":', '{"Statement":[{}']
)
def test_what_is_no_document_is_refused(text):
    with pytest.raises(ValueError):
        spans(text)


def test_a_document_without_statements_has_no_spans():
    assert spans('{"Version": 1}') == ()
