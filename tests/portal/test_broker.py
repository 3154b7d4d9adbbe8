"""The embedded broker: messages as files."""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
import time_machine
from kombu import Connection

QUEUE = "celery"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    return path


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder.parent / "control"),
    }
    with Connection(transport="portal.site.broker:Transport", transport_options=options) as opened:
        yield opened


def test_messages_come_in_the_order_in_which_they_were_sent(connection: Connection, folder: Path) -> None:
    channel = connection.channel()
    for second in range(3):
        with time_machine.travel(f"2026-03-01T12:00:0{second}Z", tick=False):
            channel._put(QUEUE, {"body": second})
    channel._put("another", {"body": "x"})

    assert channel._size(QUEUE) == 3
    assert [channel._get(QUEUE)["body"] for _ in range(3)] == [0, 1, 2]
    assert channel._get("another") == {"body": "x"}
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"\0" * 8], ids=["empty", "half", "no text", "noughts"]
)
def test_a_message_that_cannot_be_read_is_set_aside_and_the_next_one_comes(
    connection: Connection, folder: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (folder / "1_x.celery.msg").write_bytes(content)
    channel = connection.channel()
    channel._put(QUEUE, {"body": "x"})

    assert channel._get(QUEUE) == {"body": "x"}

    assert [path.read_bytes() for path in folder.iterdir()] == [content]
    assert "1_x.celery.msg can't be read" in caplog.text
    assert channel._size(QUEUE) == 0


def test_a_message_is_nowhere_before_it_is_whole(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = connection.channel()
    seen = []
    whole = Path.write_bytes

    def slowly(path: Path, content: bytes) -> Any:
        """As another process may see it: begun, and then written."""
        whole(path, content[:2])
        seen.append(channel._size(QUEUE))
        with pytest.raises(Empty):
            channel._get(QUEUE)
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    channel._put(QUEUE, {"body": "x"})

    assert seen == [0]
    assert channel._get(QUEUE) == {"body": "x"}


def test_what_cannot_be_written_leaves_nothing(connection: Connection, folder: Path) -> None:
    folder.rmdir()

    with pytest.raises(connection.channel_errors):
        connection.channel()._put(QUEUE, {"body": "x"})
