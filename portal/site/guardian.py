"""Ends the process groups that it was told of when its standard input closes: when the supervisor is gone.

However the supervisor goes, kill -9 included, the kernel closes its end of the pipe. ``+123`` on a line of its
own takes group 123 into care, ``-123`` lets it go. Standard library only: it starts in some milliseconds and
stays small.
"""

import os
import signal
import sys


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
