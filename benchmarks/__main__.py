"""``make bench``: operations per CPU-second of the server, beside the bare cost of their cryptography.

The site runs as ``make run`` starts it, with one web worker, pinned to CPU 0; this client to CPU 1. What
counts is user + system time of all the site's processes (web, worker, supervisor) and, with
``--database postgres``, of PostgreSQL's, until the outbox is drained. Figures are of one run; run it several
times on a quiet machine and quote medians.
"""

import argparse
import base64
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks import cpu, crypto, srp_client
from benchmarks.client import Wire, in_threads
from tests.site import Site, drop_database, fresh_database

POOL, CLIENT = "us-east-1_Demo00001", "1demo23client45public6789a"
IDENTITY_POOL = "us-east-1:00000000-0000-4000-8000-000000000001"
PASSWORD = "Corr3ct-horse"
SERVER_CORE = 0


@dataclass
class Figure:
    name: str
    count: int
    cpu_seconds: float
    wall_seconds: float
    crypto_seconds: float
    latencies_ms: list[float]

    def line(self) -> str:
        rate = self.count / self.cpu_seconds
        limit = f"{1 / self.crypto_seconds:9.0f}" if self.crypto_seconds else "        –"
        share = f"{100 * rate * self.crypto_seconds:5.0f} %" if self.crypto_seconds else "      –"
        p50 = statistics.median(self.latencies_ms)
        p95 = statistics.quantiles(self.latencies_ms, n=20)[-1] if len(self.latencies_ms) > 1 else p50
        return f"{self.name:32} {rate:9.0f} {limit} {share} {p50:8.1f} {p95:8.1f} {self.count:7}"


class Bench:
    def __init__(self, site: Site, *, with_postgres: bool, users: int) -> None:
        assert site.process is not None
        self.site, self.with_postgres = site, with_postgres
        self.pid = site.process.pid
        keys = site.keys()
        self.wire = Wire(
            site.port, keys["IDENTITY_ADMIN_ACCESS_KEY_ID"], keys["IDENTITY_ADMIN_SECRET_ACCESS_KEY"]
        )
        self.users = [f"bench{number:05}" for number in range(users)]
        self.figures: list[Figure] = []

    def processes(self) -> list[psutil.Process]:
        return cpu.tree(self.pid) + (cpu.postgres() if self.with_postgres else [])

    def measure(
        self,
        name: str,
        work: Callable[[Any], None],
        items: list[Any],
        *,
        needs: crypto.Needs | None = None,
        threads: int = 4,
    ) -> None:
        """Run ``work`` over the items and note what the server's processes spent on it."""
        latencies: list[float] = []

        def timed(item: Any) -> None:
            start = time.perf_counter()
            work(item)
            latencies.append(1000 * (time.perf_counter() - start))

        cpu.settle(self.processes)
        # Before and after, on the server's own core: shared machines run up to a third slower for minutes.
        bare = [crypto.cost(needs or {}, core=SERVER_CORE)]
        before, start = cpu.seconds(self.processes()), time.monotonic()
        in_threads(timed, items, threads=threads)
        wall = time.monotonic() - start
        cpu.settle(self.processes)
        spent = cpu.seconds(self.processes()) - before
        bare.append(crypto.cost(needs or {}, core=SERVER_CORE))
        self.figures.append(Figure(name, len(items), spent, wall, statistics.mean(bare), latencies))
        print(self.figures[-1].line(), flush=True)


def heading() -> str:
    return f"{'operation':32} {'per cpu-s':>9} {'crypto':>9} {'share':>7} {'p50 ms':>8} {'p95 ms':>8} {'calls':>7}"


def codes_of(site: Site, database: str) -> dict[str, str]:
    """Recipient -> newest six digits, read from the demo's mailbox table without asking the server."""
    import re

    query = 'SELECT "to", body FROM portal_demo_demomail ORDER BY created_at'
    if database:
        with psycopg.connect(database) as connection:
            rows = connection.execute(query).fetchall()
    else:
        with sqlite3.connect(site.var / "identity.sqlite3") as connection:
            rows = connection.execute(query).fetchall()
    found = ((to, re.search(r"\b(\d{6})\b", body)) for to, body in rows)
    return {to: match[1] for to, match in found if match}


