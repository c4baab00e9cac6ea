"""Every assertion of a chapter is fed with garbage, and must fail: `make garbage`, or `run.py CHAPTER…`.

`NAME.toml` has an entry for each assertion of the chapter: the test as it stands, and what spoils it, a statement that
is executed before it, in a copy of the names that the chapter has there; where `rerun` is true, before its whole cell,
so that what the cell computes is of garbage too. An assertion that garbage cannot break proves nothing. The chapter is
executed once, cell by cell; exercises are left out, their checks have tests of their own.
"""

import ast
import copy
import linecache
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import nbformat
import torch
from IPython.core.interactiveshell import InteractiveShell

HERE = Path(__file__).parent
BOOK = HERE.parents[1] / "book"
LEFT_OUT = {"exercise", "solution", "remove-cell"}


def entries(chapter: str) -> list[dict]:
    return tomllib.loads((HERE / f"{chapter}.toml").read_text())["claim"]


def cells(chapter: str) -> list[str]:
    """The code of a chapter, without the first cell, which installs, and exercises."""
    code = [cell for cell in nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells if cell.cell_type == "code"]
    return [cell.source for cell in code if not LEFT_OUT & set(cell.metadata.get("tags", []))]


def claims(source: str) -> list[tuple[str, ast.stmt]]:
    """Its assertions: the test as Python writes it, and the statement of the cell in which it stands."""
    found = []
    for statement in ast.parse(source).body:
        found += [(ast.unparse(a.test), statement) for a in ast.walk(statement) if isinstance(a, ast.Assert)]
    return found


class Alone(ast.NodeTransformer):
    """Leaves out all assertions but one: another that fails proves nothing of it."""

    def __init__(self, claim: str):
        self.claim = claim

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return node if ast.unparse(node.test) == self.claim else ast.copy_location(ast.Pass(), node)


def survives(code: list[ast.stmt], spoil: str, names: dict) -> bool:
    """Does the assertion hold of garbage too? What the garbage may change in place is copied before."""
    spoiled = dict(names)
    for name, value in names.items():
        if isinstance(value, torch.Tensor | list | dict) and name in spoil:
            spoiled[name] = copy.deepcopy(value.detach() if isinstance(value, torch.Tensor) else value)
    state = torch.get_rng_state()
    try:
        exec(spoil, spoiled)
        exec(compile(ast.Module(code, []), "claim", "exec"), spoiled)
    except AssertionError:
        return False
    finally:
        torch.set_rng_state(state)
    return True


def faults(chapter: str) -> list[str]:
    """The claims that garbage does not break, those that have no entry, and entries of no claim."""
    InteractiveShell.instance()
    os.chdir(BOOK)
    garbage = {entry["claim"]: entry for entry in entries(chapter)}
    names, seen, found = {"__name__": "__main__"}, set(), []
    for k, source in enumerate(cells(chapter)):
        name = f"{chapter}, cell {k}"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # for inspect.getsource
        exec(compile(source, name, "exec"), names)
        for claim, statement in claims(source):
            seen.add(claim)
            if claim not in garbage:
                found.append(f"no garbage for: {claim}")
                continue
            code = ast.parse(source).body if garbage[claim].get("rerun") else [copy.deepcopy(statement)]
            if survives([Alone(claim).visit(one) for one in code], garbage[claim]["spoil"], names):
                found.append(f"garbage passes: {claim} | {garbage[claim]['spoil']}")
    return found + [f"no such claim: {claim}" for claim in garbage.keys() - seen]


def main(names: list[str]) -> int:
    """One chapter here, for what it sets holds for the process; of several each in a process of its own."""
    if len(names) != 1:
        every = names or [path.stem for path in sorted(HERE.glob("*.toml"))]
        return max(subprocess.run([sys.executable, __file__, name], check=False).returncode for name in every)
    [name] = names
    found = faults(name)
    print(f"{name}: {len(found)} claims that garbage does not break", *found, sep="\n    ", flush=True)
    return int(bool(found))


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(main(sys.argv[1:]))
