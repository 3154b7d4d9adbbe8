"""The children of the supervisor: started, started again when they die, ended together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

GRACE_SECONDS = 5.0
START_SECONDS = 60.0
TRIES_AT_START = 3
LONGEST_WAIT_SECONDS = 15.0


class Guardian:
    """The helper process that kills what the supervisor leaves behind when it is killed itself."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guardian.py"))]
        # A session of its own: what a terminal or a service manager sends to the group does not reach it.
        self._popen = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, text=True)

    @property
    def _pipe(self) -> IO[str]:
        if self._popen.stdin is None:
            raise RuntimeError("the guardian has no pipe")
        return self._popen.stdin

    def watch(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        try:
            self._pipe.write(line)
            self._pipe.flush()
        except BrokenPipeError:  # somebody killed it; the site itself is none the worse
            return

    def end(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        self._popen.wait()


@dataclass
class Process:
    """A child in a process group of its own, so that a whole tree of workers can be ended."""

    name: str
    command: list[str]
    popen: "subprocess.Popen[bytes] | None" = None
    deaths: list[float] = field(default_factory=list)
    starts_at: float = 0.0

    def is_running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def note_death(self, now: float) -> None:
        """Start it again at once the first time, then after 1, 2, 4 … 15 s while it keeps dying."""
        self.deaths = [death for death in self.deaths if now - death < 60] + [now]
        wait = 2 ** (len(self.deaths) - 2) if len(self.deaths) > 1 else 0
        self.starts_at = now + min(wait, LONGEST_WAIT_SECONDS)


class Supervisor:
    """Starts the processes, starts one again that died, and ends all of them together. Those that are ``late`` are started
    when the site is up, so as not to slow that.

    Before the site has answered once, a process that keeps dying ends everything: something is set wrongly.
    Later it does not: a server whose database or broker is away for an hour shall come back by itself.
    """

    def __init__(self, processes: list[Process], late: list[Process]) -> None:
        self.processes = processes
        self.late = late
        self.is_ending = False
        self._guardian = Guardian()

    def end(self, number: int, frame: object) -> None:
        self.is_ending = True

    def run(self, when_up: Callable[[], None], is_up: Callable[[], bool]) -> int:
        """Block until a signal (0), or until the site could not start (1)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end)
        try:
            for process in self.processes:
                self._start(process)
            if not self._wait_until_up(is_up):
                return 0 if self.is_ending else 1
            when_up()
            self.processes = [*self.processes, *self.late]
            while not self.is_ending:
                self._start_again_what_died()
                time.sleep(0.1)
            return 0
        finally:
            self._stop()
            self._guardian.end()

    def _wait_until_up(self, is_up: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ending:
            self._start_again_what_died()
            if dying := [each.name for each in self.processes if len(each.deaths) >= TRIES_AT_START]:
                _say(f"The {dying[0]} ended {TRIES_AT_START} times at its start: see the messages above.")
                return False
            if is_up():
                return True
            if time.monotonic() > deadline:
                _say(f"The server did not answer within {START_SECONDS:.0f} s: see the messages above.")
                return False
            time.sleep(0.05)
        return False

    def _start(self, process: Process) -> None:
        process.popen = subprocess.Popen(process.command, start_new_session=True)
        self._guardian.watch(process.popen.pid)

    def _start_again_what_died(self) -> None:
        now = time.monotonic()
        for process in self.processes:
            if process.is_running():
                continue
            if process.popen is not None:
                self._bury(process)
                process.note_death(now)
            if now >= process.starts_at:
                if process.deaths:
                    _say(f"The {process.name} ended; starting it again.")
                self._start(process)

    def _stop(self) -> None:
        """Ask all to end; after the grace time make them: Granian sometimes hangs at its shutdown."""
        for process in self.processes:
            # The parent only: it ends its own workers, which stumble when they are told twice.
            if process.popen is not None and process.is_running():
                process.popen.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(process.is_running() for process in self.processes):
            time.sleep(0.02)
        for process in self.processes:
            self._bury(process)

    def _bury(self, process: Process) -> None:
        """Kill what is left of its group."""
        if process.popen is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.popen.pid, signal.SIGKILL)
        process.popen.wait()
        self._guardian.forget(process.popen.pid)
        process.popen = None


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
