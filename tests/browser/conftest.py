"""Chromium as people have it: a fresh profile a test, at phone or desktop size."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.races import PATIENCE


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that fails the test for anything the browser complains of: script errors, blocked content."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


def is_complaint(message: Any) -> bool:
    """Console errors, but for the answers 4xx that a page asked for and shows."""
    return message.type == "error" and "Failed to load resource" not in message.text
