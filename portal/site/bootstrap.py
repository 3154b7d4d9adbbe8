"""From a bare checkout to a running command: virtual environment, locked dependencies, then the work.

Standard library only, and readable by old Pythons, so that a too old one is told so in a sentence
instead of a syntax error. ``make`` calls it; it is no part of the service.
"""

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.environ.get("VENV", os.path.join(ROOT, ".venv"))
BIN = os.path.join(VENV, "bin")
PYTHON = os.path.join(BIN, "python")
RUNTIME, TOOLS = "requirements.lock", "requirements-dev.lock"
STAMP = os.path.join(VENV, "installed")


def fail(sentence):
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


def require_python():
    if sys.version_info < (3, 11):
        fail(
            "Python %d.%d is too old: install Python 3.11 or newer, or name one: make PYTHON=python3.12 ..."
            % sys.version_info[:2]
        )


def require_writable(folder):
    """Asked by making a file: root passes any check of the mode."""
    probe = os.path.join(folder, ".probe-%d" % os.getpid())
    try:
        with open(probe, "w"):
            pass
        os.remove(probe)
    except (IOError, OSError):
        fail(
            "The folder %s cannot be written: make it writable, or copy the project to one that is." % folder
        )


def digest(lock):
    with open(os.path.join(ROOT, lock), "rb") as file:
        return hashlib.sha256(file.read() + sys.version.encode()).hexdigest()


def installed():
    try:
        with open(STAMP) as file:
            return set(file.read().split())
    except OSError:
        return set()


def is_usable():
    """Whether the virtual environment is there, whole (an interrupted one has no pip), and of this very Python."""
    code = "import sys, pip; sys.exit(sys.version_info[:2] != (%d, %d))" % sys.version_info[:2]
    try:
        with open(os.devnull, "w") as nowhere:
            return subprocess.call([PYTHON, "-c", code], stdout=nowhere, stderr=nowhere) == 0
    except OSError:
        return False


def make_environment():
    print("Making the virtual environment in %s" % VENV)
    sys.stdout.flush()
    making = subprocess.Popen(
        [sys.executable, "-m", "venv", "--clear", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = making.communicate()[0].decode("utf-8", "replace").strip()
    if making.returncode:
        if "ensurepip" in said or "No module named" in said:
            fail("Python's venv module is missing: install it (on Debian: apt install python3-venv).")
        fail("The virtual environment could not be made in %s: %s" % (VENV, said.split("\n")[-1]))


def ensure_environment(lock):
    """Install what ``lock`` names, unless this very lock is installed already. The tools' lock holds the other."""
    done = installed()
    if digest(lock) in done or (lock == RUNTIME and digest(TOOLS) in done):
        return
    require_writable(ROOT)
    if not is_usable():
        make_environment()
    print("Installing the locked dependencies (once; under a minute)")
    sys.stdout.flush()
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if subprocess.call(pip + ["--only-binary", ":all:", "--require-hashes", "-r", os.path.join(ROOT, lock)]):
        fail(
            "The dependencies could not be installed: see pip's message above; is there a way to the package index?"
        )
    with open(STAMP, "w") as file:
        file.write("\n".join([digest(lock)] + ([digest(RUNTIME)] if lock == TOOLS else [])))


def become(*command):
    """Replace this process, so that signals reach the work itself and its exit code is ours."""
    os.chdir(ROOT)
    os.environ["PATH"] = BIN + os.pathsep + os.environ.get("PATH", "")
    sys.stdout.flush()
    os.execv(command[0], list(command))


def main(verb):
    require_python()
    os.chdir(ROOT)
    if verb in ("run", "serve"):
        ensure_environment(RUNTIME)
        become(PYTHON, "-m", "portal.site.supervisor", verb)
    ensure_environment(TOOLS)
    scripts = {
        "test": [PYTHON, "-m", "tests"],
        "lint": ["/bin/sh", "-c", "ruff check . && ruff format --check . && lint-imports"],
        "types": [PYTHON, "-m", "mypy"],
        "docs": [PYTHON, "manage.py", "reference_docs"],
        "bench": [PYTHON, "-m", "benchmarks"],
        "lock": [PYTHON, os.path.join(ROOT, "portal", "site", "lock.py")],
    }
    become(*scripts[verb])


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
