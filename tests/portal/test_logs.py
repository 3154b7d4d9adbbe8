"""The log of a site whose broker goes away."""

import logging
import logging.config
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from kombu.message import Message


class GoneChannel:
    """A channel of a broker that has just been killed."""

    no_ack_consumers: set[str] = set()

    def basic_ack(self, *_: object, **__: object) -> None:
        raise ConnectionError("Connection closed by server.")

    basic_reject = basic_ack


def test_a_broker_that_leaves_during_a_task_is_a_line_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log, handler = logging.getLogger("celery.worker.request"), site_handler()
    message: Any = Message  # kombu has no types
    message = message(channel=GoneChannel(), delivery_tag="t")
    log.addHandler(handler)
    try:
        message.ack_log_error(log, (ConnectionError,))
        message.reject_log_error(log, (ConnectionError,))
    finally:
        log.removeHandler(handler)
    told = capsys.readouterr().err.splitlines()
    assert ["WARNING" in line and "Connection closed by server." in line for line in told] == [True, True]


def test_other_errors_keep_their_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    log, handler = logging.getLogger("celery.worker.request"), site_handler()
    log.addHandler(handler)
    try:
        raise LookupError("a bug")
    except LookupError:
        log.critical("Couldn't run %r", "task", exc_info=True)
    finally:
        log.removeHandler(handler)
    assert "Traceback" in capsys.readouterr().err


def site_handler() -> logging.Handler:
    """A handler as the site's settings say it, writing to today's standard error."""
    told = deepcopy(settings.LOGGING)
    configurator = logging.config.DictConfigurator(told)
    configurator.config["formatters"]["line"] = configurator.configure_formatter(told["formatters"]["line"])
    configurator.config["filters"]["lost_broker"] = configurator.configure_filter(
        told["filters"]["lost_broker"]
    )
    handler: logging.Handler = configurator.configure_handler(told["handlers"]["stderr"])
    return handler
