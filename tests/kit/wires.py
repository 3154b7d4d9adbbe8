"""The network between a host and a portal, replaced by Django's test client: what is fetched is answered in process."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from identity.core import fetch


class Wires:
    """``asked`` are the addresses in order; ``is_cut`` lets nothing through."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_cut = False

    def request(self, method: str, url: str, headers: Any, body: bytes | None, *_: Any) -> fetch.Response:
        self.asked.append(url)
        if self.is_cut:
            raise fetch.FetchFailed("testserver: ConnectionRefusedError")
        parts = urlsplit(url)
        sent = {name.lower(): value for name, value in headers.items()}
        kind = sent.pop("content-type", "application/octet-stream")
        answer = Client().generic(
            method,
            parts.path + (f"?{parts.query}" if parts.query else ""),
            body or b"",
            kind,
            headers={"host": parts.netloc, **sent},
        )
        names = {name.lower(): value for name, value in answer.headers.items()}
        return fetch.Response(answer.status_code, names, answer.content, url)


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    made = Wires()
    monkeypatch.setattr(fetch, "_request", made.request)
    return made
