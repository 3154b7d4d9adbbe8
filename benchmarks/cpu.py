"""CPU time of processes: what an operation really costs, whatever else the machine is doing."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil


def tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def postgres() -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["name"])
        if process.info["name"] in ("postgres", "postmaster")
    ]


def seconds(processes: list[psutil.Process]) -> float:
    """User + system seconds so far, children that ended included."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def settle(processes: Callable[[], list[psutil.Process]], *, idle: float = 0.05, limit: float = 20) -> None:
    """Wait until the processes have nothing left to do (an outbox being drained), or the limit."""
    deadline = time.monotonic() + limit
    before = seconds(processes())
    while time.monotonic() < deadline:
        time.sleep(1)
        now = seconds(processes())
        if now - before < idle:
            return
        before = now


def thread_cost(work: Callable[[], object], *, seconds_long: float = 1.0) -> float:
    """CPU seconds of one call of ``work`` in this process."""
    work()
    count, before, until = 0, time.process_time(), time.monotonic() + seconds_long
    while time.monotonic() < until:
        work()
        count += 1
    return (time.process_time() - before) / count


def pin(cpu: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cpu})


@contextmanager
def on(cpu: int) -> Iterator[None]:
    """Be on that core for a while, then where one was."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    pin(cpu)
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)
