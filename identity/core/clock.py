"""The only clock. Whole milliseconds, because the wire and the database both keep no more than that alike."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present time, aware, UTC, cut to whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def epoch(moment: datetime) -> float:
    """Seconds since 1970 with milliseconds, as AWS JSON writes times."""
    return round(moment.timestamp(), 3)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970, rounded down, as JWTs write times."""
    return int(moment.timestamp() // 1)


def at(epoch_seconds: float) -> datetime:
    """The moment that ``epoch`` or ``seconds`` made."""
    return datetime.fromtimestamp(round(epoch_seconds, 3), UTC)
