"""What Celery tells of a broker that went away, in a line."""

import logging


class LostBroker(logging.Filter):
    """Takes the traceback off kombu's "Couldn't ack" and "Couldn't reject": the line itself says why.

    They come as CRITICAL when the broker leaves while a task runs. Here that loses nothing, for a message is only
    a nudge and a task may run twice, so it is a warning.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("celery.") and str(record.msg).startswith(
            ("Couldn't ack", "Couldn't reject")
        ):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True
