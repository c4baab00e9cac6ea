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
import traceback
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import torch
from IPython.utils.capture import capture_output

HERE = Path(__file__).parent
LEFT_OUT = {"exercise", "solution", "remove-cell"}
CLAIM = "claim"  # the file name of what is asserted, in tracebacks


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
    """Raises where the assertion holds of garbage too, or where the garbage itself fails, and leaves no trace."""
    refuse_changes_that_stay(spoil)
    spoiled = names | {name: copied(value) for name, value in names.items() if name in spoil}
    state = torch.get_rng_state()
    try:
        with capture_output():
            exec(spoil, spoiled)
            failed = fails(claim, code, spoiled)
    finally:
        plt.close("all")
        torch.set_rng_state(state)
    if not failed:
        raise ValueError(f"garbage passes: {claim} | {spoil}")


def refuse_changes_that_stay(spoil: str) -> None:
    """Of a module, a class or a function there is no copy: what is assigned to an attribute is refused."""
    for node in ast.walk(ast.parse(spoil)):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            raise ValueError(f"{ast.unparse(node)} would stay changed in the cells below: {spoil}")


def copied(value):
    """A copy of what the garbage may change in place; tensors leave their graphs."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [copied(each) for each in value]
    if isinstance(value, torch.nn.Module):
        return copied_network(value)
    return value.copy() if isinstance(value, np.ndarray) else value


def copied_network(network: torch.nn.Module) -> torch.nn.Module:
    """The gradients too, which deepcopy leaves out."""
    twin = copy.deepcopy(network)
    for mine, theirs in zip(twin.parameters(), network.parameters(), strict=True):
        mine.grad = copied(theirs.grad)
    return twin


def fails(claim: str, code: str, names: dict) -> bool:
    """Whether the assertion itself fails: another one, of what it calls, is an error."""
    try:
        exec(compile(Alone(claim).visit(ast.parse(code)), CLAIM, "exec"), names)
    except AssertionError as error:
        if traceback.extract_tb(error.__traceback__)[-1].filename != CLAIM:
            raise
        return True
    return False


def listed(chapter: str, cells: list) -> dict[str, dict]:
    """What spoils each assertion of the chapter. Exits where there is no list of it, or another one."""
    asserted = {claim for cell in cells if has_claims(cell) for claim, _ in claims(cell.source)}
    path = HERE / f"{chapter}.toml"
    if asserted and not path.exists():
        sys.exit(f"{chapter} has assertions, and no list of what spoils them: tests/garbage/{path.name}")
    entries = tomllib.loads(path.read_text())["claim"] if asserted else []
    garbage = {entry["claim"]: entry for entry in entries}
    if asserted != set(garbage):
        sys.exit(f"{path.name} and its chapter differ in {sorted(asserted ^ set(garbage))}")
    return garbage


def main(folder: Path) -> None:
    shutil.copy(__file__, folder)  # where the copies' kernels find it
    for path in sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = with_garbage(notebook.cells, listed(path.stem, notebook.cells))
        nbformat.write(notebook, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
