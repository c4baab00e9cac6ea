"""The house's plan: which room of `vae_lib` may import which, and CONTRIBUTING's picture of it, drawn from the imports.

`python book/_tools/house.py` (`make house`) writes the picture anew; `tests/test_house.py` holds the imports to LAYERS.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "vae_lib"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
SIX = ("distributions", "networks", "model", "objectives", "gradients", "training")  # the VAE itself
BESIDE = (
    "lazy",
    "saving",
    "data",
    "foreign",
    "adapter",
    "page",
    "cures",
    "priors",
    "discrete",
    "estimators",
    "chains",
    "sequences",
    "conditional",
)
# Low to high. A room imports rooms of lower layers; within a layer only those of the lowest may import one another,
# and none may go round in a circle. Later chapters put files of their own beside the six, never lines into them.
LAYERS = (
    (*SIX, *BESIDE),
    ("exact", "evaluation"),
    ("shipped",),
    ("diagnose",),
    ("exercises", "figures", "labs"),
)
PICTURE = re.compile(r"(<!-- house: made by `make house` -->\n```\n).*?(```\n)", re.DOTALL)


def modules() -> dict[str, Path]:
    """Every module of the library, by its name without `vae_lib.`; a package's `__init__` by the package's."""
    paths = {path.relative_to(LIBRARY).with_suffix(""): path for path in sorted(LIBRARY.rglob("*.py"))}
    return {".".join(part for part in name.parts if part != "__init__"): path for name, path in paths.items()}


def imports(path: Path) -> set[str]:
    """The library's modules that a file imports anywhere in it: the names as `modules` has them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.removeprefix("vae_lib.") for name in found if name.startswith("vae_lib.")} & modules().keys()


def room(module: str) -> str:
    return module.split(".")[0]


def layer(name: str) -> int:
    """The number of a room's layer. Raises LookupError for a room that the table does not have."""
    for number, rooms in enumerate(LAYERS):
        if name in rooms:
            return number
    raise LookupError(f"expected vae_lib/{name} in the table of layers, book/_tools/house.py")


def graph() -> dict[str, set[str]]:
    """Module → the modules that it imports."""
    return {name: imports(path) for name, path in modules().items() if name}


def needs() -> dict[str, set[str]]:
    """Room → the other rooms that it imports."""
    rooms: dict[str, set[str]] = {}
    for name, imported in graph().items():
        rooms.setdefault(room(name), set()).update({room(other) for other in imported} - {room(name)})
    return rooms


def picture() -> str:
    """The rooms from the highest layer to the lowest, each with those that it takes from."""
    of, lines = needs(), []
    for number in reversed(range(len(LAYERS))):
        rooms = [name for name in LAYERS[number] if name in of]
        if number == 0:
            others = [name for name in rooms if name not in SIX]
            lines += ["0  the VAE, six files to read in this order:", *[f"     {line(of, name)}" for name in SIX]]
            lines += ["   beside them:", *[f"     {line(of, name)}" for name in others]]
        else:
            lines += [f"{number}  {line(of, name)}" for name in rooms]
    return "\n".join(lines)


def line(of: dict[str, set[str]], name: str) -> str:
    order = [known for rooms in LAYERS for known in rooms]
    taken = sorted(of[name] - {"lazy"}, key=order.index)
    return f"{name:14} ← {', '.join(taken)}" if taken else name


def with_picture(text: str) -> str:
    return PICTURE.sub(lambda found: found[1] + picture() + "\n" + found[2], text)


if __name__ == "__main__":
    CONTRIBUTING.write_text(with_picture(CONTRIBUTING.read_text()))
