"""A table that does not fit a phone becomes cards: each of its cells has the name of its column."""

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from stacked_tables import stack

FORMULA = '<span class="math" data-tex="K" id="k"><mjx-container>K</mjx-container></span>'


def stacked(names: list[str], *rows: list[str]):
    head = "".join(f"<th><p>{name}</p></th>" for name in names)
    lines = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in rows)
    markup = f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'
    body = BeautifulSoup(markup, "html.parser")
    stack(None, "book/04_elbo", body)
    return body.table


def test_each_cell_of_a_wide_table_begins_with_the_name_of_its_column():
    table = stacked(["pixels", "untrained", "after"], ["Bernoulli, black by chance", "45 ± 0.4 nats", "26 ± 0.1 nats"])
    assert "stacked" in table["class"]
    assert [cell.contents[0].get_text() for cell in table("td")] == ["pixels", "untrained", "after"]
    assert [cell.p.get_text() for cell in table("td")][1:] == ["45 ± 0.4 nats", "26 ± 0.1 nats"]


@pytest.mark.parametrize(
    ("names", "row"),
    [
        (["draws an image", "log of the average", "error", "effective sample size"], ["10", "−21.5", "38.6", "1"]),
        (["you got", "what happened"], ["3.9119", "the sum over the latents became their mean, " * 3]),
    ],
)
def test_a_table_that_fits_or_has_two_columns_stays_a_table(names, row):
    table = stacked(names, row)
    assert table["class"] == ["table"]
    assert table.select(".column") == []


def test_a_formula_in_a_name_is_set_but_counts_as_none_of_the_text():
    table = stacked([FORMULA, "one", "two"], ["x" * 30, "y" * 30, "z"])
    assert len(table.select("td .formula mjx-container")) == 1
    assert [math.find_parent("th") is not None for math in table.select(".math")] == [True]
    assert len(table.select("[id=k], [data-tex]")) == 1


@pytest.mark.parametrize(("value", "pairs"), [("26 ± 0.1", True), ("in `model.encoder`", False)])
def test_many_short_cells_stand_in_pairs(value, pairs):
    table = stacked(["pixels", "d", "untrained", "after 1", "after 2"], ["Bernoulli, black by chance", *[value] * 4])
    assert ("pairs" in table["class"]) == pairs
