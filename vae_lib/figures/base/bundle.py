"""Every chapter: a live figure's modules joined into one, so that a page or a notebook holds it and fetches nothing.

A module becomes a function of its own that returns what it exports: two modules may use one name for two things.
"""

import json
import re
from pathlib import Path

# As the formatter writes them: a statement begins its line, and the names of an import may run over several.
IMPORT = re.compile(r'^import (?:\{(?P<names>[^}]*)\}|(?P<text>\w+)) from "(?P<path>[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (?P<name>\w+))", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def bundle(entry: Path, given: dict[str, str]) -> str:
    """The module `entry`, which exports `render`, and all that it imports, as one ES module that exports `{ render }`.

    Handles `import { a, b as c } from "./other.js"`; `import text from "./style.css"`, which is the file's text, or
    one of `given`, texts by the path that is asked for; `export` before a function, a class or `const name`. Raises
    ValueError, with file and line, at any other import or export and at a name that is imported but not exported; at
    a circle of imports; at "</script", which would end the page's script.
    """
    scopes: dict[Path, str] = {}
    _add(entry.resolve(), given, scopes, importers=[])
    if "render" not in exports(entry):
        raise ValueError(f"expected {entry.name} to export render")
    text = "\n".join([*scopes.values(), f"const {{ render }} = {_constant(entry)};", "export default { render };", ""])
    if "</script" in text.lower():
        raise ValueError(f'expected no "</script" in the modules of {entry.name}')
    return text


def exports(module: Path) -> list[str]:
    """The names that a module exports."""
    return [found["name"] for found in EXPORT.finditer(module.read_text())]


def scope(module: Path, given: dict[str, str]) -> str:
    """A module as a constant: a function that runs it and returns what it exports, called."""
    source = module.read_text()
    body = EXPORT.sub("", IMPORT.sub(lambda found: _imported(module, found, given), source))
    if left := OTHER.search(body):
        place = _place(module, source.index(left[0]))
        raise ValueError(f"{place}: expected an import or export that `bundle` handles, got {left[0]}")
    return f"const {_constant(module)} = (() => {{\n{body}return {{ {', '.join(exports(module))} }};\n}})();"


def _add(module: Path, given: dict[str, str], scopes: dict[Path, str], importers: list[Path]) -> None:
    """Puts the scopes of all that `module` imports, and then its own, into `scopes`, each once."""
    if module in importers:
        circle = [*importers[importers.index(module) :], module]
        raise ValueError(f"expected no circle of imports, got {' → '.join(one.name for one in circle)}")
    if module in scopes:
        return
    for found in IMPORT.finditer(module.read_text()):
        if found["names"]:
            other = _other(module, found)
            _add(other, given, scopes, [*importers, module])
            _check(module, found, other)
    scopes[module] = scope(module, given)


def _check(module: Path, found: re.Match, other: Path) -> None:
    for name, _ in _pairs(found["names"]):
        if name not in exports(other):
            raise ValueError(f"{_place(module, found.start())}: expected {other.name} to export {name}")


def _imported(module: Path, found: re.Match, given: dict[str, str]) -> str:
    """An import as the constants that it names."""
    if found["text"]:
        text = given[found["path"]] if found["path"] in given else _other(module, found).read_text()
        return f"const {found['text']} = {json.dumps(text, ensure_ascii=False)};\n"
    names = ", ".join(name if name == own else f"{name}: {own}" for name, own in _pairs(found["names"]))
    return f"const {{ {names} }} = {_constant(_other(module, found))};\n"


def _pairs(names: str) -> list[tuple[str, str]]:
    """The names "a, b as c" as pairs of theirs and ours, [("a", "a"), ("b", "c")]."""
    each = [name.split() for name in names.split(",") if name.strip()]
    return [(name[0], name[-1]) for name in each]


def _other(module: Path, found: re.Match) -> Path:
    """The file that `module` imports."""
    return (module.parent / found["path"]).resolve()


def _constant(module: Path) -> str:
    """The name of a module's constant: base/latent-map.js is `base$latent_map`."""
    return re.sub(r"\W", "_", module.resolve().parent.name) + "$" + re.sub(r"\W", "_", module.stem)


def _place(module: Path, position: int) -> str:
    return f"{module.name}, line {module.read_text()[:position].count(chr(10)) + 1}"
