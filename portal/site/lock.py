"""Write the lock files anew (``make lock``): universal, hashed, without any address of an index."""

import subprocess
import sys

COMMON = [
    *["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-emit-index-url"],
    *["--constraint", "lock-constraints.txt", "--extra", "graphql", "--extra", "saml", "pyproject.toml"],
]


def main() -> int:
    for extra, target in (([], "requirements.lock"), (["--group", "dev"], "requirements-dev.lock")):
        if subprocess.call(["uv", "pip", "compile", *COMMON, *extra, "-o", target, "--quiet"]):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
