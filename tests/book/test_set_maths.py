"""Formulas are set while a book is built: a small one here, with the extension alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"
SETTINGS = """
extensions = ["myst_parser", "set_maths"]
html_math_renderer = "mathjax_at_build"
myst_enable_extensions = ["dollarmath"]
"""
FIRST = r"""# First

Of $\sigma^2$ and, in [another](second.md),

$$
\begin{aligned} a \\ b \end{aligned} \tag{1.1}
$$
"""


def build(source: Path, out: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "sphinx", "-q", source, out]
    return subprocess.run(command, env={"PYTHONPATH": str(EXTENSIONS)}, capture_output=True, text=True)


def pages_and_styles(out: Path) -> dict[str, bytes]:
    found = [*out.rglob("*.html"), *out.rglob("*.css")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "conf.py").write_text(SETTINGS)
    (folder / "index.md").write_text("# Book\n\n```{toctree}\nfirst\nsecond\n```\n")
    (folder / "first.md").write_text(FIRST)
    (folder / "second.md").write_text("# Second\n\nNo formula.\n")
    return folder


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def test_a_formula_becomes_html_with_mathml_for_screen_readers_and_its_tex_in_an_attribute(source, out):
    assert build(source, out).returncode == 0
    page = (out / "first.html").read_text()
    shown = r'<span class="math notranslate nohighlight" data-tex="\sigma^2"><mjx-container class="MathJax" '
    assert page.count(shown) == page.count("<msup><mi>σ</mi><mn>2</mn></msup>") == 1
    assert page.count("<mtext>(1.1)</mtext>") == 1


@pytest.mark.parametrize(
    ("tex", "reason"),
    [
        (r"\frac{1", "Missing close brace"),
        (r"\expect x", "Undefined control sequence \\expect"),
        (r"\begin{split} x \tag{1} \end{split}", "\\tag not allowed in split environment"),
        (r"a &lt; b", "Misplaced &"),
        (r"\newcommand{\E}{x} \E", "\\newcommand ties it to other formulas"),
        (r"\eqref{one}", "\\eqref ties it"),
    ],
)
def test_a_wrong_formula_fails_the_build_which_names_page_and_tex(source, out, tex, reason):
    (source / "second.md").write_text(f"# Second\n\nA wrong ${tex}$.\n")
    built = build(source, out)
    assert built.returncode != 0
    assert f"second: {tex}: {reason}" in built.stderr
    assert "first:" not in built.stderr


def test_a_page_that_is_edited_leaves_the_same_pages_as_a_build_from_nothing(source, out, tmp_path):
    build(source, out)
    before = pages_and_styles(out)
    (source / "second.md").write_text("# Second\n\nNow $\\mathcal{N}(z; 0, I)$.\n")
    build(source, out)
    build(source, tmp_path / "again")
    assert pages_and_styles(out) == pages_and_styles(tmp_path / "again")
    assert (
        pages_and_styles(out)["first.html"] != before["first.html"]
    )  # which asks for another version of the style sheet


def test_only_a_page_with_formulas_loads_their_style_sheet_and_by_its_digest(source, out):
    build(source, out)
    first, second = ((out / name).read_text() for name in ("first.html", "second.html"))
    assert len(re.findall(r"_static/maths\.css\?v=[0-9a-f]{8}", first)) == 1
    assert "maths.css" not in second


def test_a_title_with_a_formula_brings_the_style_sheet_to_every_page_whose_sidebar_shows_it(source, out):
    (source / "first.md").write_text("# What is $\\beta$?\n")
    build(source, out)
    assert "maths.css" in (out / "second.html").read_text()


def test_a_style_sheet_names_only_fonts_that_are_beside_it(source, out):
    build(source, out)
    named = re.findall(r'url\("([^"]+)"\)', (out / "_static" / "maths.css").read_text())
    named.remove(next(name for name in named if name.startswith("data:")))
    assert len(named) > 10
    assert [name for name in named if not (out / "_static" / name).is_file()] == []
