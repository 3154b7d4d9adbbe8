"""What an operator meets: workers and servers that die, bursts, and the ways to start and to stop."""

import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.clients import people
from tests.races import PATIENCE, wait_for
from tests.site import ROOT, Site, free_port

pytestmark = pytest.mark.xdist_group("site")

AT_ONCE = 200


# --- helpers


def processes_of(var: Path) -> list[psutil.Process]:
    """Every process of the site whose data are in ``var``, found by what it inherited."""

    def belongs(process: psutil.Process) -> bool:
        try:
            return process.environ().get("IDENTITY_VAR") == str(var) and process.status() != "zombie"
        except psutil.Error:
            return False

    return [process for process in psutil.process_iter() if belongs(process)]


def children(site: Site, word: str) -> list[psutil.Process]:
    """The supervisor's children with this word in their command: ``celery``, or ``wsgi`` of the web server."""
    assert site.process is not None
    found = []
    for each in psutil.Process(site.process.pid).children():
        try:
            if word in each.cmdline()[:5]:
                found.append(each)
        except psutil.ZombieProcess:
            continue
    return found


def child(site: Site, word: str) -> psutil.Process:
    (found,) = children(site, word)
    return found


def has_successor(site: Site, word: str, dead: psutil.Process) -> bool:
    return any(each.pid != dead.pid for each in children(site, word))


