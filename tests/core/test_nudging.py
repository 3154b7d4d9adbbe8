import contextlib
import logging
import socket
import time

import pytest
from celery import Celery

from identity.core import nudging


@pytest.fixture(autouse=True)
def closed_breaker():
    nudging._breaker.reset()
    yield
    nudging._breaker.reset()


@pytest.fixture
def broker(monkeypatch):
    """Make Celery's current app one with this broker, with Celery's own defaults for all else."""

    def use(url, **transport_options):
        app = Celery("tests", broker=url, set_as_current=False)
        app.conf.broker_transport_options = transport_options
        monkeypatch.setattr(nudging, "current_app", app)
        return app

    return use


@pytest.fixture
def silent_server():
    """A socket that takes connections and never says a word."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    listening.setblocking(False)
    yield listening
    listening.close()


def connections_to(listening):
    taken = []
    with contextlib.suppress(BlockingIOError):
        while True:
            taken.append(listening.accept()[0])
    for connection in taken:
        connection.close()
    return len(taken)


def test_a_nudge_reaches_the_broker(broker, tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    kept = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(tmp_path / "control"),
    }
    broker("filesystem://", **kept)

    assert nudging.nudge("identity.core.drain_outbox") is True

    (message,) = folder.iterdir()
    assert "identity.core.drain_outbox" in message.read_text()


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_dead_broker_is_logged_once_and_then_left_alone(broker, caplog, scheme):
    broker(f"{scheme}://127.0.0.1:1")

    with caplog.at_level(logging.WARNING):
        assert [nudging.nudge("t") for _ in range(100)] == [False] * 100

    assert len(caplog.records) == 1


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_silent_broker_is_waited_for_once(broker, silent_server, scheme):
    broker(f"{scheme}://127.0.0.1:{silent_server.getsockname()[1]}")

    assert [nudging.nudge("t") for _ in range(100)] == [False] * 100

    assert connections_to(silent_server) == 1


def test_the_broker_is_tried_again_after_the_rest(broker, monkeypatch):
    broker("redis://127.0.0.1:1")
    nudging.nudge("t")
    monkeypatch.setattr(nudging._breaker, "_until", time.monotonic() - 1)

    assert not nudging._breaker.is_open
    assert nudging.nudge("t") is False
    assert nudging._breaker.is_open
