"""A fold of checks says how many there are, and the library's source stands without the call that printed it."""

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from code_ranks import number_of_checks, rank

FOLDED = """<div class="cell"><details class="hide"><summary><span class="collapsed admonition-title">{label}</span>
<span class="expanded admonition-title">Hide</span></summary><div class="cell_input"><pre>{code}</pre></div></details>
{output}</div>"""
CHECKS = "assert a\nfor b in c:\n    assert b\n    torch.testing.assert_close(a, b)\n"
PRINTED = """<div class="cell"><div class="cell_input"><pre>show_source(elbo_terms, VAE)
</pre></div><div class="cell_output"><pre>def elbo_terms(x):
    def inner(): pass

class VAE:
    def forward(self): ...
</pre></div></div>"""


def ranked(markup: str) -> BeautifulSoup:
    body = BeautifulSoup(markup, "html.parser")
    rank(None, "book/04_elbo", body)
    return body


@pytest.mark.parametrize(("code", "number"), [(CHECKS, 3), ("x = 1\n", 0), ("assert all(x for x in y), 'no'", 1)])
def test_a_check_is_an_assertion_as_it_is_written(code, number):
    assert number_of_checks(code) == number


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Show the check of the coins", "✓ 3 passing checks of the coins"),
        ("Show the checks against (5.8)", "✓ 3 passing checks against (5.8)"),
        ("Show what was checked of all pictures", "✓ 3 passing checks of all pictures"),
        ("Show the checkerboard", "Show the checkerboard"),
        ("Show the drawing of the plane", "Show the drawing of the plane"),
    ],
)
def test_a_fold_says_how_many_checks_pass_where_its_label_speaks_of_checks(label, said):
    body = ranked(FOLDED.format(label=label, code=CHECKS, output=""))
    assert body.select_one(".collapsed").get_text() == said
    assert ("checks" in body.div["class"]) == (said != label)


def test_one_check_is_no_plural():
    body = ranked(FOLDED.format(label="Show the check of it", code="assert a", output=""))
    assert body.select_one(".expanded").get_text() == "✓ 1 passing check of it"


def test_checks_that_print_something_stay_beside_it_in_the_text():
    body = ranked(FOLDED.format(label="Show the check of it", code=CHECKS, output='<div class="cell_output"></div>'))
    assert body.div["class"] == ["cell"]


def test_the_names_that_are_defined_stand_in_place_of_the_call():
    body = ranked(PRINTED)
    assert body.select_one(".source-of").get_text() == "From the library: elbo_terms, VAE"
    assert "show_source" not in body.get_text()
    assert body.select(".cell_input") == []