def query(site: Site, statement: str, value: str) -> list[Any]:
    """Ask the site's own database; ``%s`` in the statement stands for ``value``."""
    if url := site.environment.get("DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement, [value])  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []
    with sqlite3.connect(site.var / "identity.sqlite3", timeout=10) as connection:
        return connection.execute(statement.replace("%s", "?"), [value]).fetchall()


def call(site: Site, operation: str, **members: Any) -> tuple[int, str]:
    """One unsigned request without a client's retries: status, and the error's name."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        "Host": f"localhost:{site.port}",
    }
    try:
        connection.request("POST", "/", json.dumps(members), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read()).get("__type", "")
    finally:
        connection.close()


def sign_up(site: Site, person: people.Person) -> tuple[int, str]:
    attributes = [{"Name": "email", "Value": person.email}]
    return call(
        site,
        "SignUp",
        ClientId=people.CLIENT,
        Username=person.username,
        Password=person.password,
        UserAttributes=attributes,
    )


def sign_in(site: Site, person: people.Person) -> None:
    given = {"USERNAME": person.username, "PASSWORD": person.password}
    status, error = call(
        site, "InitiateAuth", ClientId=people.CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given
    )
    assert (status, error) == (200, "")


def mailed_code(site: Site, person: people.Person) -> str:
    """For mails that take their time."""
    count = 'SELECT count(*) FROM portal_demo_demomail WHERE "to" = %s'
    wait_for(lambda: query(site, count, person.email)[0][0], f"mail to {person.email}")
    return site.mailed_code(person.email)


def all_at_once(deed: Callable[[], tuple[int, str]]) -> Counter[tuple[int, str]]:
    """Two hundred connections that send at the same moment."""
    barrier = threading.Barrier(AT_ONCE)

    def one(_: int) -> tuple[int, str]:
        barrier.wait()
        return deed()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


# --- on both backends: death and bursts


def test_a_worker_killed_between_commit_and_send_loses_no_mail(site: Site) -> None:
    person, worker = people.somebody(), child(site, "celery")
    worker.suspend()

    assert sign_up(site, person) == (200, "")
    unsent = "SELECT count(*) FROM identity_core_outboxmessage WHERE kind = %s AND sent_at IS NULL"
    waiting = query(site, unsent, "email")
    worker.kill()
    assert waiting[0][0] >= 1

    assert mailed_code(site, person)
    assert has_successor(site, "celery", worker)


def test_a_web_server_that_was_killed_is_started_again(site: Site) -> None:
    person, server = people.confirmed(site), child(site, "wsgi")
    web_worker = next(
        each for each in server.children() if "resource_tracker" not in " ".join(each.cmdline())
    )

    web_worker.kill()
    wait_for(lambda: is_answering(site), "web worker after one was killed")
    server.kill()

    # Its web worker outlives it for a moment; the next server comes after that one is gone too.
    wait_for(lambda: has_successor(site, "wsgi", server), "new web server")
    wait_for(lambda: is_answering(site), "answer of the new web server")
    sign_in(site, person)


def is_answering(site: Site) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", site.port), timeout=1):
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def test_two_hundred_sign_ups_of_one_name_make_one_user(site: Site) -> None:
    person = people.somebody()

    answers = all_at_once(lambda: sign_up(site, person))

    assert answers == {(200, ""): 1, (400, "UsernameExistsException"): AT_ONCE - 1}
    count = "SELECT count(*) FROM identity_userpools_user WHERE username = %s"
    assert query(site, count, person.username) == [(1,)]


def test_two_hundred_tries_of_one_code_confirm_once(site: Site) -> None:
    person = people.somebody()
    sign_up(site, person)
    given = {
        "ClientId": people.CLIENT,
        "Username": person.username,
        "ConfirmationCode": site.mailed_code(person.email),
    }

    answers = all_at_once(lambda: call(site, "ConfirmSignUp", **given))

    assert answers[(200, "")] == 1
    assert {status for status, _ in answers} == {200, 400}
    refusals = {error for status, error in answers if status == 400}
    assert refusals <= {
        "NotAuthorizedException",
        "ExpiredCodeException",
        "CodeMismatchException",
        "LimitExceededException",
        "TooManyFailedAttemptsException",
    }
    sign_in(site, person)


def test_idle_connections_keep_nobody_out(site: Site) -> None:
    idle = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(300)]
    try:
        assert is_answering(site)
    finally:
        for each in idle:
            each.close()


def test_the_log_knows_of_no_fault(site: Site) -> None:
    """Last of those that use the site: what they did to it must not show."""
    assert "database is locked" not in site.output
    assert "Traceback" not in site.output
    assert "Internal" not in site.output


# --- without Redis, without a broker


@pytest.fixture
def redis_port() -> Iterator[int]:
    if not shutil.which("redis-server"):
        pytest.skip("no redis-server on the PATH (on Debian: apt install redis-server)")
    return free_port()


def start_redis(port: int, folder: Path) -> "subprocess.Popen[bytes]":
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(answers, "Redis")
    return server


def test_redis_stopped_and_started_stops_nobody(redis_port: int, tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{redis_port}/0"
    redis = start_redis(redis_port, tmp_path)
    site = Site(tmp_path / "var", {"REDIS_URL": url, "CELERY_BROKER_URL": url})
    try:
        person, late = people.confirmed(site.start()), people.somebody()

        redis.kill()
        redis.wait()
        for _ in range(5):
            sign_in(site, person)
        assert sign_up(site, late) == (200, "")

        redis = start_redis(redis_port, tmp_path)
        sign_in(site, person)
        assert mailed_code(site, late)
        assert "Traceback" not in site.output
    finally:
        code = site.stop()
        redis.kill()
        redis.wait()
    assert code == 0


# --- start and stop


def test_ctrl_c_through_make_stops_everything_and_the_data_stay(tmp_path: Path) -> None:
    var, port = tmp_path / "var", free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "IDENTITY_VAR": str(var),
        "PORT": str(port),
        "VENV": sys.prefix,
    }
    made = subprocess.Popen(
        ["make", f"PYTHON={sys.executable}", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert made.stdout is not None
    shown = []
    for line in made.stdout:
        shown.append(line)
        if "Serving at" in line:
            break
    assert "Serving at" in shown[-1], "".join(shown)
    (supervisor,) = [each for each in processes_of(var) if "portal.site.supervisor" in each.cmdline()]
    site = Site(var, port=port)
    person = people.confirmed(site)

    os.killpg(made.pid, signal.SIGINT)  # what a terminal does
    # None: a child of make's, whose code it keeps for itself.
    assert supervisor.wait(timeout=PATIENCE) in (0, None)
    rest = made.stdout.read()
    made.wait(timeout=PATIENCE)

    assert processes_of(var) == []
    assert "Error" not in rest
    assert "Traceback" not in rest
    kept = site.keys()

    again = site.start()
    try:
        sign_in(again, person)
        assert again.keys() == kept
        assert again.process is not None
        again.process.kill()
        wait_for(lambda: processes_of(var) == [], "end of what the killed supervisor had started")
    finally:
        again.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("made", ["demo.env", "identity.sqlite3", "static.stamp"])
def test_the_supervisor_ends_well_while_it_still_starts(
    made: str, number: signal.Signals, tmp_path: Path
) -> None:
    site = supervisor("run", tmp_path / "var")
    wait_for((tmp_path / "var" / made).exists, made)

    site.send_signal(number)

    assert site.wait(timeout=PATIENCE) == 0, site.communicate()
    assert processes_of(tmp_path / "var") == []


def test_a_signal_that_comes_within_a_finalizer_ends_the_start_too() -> None:
    """Python swallows what is raised there."""
    program = """
import os, signal, sys, time, weakref
from portal.site import supervisor

class Thing:
    pass

def start(verb):
    thing = Thing()
    weakref.finalize(thing, signal.raise_signal, signal.SIGTERM)
    del thing
    return 3

supervisor.start = start
sys.exit(supervisor.main(["run"]))
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr


def supervisor(
    verb: str, var: Path, *, under: tuple[str, ...] = (), **variables: str
) -> "subprocess.Popen[str]":
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.Popen(
        [*under, sys.executable, "-m", "portal.site.supervisor", verb],
        cwd=ROOT,
        env={**inherited, "IDENTITY_VAR": str(var), "PORT": str(free_port()), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refusal(verb: str, var: Path, *, under: tuple[str, ...] = (), **variables: str) -> list[str]:
    """The sentences of a supervisor that must not start."""
    process = supervisor(verb, var, under=under, **variables)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 1, out + error
    assert "Traceback" not in error
    return error.strip().splitlines()


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (said,) = refusal("run", tmp_path, PORT=str(port))

    assert said.startswith(f"Port {port} cannot be used (Address already in use): stop what uses it")


def taken_with_a_free_neighbour() -> socket.socket:
    """A port in use whose number before is nobody's."""
    while True:
        taken = socket.create_server(("127.0.0.1", 0))
        try:
            socket.create_server(("127.0.0.1", taken.getsockname()[1] - 1)).close()
        except OSError:
            taken.close()
            continue
        return taken


def test_a_taken_neighbour_costs_the_demo_its_subscriptions_only(tmp_path: Path) -> None:
    with taken_with_a_free_neighbour() as taken:
        port = taken.getsockname()[1]
        (said,) = refusal("run", tmp_path / "asked", REALTIME_PORT=str(port))
        assert said.startswith(f"Port {port} cannot be used")

        site = supervisor("run", tmp_path / "var", PORT=str(port - 1))
        assert site.stdout is not None
        told = ""
        while "Serving at" not in told:
            line = site.stdout.readline()
            assert line, site.communicate()
            told += line
        site.send_signal(signal.SIGINT)
        _, error = site.communicate(timeout=20)
    assert "with subscriptions" not in told
    assert f"Note: port {port} is taken" in error


@pytest.mark.parametrize("text", ["abc", "0", "70000", "8000.5"])
def test_a_port_that_is_none(text: str, tmp_path: Path) -> None:
    assert refusal("run", tmp_path, PORT=text) == [f"PORT is {text!r}: it must be a number from 1 to 65535."]


def test_a_host_that_is_none(tmp_path: Path) -> None:
    (said,) = refusal("run", tmp_path, HOST="nowhere.invalid")

    assert said.startswith("HOST is 'nowhere.invalid', which is no address of this machine")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder, under = tmp_path / "read-only", ()
    folder.mkdir()
    if os.geteuid() == 0:  # root writes everywhere but where the mount forbids it
        script = f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} && exec " + '"$@"'
        under = ("unshare", "--mount", "sh", "-c", script, "sh")
        if subprocess.run([*under, "true"], capture_output=True).returncode:
            pytest.skip("this machine lets nobody mount")
    else:
        folder.chmod(0o555)

    (said,) = refusal("run", folder / "var", under=under)

    assert said.startswith(f"The folder {folder / 'var'} cannot be written (")


OLD_PYTHON = """
import sys
sys.version_info = (3, 8, 18, "final", 0)
sys.argv = ["bootstrap.py", "run"]
exec(compile(open(PATH).read(), PATH, "exec"), {"__name__": "__main__", "__file__": PATH})
"""


def bootstrap(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        arguments,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_python_that_is_too_old() -> None:
    path = str(ROOT / "portal" / "site" / "bootstrap.py")
    done = bootstrap(sys.executable, "-c", f"PATH = {path!r}\n{OLD_PYTHON}")

    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.8 is too old: install Python 3.11 or newer")
    assert len(done.stderr.splitlines()) == 1


def test_master_keys_of_another_database(tmp_path: Path) -> None:
    site = Site(tmp_path).start()
    site.stop()
    (tmp_path / "demo.env").unlink()

    (said,) = refusal("run", tmp_path)

    assert said.startswith("IDENTITY_MASTER_KEYS does not open what this database holds")


def test_manage_py_says_in_a_sentence_what_is_set_wrongly(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "check"]
    environment = {"PATH": os.environ["PATH"], "IDENTITY_VAR": str(tmp_path), "DEBUG": "maybe"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (1, "DEBUG is 'maybe': write on or off.\n")


HALF_A_VENV = """
import os, sys
os.makedirs(sys.argv[-1] + "/bin")
os.symlink(sys.executable, sys.argv[-1] + "/bin/python")
print("The virtual environment was not created successfully because ensurepip is not\\navailable.")
sys.exit(1)
"""


def test_a_python_without_venv(tmp_path: Path) -> None:
    """As Debian's python3 is without python3-venv: it makes half an environment, which must not count as one."""
    (tmp_path / "venv.py").write_text(HALF_A_VENV)
    for _ in range(2):
        done = bootstrap(
            sys.executable,
            str(ROOT / "portal" / "site" / "bootstrap.py"),
            "run",
            PYTHONPATH=str(tmp_path),
            VENV=str(tmp_path / "made"),
        )
        shutil.rmtree(tmp_path / "made")

        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            "Python's venv module is missing: install it (on Debian: apt install python3-venv)."
        ]
