"""The library stays small and plain: imports flow one way, and a function is short or says why not."""

import ast
import io
import re
import tokenize
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "vae_lib"
FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(LIBRARY.rglob("*.py"))}
# In the order of imports, low to high: what chapters 1 to 5 teach, and the referee.
CORE = ["distributions", "networks", "model", "objectives", "training", "worked_example", "gradients", "evaluation"]
CORE += ["linear_gaussian"]
MOST_LINES, LONG = 700, 25
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


def imports(path: Path) -> set[str]:
    """The modules of the library that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "vae_lib":
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    packages = {name: name + ".__init__" if name + ".__init__" in FILES else name for name in found}
    return {name for name in packages.values() if name in FILES and FILES[name] != path}


GRAPH = {name: imports(path) for name, path in FILES.items()}


def test_the_import_graph_is_the_librarys():
    assert "vae_lib.distributions" in GRAPH["vae_lib.networks"]
    assert "vae_lib.explorables.page" in GRAPH["vae_lib.explorables.trick"]


def test_no_module_imports_itself_by_a_detour():
    tuple(TopologicalSorter(GRAPH).static_order())  # raises CycleError, with the cycle


@pytest.mark.parametrize("name", CORE)
def test_a_core_module_imports_core_modules_below_it_or_beside_it_and_nothing_above(name):
    above = ("checks", "explorables", "labs", "plotting", "diagrams", "display", "shipped", "yardsticks", "reductions")
    imported = {module.removeprefix("vae_lib.").split(".")[0] for module in GRAPH[f"vae_lib.{name}"]}
    assert imported.isdisjoint(above)
    flow = CORE[:5]
    if name in flow:
        assert imported & set(CORE) <= set(flow[: flow.index(name)])


def test_the_modules_that_the_chapters_explain_can_be_read_in_an_evening():
    sizes = {name: len(lines_of_code((LIBRARY / f"{name}.py").read_text())) for name in CORE}
    assert sum(sizes.values()) < MOST_LINES, sizes


@pytest.mark.parametrize("name", FILES)
def test_a_long_function_says_why(name):
    source = FILES[name].read_text()
    lines, code = source.split("\n"), lines_of_code(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            length = len(code & set(range(node.lineno, node.end_lineno + 1)))
            above = lines[node.lineno - 2 - len(node.decorator_list)]
            assert length <= LONG or re.match(r"\s*# Long: .{20}", above), f"{node.name}: {length} lines of code"
