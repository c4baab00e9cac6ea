"""The API page has what is public, and no more; its examples print what it shows."""

import doctest
import re
import sys
import typing
from importlib import import_module
from inspect import isfunction
from pathlib import Path
from types import GenericAlias

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import chapter_code  # noqa: E402

PAGE = (ROOT / "book/api.md").read_text()
TEXTS = [(ROOT / name).read_text() for name in ("README.md", "examples/README.md")]
TEXTS += [(ROOT / f"book/{name}.md").read_text() for name in ("quick_reference", "i_see", "staff", "api")]
SESSION = re.compile(r"^```pycon\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?=\(|$)")
ENTRIES = re.compile(r"^\.\. auto(?:class|function):: ([\w.]+)(?:\(\))?(?:\n   :members: (.*))?", re.MULTILINE)
ROOMS = ["exact", "shipped", "diagnose", "page", "exercises.engine", "exercises.families", "figures", "labs"]
MAIN = {"data", "networks", "model", "objectives", "training", "saving", "distributions", "gradients", "evaluation"}
MAIN |= {
    "adapter",
    "cures",
    "discrete",
    "estimators",
    "diagnose",
    "figures",
    "labs",
}  # what is used most: each of their functions has an example


def entries() -> dict[str, list[str]]:
    """The functions and classes on the page, and of each class the methods."""
    return {name: members.split(", ") if members else [] for name, members in ENTRIES.findall(PAGE)}


def thing(full_name: str):
    module, name = full_name.rsplit(".", 1)
    return getattr(import_module(module), name)


def examples() -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples("\n".join(SESSION.findall(PAGE)))


def used_in_examples() -> set[str]:
    return set(chapter_code.used_by("".join(example.source for example in examples())).values())


def used_by_code() -> set[str]:
    """What chapters, the code in the texts, and the files of examples/ import or reach."""
    codes = [code for text in TEXTS for language, code in FENCE.findall(text) if language == "python"]
    codes += [path.read_text() for path in (ROOT / "examples").glob("*.py")]
    uses = [*map(chapter_code.used_by, codes), *map(chapter_code.used_in, chapter_code.CHAPTERS)]
    return {name for use in uses for name in use.values()}


def offered() -> dict[str, str]:
    """What a text can mean by a name alone: what the rooms export, and what the modules beside them define."""
    found = {}
    for path in sorted((ROOT / "vae_lib").glob("[a-z]*.py")):
        own = chapter_code.full_names(vars(import_module(f"vae_lib.{path.stem}")))
        found |= {name: full for name, full in own.items() if full == f"vae_lib.{path.stem}.{name}"}
    for room in ROOMS:
        module = import_module(f"vae_lib.{room}")
        names = getattr(module, "__all__", vars(module))
        found |= chapter_code.full_names({name: getattr(module, name) for name in names})
    return found


def named_in_texts() -> set[str]:
    spans = [span for text in TEXTS for span in SPAN.findall(FENCE.sub("", text))]
    words = {word for span in spans for word in WORD.findall(span)}
    return {full for name, full in offered().items() if name in words}


def returned(page: dict[str, list[str]]) -> set[str]:
    """The library's classes that functions and methods on the page return, alone or in a list."""
    whole = {name: thing(name) for name in page}
    functions = [each for each in whole.values() if isfunction(each)]
    functions += [getattr(whole[name], method) for name, methods in page.items() for method in methods]
    hints = [typing.get_type_hints(function).get("return") for function in functions]
    hints += [part for hint in hints if isinstance(hint, GenericAlias) for part in typing.get_args(hint)]
    return set(chapter_code.full_names({str(hint): hint for hint in hints}).values())


def test_the_page_has_what_the_book_uses_or_names_and_no_more():
    page = entries()
    public = used_by_code() | named_in_texts() | used_in_examples() | returned(page)
    assert {"missing": public - set(page), "internal": set(page) - public} == {"missing": set(), "internal": set()}


def test_each_main_function_has_an_example():
    main = {name for name in entries() if name.split(".")[1] in MAIN and isfunction(thing(name))}
    from_elsewhere = {"vae_lib.data.mnist", "vae_lib.data.fashion_mnist"}
    assert len(main) > 30
    assert main - used_in_examples() == from_elsewhere


def test_the_examples_print_what_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one of them saves weights
    session = doctest.DocTest(examples(), {}, "book/api.md", None, 0, None)
    told = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(session, out=told.append)
    assert not told, "".join(told)


@pytest.mark.parametrize("line", [">>> 1 + 1\n3\n", ">>> 1 + 1\n"])
def test_a_wrong_example_is_told(line):
    session = doctest.DocTest(doctest.DocTestParser().get_examples(line), {}, "wrong", None, 0, None)
    told = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(session, out=told.append)
    assert "1 + 1" in "".join(told)
