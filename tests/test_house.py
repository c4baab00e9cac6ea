"""The library keeps its plan: six short files first, imports that flow one way, packages that say what chapters use."""

import ast
import importlib
import io
import re
import runpy
import tokenize
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).parents[1]
house = runpy.run_path(str(ROOT / "book" / "_tools" / "house.py"))
GRAPH, LAYERS, SIX = house["graph"](), house["LAYERS"], house["SIX"]
PACKAGES = sorted(path.parent.name for path in (ROOT / "vae_lib").glob("*/__init__.py"))
MOST_LINES = 400  # an hour's reading
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def docstring(node: ast.AST) -> range:
    """The lines of a module's, class's or function's docstring."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return range(first.lineno, first.end_lineno + 1)
    return range(0)


def lines_of_code(source: str) -> set[int]:
    """The numbers of the lines that hold code: no blank line, no comment, no docstring."""
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in NO_CODE]
    lines = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    return lines.difference(*map(docstring, nodes))


def test_the_import_graph_is_the_librarys():
    assert "distributions" in GRAPH["networks"]
    assert "page.palette" in GRAPH["figures.trick.figure"]


def test_every_room_has_its_place_in_the_table_and_imports_nothing_before_it_is_asked():
    rooms = {name.split(".")[0] for name in house["modules"]() if name}
    assert rooms <= {name for layer in LAYERS for name in layer}
    assert house["imports"](ROOT / "vae_lib" / "__init__.py") == set()


def test_no_module_imports_itself_by_a_detour():
    tuple(TopologicalSorter(GRAPH).static_order())  # raises CycleError, with the cycle


def test_each_room_imports_rooms_below_it_alone():
    layer = house["layer"]
    upwards = {
        f"{name} imports {other}"
        for name, rooms in house["needs"]().items()
        for other in rooms
        if layer(other) > layer(name) or (layer(other) == layer(name) > 0)
    }
    assert upwards == set()


def test_the_six_import_only_the_six_before_them():
    for i, name in enumerate(SIX):
        assert GRAPH[name] <= set(SIX[:i]), f"{name} imports {GRAPH[name]}"


def test_the_six_can_be_read_in_an_hour():
    sizes = {name: len(lines_of_code(house["modules"]()[name].read_text())) for name in SIX}
    assert sum(sizes.values()) <= MOST_LINES, sizes


def test_the_loop_is_a_page_of_a_book():
    source = house["modules"]()["training"].read_text()
    (fit,) = [node for node in ast.parse(source).body if getattr(node, "name", "") == "fit"]
    code, body = lines_of_code(source), range(fit.body[0].lineno, fit.end_lineno + 1)
    assert len(code) <= 120
    assert len(code.intersection(body)) <= 30
    assert len(fit.args.args + fit.args.kwonlyargs) <= 8
    assert "minus sign stands here" in ast.get_docstring(fit).splitlines()[0]


def test_contributings_picture_of_the_house_is_drawn_from_the_imports():
    text = house["CONTRIBUTING"].read_text()
    assert house["picture"]() in text
    assert house["with_picture"](text) == text


# Chapters take names from the packages, and the packages offer these names and no others.


@cache
def names_in_chapters() -> dict[str, set[str]]:
    """Module or package, without `vae_lib.` → the names that chapters take from it, and figures that pages do."""
    taken: dict[str, set[str]] = {}
    for path in sorted((ROOT / "book").glob("[0-9]*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        code = "\n".join(TransformerManager().transform_cell(c.source) for c in cells if c.cell_type == "code")
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "vae_lib":
                module = node.module.removeprefix("vae_lib").lstrip(".")
                taken.setdefault(module, set()).update(alias.name for alias in node.names)
        taken.setdefault("figures", set()).update(re.findall(r"\bfigures\.(\w+)\(", code))
        markers = [re.match(r"<!-- exercise: (\w+) -->", cell.source) for cell in cells]  # one on paper has no stub
        taken.setdefault("exercises", set()).update(f"check_{marker[1]}" for marker in markers if marker)
    pages = "".join(path.read_text() for path in (ROOT / "book").glob("*.md"))
    taken["figures"] |= set(re.findall(r"<!-- figure: (\w+) -->", pages))
    return taken


def test_chapters_import_the_rooms_by_package_and_the_rest_by_module():
    assert names_in_chapters().keys() <= {
        *PACKAGES,
        *SIX,
        "",
        "adapter",
        "chains",
        "conditional",
        "cures",
        "data",
        "discrete",
        "estimators",
        "evaluation",
        "priors",
        "saving",
        "sequences",
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_offers_what_chapters_use_and_nothing_else(package):
    offered = set(importlib.import_module(f"vae_lib.{package}").__all__)
    modules = {name.split(".")[1] for name in GRAPH if name.startswith(f"{package}.")}
    used = names_in_chapters()[package]
    assert used - modules <= offered
    assert offered <= used


def test_a_figures_name_is_its_function_even_where_its_module_was_imported_first():
    importlib.import_module("vae_lib.figures.machine.figure")
    from vae_lib import figures

    assert callable(figures.machine)
