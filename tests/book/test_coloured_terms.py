"""A term that is to be coloured is there once, as the notebook writes it; all other TeX stays as it is."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
from sphinx.errors import SphinxError

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from coloured_terms import BARS, TERMS, coloured  # noqa: E402

PAGES = sorted({page for page, _ in TERMS})


def displays(page: str) -> list[str]:
    cells = nbformat.read(ROOT / f"{page}.ipynb", as_version=4).cells
    return re.findall(r"^\$\$\n(.*?)\n\$\$$", "\n".join(cell.source for cell in cells), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("page", "tag"), TERMS)
def test_every_term_gets_its_classes_and_nothing_else_changes(page, tag):
    tex = next(one for one in displays(page) if tag in one)
    changed = coloured(page, tex)
    assert changed.count(r"\class{term ") == len(TERMS[page, tag])
    assert re.sub(r"\\class\{[^}]*\}\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", r"\1", changed) == tex


@pytest.mark.parametrize("page", PAGES)
def test_other_equations_stay_as_they_are(page):
    others = [tex for tex in displays(page) if not any(tag in tex for _, tag in TERMS)]
    assert len(others) > 8
    assert [coloured(page, tex) for tex in others] == others
    assert coloured("book/elsewhere", displays(page)[0]) == displays(page)[0]


def test_a_term_that_the_notebook_writes_otherwise_stops_the_build():
    with pytest.raises(SphinxError, match="expected the term"):
        coloured("book/04_elbo", r"\mathrm{ELBO} = a \tag{4.5}")


def test_every_bar_has_a_name_as_in_the_figure():
    view = (ROOT / "vae_lib/figures/bound/view.js").read_text()
    steps = dict(re.findall(r'name: "([^"]+)",[^}]*key: "([^"]+)"', view))
    assert {key: name for name, key in steps.items()} == BARS
