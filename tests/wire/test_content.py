import pytest

from identity.wire import content
from identity.wire.errors import SerializationError


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\u0000"}',
        b'{"a": ["\\ud800"]}',
        b'{"a": {"\\u0000": 1}}',
        b'{"a": "\x00"}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_bodies_are_refused(body):
    with pytest.raises(SerializationError) as caught:
        content.read_json(body)
    assert caught.value.message == ""


def test_escapes_that_make_real_text_are_fine():
    assert content.read_json(b'{"a": "\\ud83d\\ude00 \\u00e9"}') == {"a": "😀 é"}


def test_an_empty_body_is_an_empty_object():
    assert content.read_json(b"") == {}


def test_forms():
    assert content.read_form("a=1&b=x+y%2B&c=") == {"a": "1", "b": "x y+", "c": ""}


@pytest.mark.parametrize("text", ["a=%00", "a=%ff", "%00=1", "&".join(f"a{n}=1" for n in range(3000))])
def test_malformed_forms_are_refused(text):
    with pytest.raises(SerializationError):
        content.read_form(text)
