"""The PDF of the whole book is offered where the publishing workflow put it beside the pages, and nowhere else."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXTENSION = runpy.run_path(str(ROOT / "book" / "_ext" / "whole_pdf.py"))


@pytest.fixture
def context() -> dict:
    """Of a page in a folder, as the theme hands it on."""
    groups = [{"label": "launch-buttons", "buttons": []}, {"label": "download-buttons", "buttons": []}]
    return {"header_buttons": groups, "pathto": lambda name, resource: f"../{name}"}


def offered(context) -> list[list[str]]:
    EXTENSION["offer"](SimpleNamespace(), "book/04_elbo", "page.html", context, None)
    return [[button["url"] for button in group["buttons"]] for group in context["header_buttons"]]


def test_without_the_variable_there_is_no_link(context, monkeypatch):
    monkeypatch.delenv("BOOK_PDF", raising=False)
    assert offered(context) == [[], []]


def test_with_it_the_link_stands_among_the_downloads(context, monkeypatch):
    monkeypatch.setenv("BOOK_PDF", "book.pdf")
    assert offered(context) == [[], ["../book.pdf"]]


def test_the_workflow_makes_the_file_that_its_pages_link():
    job = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text())["jobs"]["publish"]
    runs = [step.get("run", step.get("uses")) for step in job["steps"]]
    copy = f"cp _build/book.pdf _build/html/{job['env']['BOOK_PDF']}"
    assert runs.index("make pdf") < runs.index(copy) < runs.index("actions/upload-pages-artifact@v3")
