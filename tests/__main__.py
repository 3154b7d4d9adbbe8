"""``make test``: the whole suite on SQLite, then its core and the races on PostgreSQL, Redis and RabbitMQ.

Servers come from ``TEST_DATABASE_URL``, ``TEST_REDIS_URL`` and ``TEST_BROKER_URL`` (by default the usual
local ports). One that does not answer is skipped with the reason; with ``CI`` set that is a failure.
Arguments go to pytest: ``python -m tests -k sign_up``.
"""

import os
import subprocess
import sys

from tests import servers

WORKERS = str(min(4, os.cpu_count() or 1))


def run(*arguments: str, **environment: str) -> int:
    command = [sys.executable, "-m", "pytest", "-n", WORKERS, "--dist", "loadgroup", *arguments]
    print(
        "+",
        " ".join(f"{name}={value}" for name, value in environment.items()),
        " ".join(command[1:]),
        flush=True,
    )
    return subprocess.call(command, env={**os.environ, **environment})


def main(arguments: list[str]) -> int:
    missing = servers.missing()
    for name, reason in missing.items():
        print(f"without {name}: {reason}", flush=True)
    if missing and os.environ.get("CI"):
        print("In CI nothing may be skipped for a missing server.")
        return 1
    failed = run("-rs", *arguments)
    if "PostgreSQL" not in missing:
        failed |= run("-rs", "-m", "core_suite or postgres", *arguments, TEST_BACKEND="postgres")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
