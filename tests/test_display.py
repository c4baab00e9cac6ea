"""Every chapter: sources shown are the library's own, tables are well formed."""

import pytest

from vae_lib.display import show_source, table
from vae_lib.networks import GaussianEncoder
from vae_lib.objectives import elbo


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


def test_ragged_rows_are_refused():
    with pytest.raises(ValueError, match=r"expected 2 cells in each row, got 1: \[1\]"):
        table(["a", "b"], [[1]])