def run(site: Site, *, database: str, users: int, repeat: int) -> None:
    bench = Bench(site, with_postgres=bool(database), users=users)
    wire = bench.wire
    costs = {name: round(1000 * crypto.cost({name: 1}, core=SERVER_CORE), 3) for name in crypto.works()}
    print("bare cryptography, ms:", json.dumps(costs))
    print(heading())

    def sign_up(name: str) -> None:
        email = {"Name": "email", "Value": f"{name}@example.com"}
        wire.idp("SignUp", ClientId=CLIENT, Username=name, Password=PASSWORD, UserAttributes=[email])

    def confirm(name: str) -> None:
        wire.idp(
            "ConfirmSignUp", ClientId=CLIENT, Username=name, ConfirmationCode=codes[f"{name}@example.com"]
        )

    bench.measure("SignUp (with its mail)", sign_up, bench.users, needs={"argon2": 1, "power_of_g": 1})
    codes = codes_of(site, database)
    bench.measure("ConfirmSignUp", confirm, bench.users)

    tokens: dict[str, dict[str, str]] = {}

    def by_password(name: str) -> None:
        parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
        answer = wire.idp(
            "InitiateAuth", ClientId=CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
        tokens[name] = answer["AuthenticationResult"]

    bench.measure("sign-in by password", by_password, bench.users, needs={"argon2": 1, "rs256": 2})

    def by_srp(name: str) -> None:
        srp_client.sign_in(wire, POOL, CLIENT, name, PASSWORD)

    bench.measure(
        "sign-in by SRP (two calls)",
        by_srp,
        bench.users,
        needs={"power_of_g": 1, "power": 2, "rs256": 2},
    )

    many = bench.users * repeat

    def refresh(name: str) -> None:
        parameters = {"REFRESH_TOKEN": tokens[name]["RefreshToken"]}
        wire.idp("InitiateAuth", ClientId=CLIENT, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)

    bench.measure("refresh", refresh, many, needs={"rs256": 2})
    bench.measure(
        "GetUser",
        lambda name: wire.idp("GetUser", AccessToken=tokens[name]["AccessToken"]) and None,
        many,
        needs={"rs256_verify": 1},
    )
    bench.measure(
        "AdminGetUser (signed)",
        lambda name: wire.idp_signed("AdminGetUser", UserPoolId=POOL, Username=name) and None,
        many,
    )
    machine, secret = machine_client(wire)
    basic = base64.b64encode(f"{machine}:{secret}".encode()).decode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
    bench.measure(
        "client credentials",
        lambda _: wire.send("POST", "/demo/oauth2/token", "grant_type=client_credentials", form) and None,
        many,
        needs={"rs256": 1},
    )
    bench.measure(
        "JWKS", lambda _: wire.send("GET", f"/{POOL}/.well-known/jwks.json", None, {}) and None, many
    )

    login = login_name(site)

    def credentials(name: str) -> None:
        logins = {login: tokens[name]["IdToken"]}
        found = wire.identity("GetId", IdentityPoolId=IDENTITY_POOL, Logins=logins)
        wire.identity("GetCredentialsForIdentity", IdentityId=found["IdentityId"], Logins=logins)

    bench.measure("GetId + GetCredentialsForIdentity", credentials, many, needs={"rs256_verify": 2})
    memory = {process.pid: process.memory_info().rss // 2**20 for process in cpu.tree(bench.pid)}
    print("resident MB of each process:", memory)


def login_name(site: Site) -> str:
    return f"localhost:{site.port}/{POOL}"


def machine_client(wire: Wire) -> tuple[str, str]:
    made = wire.idp_signed(
        "CreateUserPoolClient",
        UserPoolId=POOL,
        ClientName="bench machine",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["notes/read"],
    )["UserPoolClient"]
    return made["ClientId"], made["ClientSecret"]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    arguments.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    arguments.add_argument("--users", type=int, default=200)
    arguments.add_argument(
        "--repeat", type=int, default=5, help="rounds over the users for the cheap operations"
    )
    options = arguments.parse_args()
    database = fresh_database() if options.database == "postgres" else ""
    with tempfile.TemporaryDirectory(prefix="identity-bench-") as folder:
        environment = {"WEB_WORKERS": "1", **({"DATABASE_URL": database} if database else {})}
        site = Site(Path(folder), environment)
        cpu.pin(SERVER_CORE)  # the site inherits it
        try:
            site.start()
            cpu.pin(1 if (os.cpu_count() or 1) > 1 else 0)
            print(f"database: {options.database}; python {sys.version.split()[0]}")
            run(site, database=database, users=options.users, repeat=options.repeat)
        finally:
            site.stop()
            if database:
                drop_database(database)
    return 0


if __name__ == "__main__":
    sys.exit(main())
