"""What is slow about a pool, or needs a server, and is not what a host's tests are about."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any
from unittest.mock import patch

from identity.core import nudging, signing

STOCK = 2


def drawing(stock: Sequence[signing.NewKey]) -> Callable[[], signing.NewKey]:
    """Gives key pairs out of a stock, each with an id of its own: making a new one takes a tenth of a second."""
    turns = cycle(stock)
    return lambda: signing.with_new_kid(next(turns))


def _tell_nobody(*_: Any) -> bool:
    """There is no worker: what waits in the outbox waits."""
    return False


@contextmanager
def in_force() -> Iterator[None]:
    """Pools get their keys from the stock, and no message broker is looked for."""
    stock = [signing.generate() for _ in range(STOCK)]
    with patch.object(signing, "generate", drawing(stock)), patch.object(nudging, "nudge", _tell_nobody):
        yield
