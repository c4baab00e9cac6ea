from contextlib import ExitStack
from functools import cache

import pytest
import servers
from playwright.sync_api import sync_playwright

from browser.built import chromium


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def server():
    """A function that gives the running server of a host, started when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda host: stack.enter_context(servers.started(servers.HOSTS[host])))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failing test shows what the servers said last."""
    report = yield
    if report.failed:
        for server in servers.running:
            report.sections.append((f"log of {' '.join(server.host.command)}", server.log.read_text()[-3000:]))
    return report
