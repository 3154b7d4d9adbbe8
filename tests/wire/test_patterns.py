import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from identity.wire import model, patterns

ALL = sorted(
    {
        shape["pattern"]
        for name in model.SERVICES
        for shape in model.load(name)["shapes"].values()
        if "pattern" in shape
    }
)
WITH_CATEGORIES = [pattern for pattern in ALL if r"\p" in pattern]


def test_the_models_have_the_patterns_that_are_known():
    assert len(ALL) >= 60
    assert set(WITH_CATEGORIES) == set(patterns._KNOWN), (
        "each has a test of its own, checked below against Java's rules"
    )


@pytest.mark.parametrize("pattern", ALL)
def test_no_pattern_silently_matches_everything(pattern):
    if pattern == "(?s).*":
        return
    matches = patterns.compile_pattern(pattern)
    assert not matches("\x00 \x01")
    assert r"\p" not in pattern or not matches("a\ue000b"), (
        "private use is in no category that the models allow"
    )


def test_printable_is_exactly_the_five_categories():
    known = patterns.compile_pattern(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+")
    for point in range(0x30000):
        char = chr(point)
        assert bool(known(char)) == (unicodedata.category(char)[0] in "LMSNP"), hex(point)


TEXT = st.text(
    st.one_of(
        st.sampled_from(" \t\n\v\f\r_@{}#*+-:/=.aZ0\u00a0\u2028\u3000é\u0301字😀\u200b\x00"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)


@pytest.mark.parametrize("pattern", WITH_CATEGORIES)
@given(text=TEXT)
@example(text="{####}")
@example(text="a{##b##}c")
@example(text="{###}")
@example(text="{####")
@example(text="a@b")
@example(text="@@@")
@example(text="")
@example(text="ab")
@example(text="a_b")
def test_known_patterns_agree_with_their_translation(pattern, text):
    oracle = re.compile(patterns.translate(pattern), re.ASCII)

    assert bool(patterns.compile_pattern(pattern)(text)) == bool(oracle.fullmatch(text))


def test_a_whole_value_has_to_match():
    matches = patterns.compile_pattern(r"[\w-]+_[0-9a-zA-Z]+")

    assert matches("eu-central-1_abc")
    assert not matches("eu-central-1_abc\n")
    assert not matches(" eu-central-1_abc")


def test_letters_and_digits_are_ascii_as_in_java():
    assert not patterns.compile_pattern(r"[\w]+")("é")
    assert not patterns.compile_pattern(r"\d+")("٣")


def test_a_category_that_cannot_be_translated_is_refused():
    with pytest.raises(ValueError, match="outside"):
        patterns.compile_pattern(r"\p{L}+")
    with pytest.raises(ValueError, match="no such category"):
        patterns.compile_pattern(r"[\p{Alpha}]+")
    with pytest.raises(ValueError, match="no translation"):
        patterns.compile_pattern(r"[\P{L}]+")


def test_templates_take_linear_time():
    matches = patterns.compile_pattern(
        r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{##[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*##\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*"
    )

    assert not matches("{##" * 300_000 + "\x00")
