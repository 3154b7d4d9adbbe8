"""What is slow about a pool, or needs a server, and is not what a host's tests are about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any
from unittest.mock import patch

from identity.core import nudging, signing

STOCK = 2


def drawing(stock: int = STOCK) -> Callable[[], signing.NewKey]:
    """Key pairs from a small stock, each with an id of its own: making one takes a tenth of a second."""
    pairs: list[signing.NewKey] = []
    turns = cycle(range(stock))

    def draw() -> signing.NewKey:
        if len(pairs) < stock:
            pairs.append(_generate())
            return pairs[-1]
        return signing.with_new_kid(pairs[next(turns)])

    return draw


_generate = signing.generate


def _tell_nobody(*_: Any) -> bool:
    """There is no worker: what waits in the outbox waits."""
    return False


@contextmanager
def in_force() -> Iterator[None]:
    """Pools get their keys from the stock, and no message broker is looked for."""
    with patch.object(signing, "generate", drawing()), patch.object(nudging, "nudge", _tell_nobody):
        yield
