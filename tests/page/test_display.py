"""Every chapter: sources shown are the library's own, tables are well formed."""

import pytest

from vae_lib.networks import GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.page.display import show_source, table


def test_source_is_the_librarys_own_without_docstrings():
    text = show_source(elbo, GaussianEncoder).data
    assert text.startswith("```python\ndef elbo(")
    assert "return reconstruction - beta * kl" in text
    assert "class GaussianEncoder" in text
    assert '"""' not in text


def test_source_shown_is_valid_python():
    compile(show_source(GaussianEncoder).data.removeprefix("```python\n").removesuffix("```"), "shown", "exec")


def test_table_is_markdown_with_bars_escaped():
    assert table(["a", "b"], [[1, "p(x|z)"]]).data == "| a | b |\n| --- | --- |\n| 1 | p(x\\|z) |"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (-1.5, "−1.5"),
        ("-0.02 ± 0.01", "−0.02 ± 0.01"),
        ("(-1, 3/2, -.5)", "(−1, 3/2, −.5)"),
        ("15/2 - 21 ln 2 / 2", "15/2 − 21 ln 2 / 2"),
        ("**-9.28** nats", "**−9.28** nats"),
        ("5-point rule, 2017-2018, 1e-5", "5-point rule, 2017-2018, 1e-5"),
        ("test -ELBO – -3", "test -ELBO – −3"),
        ("$-1$ is `exp(-1)`, not -1", "$-1$ is `exp(-1)`, not −1"),
    ],
)
def test_negative_numbers_get_a_minus_sign_outside_formulas_and_code(cell, shown):
    assert table(["a"], [[cell]]).data.split("\n")[2] == f"| {shown} |"


def test_ragged_rows_are_refused():
    with pytest.raises(ValueError, match=r"expected 2 cells in each row, got 1: \[1\]"):
        table(["a", "b"], [[1]])
