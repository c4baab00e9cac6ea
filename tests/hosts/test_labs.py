"""The labs in JupyterLab and in the classic notebook with Colab's versions: they run torch in the kernel, and stop.

One in each; `make every-host` opens both in both.
"""

import re

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect
from servers import HOSTS, START_LIMIT, Host, opened, run_all

from browser.built import EVERY_VIEW, new_page

LABS = {"lab": "training_lab", "classic": "variance_lab"}
RUNNING, STOPPED = re.compile("^Running: [^a-z]+ of"), re.compile("^Stopped after [^a-z]+ of")
METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # else JupyterLab asks for the kernel
SETUP = """
import sys, torch, vae_lib
assert (sys.executable, *vae_lib.__path__) == {}
torch.set_num_threads(1)
"""

expect.set_options(timeout=1000 * START_LIMIT)


def notebook(host: Host, lab: str):
    """Is this the host's own Python, and the library where it should be? A lab. Another cell."""
    cells = [SETUP.format((host.python, str(host.library))), f"from vae_lib.labs import {lab}\n\n{lab}()", "6 * 7"]
    return new_notebook(cells=[new_code_cell(source) for source in cells], metadata=METADATA)


def pytest_generate_tests(metafunc):
    if "page" in metafunc.fixturenames:
        labs = [*LABS.values()] if EVERY_VIEW else [LABS[metafunc.cls.host]]
        metafunc.parametrize("page", labs, indirect=True, scope="class")


@pytest.fixture(scope="class")
def page(request, browser, server):
    """A small notebook with one lab, run."""
    name, host = request.param, request.cls.host
    cells = notebook(HOSTS[host], name)
    with new_page(browser, width=1280, theme="light") as page, opened(page, server(host), name, cells):
        run_all(page, HOSTS[host])
        yield page


@pytest.fixture
def panel(page):
    panel = page.locator(".widget-vbox")
    expect(panel).to_have_count(1)
    return panel


class InAHost:
    def test_its_kernel_is_the_hosts_own_python_with_this_library(self, page):
        assert page.evaluate(HOSTS[self.host].errors) == []

    def test_a_change_of_a_setting_runs_with_progress_and_stop_stops(self, panel):
        stop, bar = panel.get_by_role("button", name="Stop"), panel.locator(".progress-bar")
        expect(stop).to_be_disabled()
        work = panel.locator("select").last  # how many gradients or epochs: the last choice takes longest
        work.select_option(index=work.locator("option").count() - 1)
        expect(panel.get_by_text(RUNNING)).to_be_visible()
        expect(bar).not_to_have_attribute("style", bar.get_attribute("style"))  # it moves
        stop.click()
        expect(panel.get_by_text(STOPPED)).to_be_visible()
        expect(stop).to_be_disabled()

    def test_run_runs_again(self, panel):
        panel.get_by_role("button", name="Run").click()
        expect(panel.get_by_text(RUNNING)).to_be_visible()
        panel.get_by_role("button", name="Stop").click()
        expect(panel.get_by_text(STOPPED)).to_be_visible()

    def test_all_else_is_as_it_was(self, page):
        host = HOSTS[self.host]
        assert page.evaluate(host.errors) == []
        assert len(page.evaluate(host.state)[-1]) == 3
        assert [text for text in page.complaints if not re.search(host.own_noise, text)] == []


class TestInJupyterLab(InAHost):
    host = "lab"


class TestInTheClassicNotebookWithColabsVersions(InAHost):
    host = "classic"
