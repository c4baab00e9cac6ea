"""Every assertion of a chapter is fed with garbage, and must fail: `spoil.py FOLDER` puts that into copies of chapters.

`NAME.toml` has an entry for each assertion of the chapter: the test as it stands, and what spoils it, a statement that
is executed before it, in a copy of the names that the chapter has there; where `rerun` is true, before its whole cell,
so that what the cell computes is of garbage too. An assertion that garbage cannot break proves nothing. The copy gets
a cell for each, below the assertion's own, which raises where it holds of garbage too, and otherwise leaves no trace.
Exercises are left out, their checks have tests of their own.
"""

import ast
import copy
import shutil
import sys
import tomllib
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import torch
from IPython.utils.capture import capture_output

HERE = Path(__file__).parent
LEFT_OUT = {"exercise", "solution", "remove-cell"}


def claims(source: str) -> list[tuple[str, str]]:
    """A cell's assertions: the test as Python writes it, and the statement of the cell in which it stands."""
    asserted = [(a.test, top) for top in ast.parse(source).body for a in ast.walk(top) if isinstance(a, ast.Assert)]
    return [(ast.unparse(test), ast.unparse(statement)) for test, statement in asserted]


def has_claims(cell) -> bool:
    return cell.cell_type == "code" and not LEFT_OUT & set(cell.metadata.get("tags", []))


def with_garbage(cells: list, garbage: dict[str, dict]) -> list:
    """A chapter's cells, and below each the cells that spoil its assertions."""
    every = []
    for cell in cells:
        every.append(cell)
        for claim, statement in claims(cell.source) if has_claims(cell) else []:
            code = cell.source if garbage[claim].get("rerun") else statement
            every.append(spoiling(f"spoil-{len(every)}", claim, garbage[claim]["spoil"], code))
    return every


def spoiling(name: str, claim: str, spoil: str, code: str):
    call = f'__import__("spoil").must_fail({claim!r}, {spoil!r}, {code!r}, globals())'
    return nbformat.v4.new_code_cell(call, id=name, execution_count=1)  # counted, else nbval compares nothing


class Alone(ast.NodeTransformer):
    """Leaves out all assertions but one: another that fails proves nothing of it."""

    def __init__(self, claim: str):
        self.claim = claim

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return node if ast.unparse(node.test) == self.claim else ast.copy_location(ast.Pass(), node)


def must_fail(claim: str, spoil: str, code: str, names: dict) -> None:
    """Raises where the assertion holds of garbage too. What the garbage may change in place is copied before."""
    spoiled = dict(names)
    for name, value in names.items():
        if isinstance(value, torch.Tensor | list | dict) and name in spoil:
            spoiled[name] = copy.deepcopy(value.detach() if isinstance(value, torch.Tensor) else value)
    state = torch.get_rng_state()
    try:
        with capture_output():
            exec(spoil, spoiled)
            exec(compile(Alone(claim).visit(ast.parse(code)), "claim", "exec"), spoiled)
    except AssertionError:
        return
    finally:
        plt.close("all")
        torch.set_rng_state(state)
    raise ValueError(f"garbage passes: {claim} | {spoil}")


def main(folder: Path) -> None:
    shutil.copy(__file__, folder)  # where the copies' kernels find it
    for listed in sorted(HERE.glob("*.toml")):
        garbage = {entry["claim"]: entry for entry in tomllib.loads(listed.read_text())["claim"]}
        notebook = nbformat.read(folder / f"{listed.stem}.ipynb", as_version=4)
        asserted = {claim for cell in notebook.cells if has_claims(cell) for claim, _ in claims(cell.source)}
        if asserted != set(garbage):
            sys.exit(f"{listed.name} and its chapter differ in {sorted(asserted ^ set(garbage))}")
        notebook.cells = with_garbage(notebook.cells, garbage)
        nbformat.write(notebook, folder / f"{listed.stem}.ipynb")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
