"""The chapters have the form that the book promises: run in order, plain Markdown, equations that can be cited."""

import ast
import json
import re
import runpy
import subprocess
import tomllib
from collections import Counter
from copy import deepcopy
from functools import cache
from itertools import pairwise
from pathlib import Path

import deeper_cells
import minutes
import nbformat
import pytest
import yaml

import vae_lib.exercises
from vae_lib.exercises.engine import ByHand, OnPaper

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
CHAPTERS = sorted(BOOK.glob("[0-9]*.ipynb"))
PAGES = [*CHAPTERS, *sorted(BOOK.glob("*.md"))]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())
READING = {
    1: 20,
    2: 20,
    3: 15,
    4: 30,
    5: 20,
    6: 20,
    7: 25,
    8: 25,
    9: 25,
    10: 30,
}  # at most so many minutes for the core path of a chapter
RECITATION = 110  # and for that of the five that answer the hand-out
EXERCISING = {6: 10, 7: 10, 8: 10, 9: 10, 10: 15}  # at most so many for its exercises; 5 in the other chapters
MAX_LINES = 15
LOOSE = {"nbval-ignore-output", "nbval-skip", "nbval-raises-exception", "raises-exception"}
FOLDED = {"hide-input", "hide-cell", "remove-cell"}

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


@cache
def cells(path: Path, kind: str) -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def outputs(path: Path) -> list:
    return [output for cell in cells(path, "code") for output in cell.outputs]


def text(path: Path) -> str:
    """The Markdown of a page, its glossary too, without its code, which may say anything."""
    whole = path.read_text() if path.suffix == ".md" else "\n\n".join(c.source for c in cells(path, "markdown"))
    whole = re.sub(r"^```\{glossary\}\n(.*?)^```", r"\1", whole, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^```.*?^```|`[^`\n]+`", "`code`", whole, flags=re.MULTILINE | re.DOTALL)


def without_equations(path: Path) -> str:
    return re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", "", text(path), flags=re.DOTALL)


def number(path: Path) -> int:
    return int(path.stem.split("_")[0])


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


# What is stored


@each_chapter
def test_every_code_cell_was_run_once_from_top_to_bottom(path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


@each_chapter
def test_stored_outputs_hold_no_error_no_path_of_a_machine_and_no_address(path):
    for output in outputs(path):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        shown = [value for kind, value in output.get("data", {}).items() if kind != "image/png"]
        traces = re.findall(r"/(?:home|root|Users|tmp|work)/|0x[0-9a-f]{6,}", json.dumps([shown, output.get("text")]))
        assert traces == []


@each_chapter
def test_stored_outputs_hold_no_date_and_no_time(path):
    shown = [[output.get("data", {}).get("text/plain"), output.get("text")] for output in outputs(path)]
    times = r"\b20\d\d-\d\d-\d\d\b|\b\d?\d:\d\d:\d\d\b|\bWall time|\d\s?(?:ms|µs|s) ±"
    assert re.findall(times, json.dumps(shown, ensure_ascii=False)) == []


def test_at_most_five_outputs_are_compared_loosely_and_each_says_why():
    loose = [cell for path in CHAPTERS for cell in cells(path, "code") if "NBVAL_" in cell.source or tags(cell) & LOOSE]
    assert len(loose) <= 5
    assert [cell.source for cell in loose if len(cell.metadata.get("nbval", {}).get("reason", "")) < 20] == []
    rules = (ROOT / "tests/nbval_sanitize.cfg").read_text().splitlines()
    assert [line for line in rules if line.strip() and not line.startswith("#")] == []


@each_chapter
def test_a_chapter_is_smaller_than_one_point_three_megabytes(path):
    assert path.stat().st_size < 1_300_000  # two forms of a live figure are two outputs, each with all of its data


# Cells


@each_chapter
def test_the_first_code_cell_installs_the_library_where_it_is_missing(path):
    install_cell = runpy.run_path(str(BOOK / "_tools" / "notebooks.py"))["install_cell"]()
    assert cells(path, "code")[0].source == install_cell


@each_chapter
def test_code_cells_are_short_unless_they_are_folded(path):
    shown = [cell.source for cell in cells(path, "code") if not tags(cell) & FOLDED]
    assert [source for source in shown if source.count("\n") >= MAX_LINES] == []


@each_chapter
def test_no_cell_ends_with_a_semicolon(path):
    # It hides an output everywhere but in nbval, which then compares what is not stored.
    assert [cell.source for cell in cells(path, "code") if cell.source.rstrip().endswith(";")] == []


def bound_names(node: ast.AST, of_a_loop: bool = False):
    """What a cell binds at its top level, as pairs (name, is it a loop's); what a function binds ends with it."""
    match node:
        case ast.Name(ctx=ast.Store()) if node.id != "_":
            yield node.id, of_a_loop
        case ast.alias():
            yield (node.asname or node.name).split(".")[0], False
        case ast.FunctionDef() | ast.ClassDef():
            yield node.name, False
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            pass
        case _:
            for child in ast.iter_child_nodes(node):
                yield from bound_names(child, of_a_loop or (isinstance(node, ast.For) and child is node.target))


def parsed(source: str) -> ast.Module:
    """A cell's code without its magics."""
    return ast.parse(re.sub(r"^(\s*)%.*", r"\1pass", source, flags=re.MULTILINE))


@each_chapter
def test_no_name_is_bound_in_two_cells(path):
    # Two loops may share a name; a loop and anything else may not.
    bound = [set(bound_names(parsed(cell.source))) for cell in cells(path, "code")]
    names = Counter(name for cell in bound for name, of_a_loop in cell if not of_a_loop)
    loops = {name for cell in bound for name, of_a_loop in cell if of_a_loop}
    assert [name for name, count in names.items() if count > 1] == []
    assert loops & names.keys() == set()


@each_chapter
def test_every_figure_says_in_words_what_is_seen(path):
    for cell in cells(path, "code"):
        if any(kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {})):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert 40 <= len(alt) <= 1000, f"alt text of {len(alt)} characters for: {cell.source}"


# Markdown


@each_chapter
def test_the_markdown_is_plain(path):
    blocks = r"^\s*(?:```+|~~~+)\s*\{|^\s*:::|^\([\w-]+\)=\s*$|^\s*\+\+\+"
    source = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    assert re.findall(blocks, source, flags=re.MULTILINE) == []
    roles_and_substitutions = r"\{[a-z][\w:.-]*\}`|\{\{"
    assert re.findall(roles_and_substitutions, without_equations(path)) == []


@each_chapter
def test_no_line_ends_between_a_number_and_its_percent_sign(path):
    assert re.findall(r".{0,20}[0-9] %", "\n".join(cell.source for cell in cells(path, "markdown"))) == []


@each_page
def test_displayed_equations_open_and_close_on_lines_of_their_own(path):
    lines = [line for line in text(path).split("\n") if "$$" in line]
    assert [line for line in lines if line.lstrip("> ").rstrip() != "$$"] == []
    assert len(lines) % 2 == 0


@each_page
def test_pages_show_no_picture_and_run_no_script_from_elsewhere(path):
    assert re.findall(r"!\[[^\]]*\]\(\s*(?:https?:)?//\S*|<(?:img|script|iframe|link|video|object)\b", text(path)) == []


@each_page
def test_links_between_pages_lead_to_files_that_exist(path):
    targets = re.findall(r"\]\(([^)\s]+)\)", text(path))
    relative = [target.split("#")[0] for target in targets if not re.match(r"https?:|#", target)]
    assert [target for target in relative if not (path.parent / target).exists()] == []


@each_chapter
def test_every_column_of_a_table_has_a_name(path):
    tables = [output.get("data", {}).get("text/markdown", "") for output in outputs(path)]
    lines = [line.strip("> ") for line in "\n\n".join([text(path), *tables]).split("\n")]
    headers = [header for header, rule in pairwise(lines) if re.fullmatch(r"\|[ :|-]+\|", rule)]
    assert [header for header in headers if re.search(r"\|\s*\|", header)] == []


@each_page
def test_running_text_sets_its_symbols(path):
    # headings, a word of the glossary, links, what opens an aside
    plain = r"^#.*|^β-objective$|\[[^\]]*\]\([^)\s]*\)|<summary>.*?</summary>"
    running = re.sub(plain, "", without_equations(path), flags=re.MULTILINE)
    assert re.findall(r"(?:[α-ωΑ-Ωϕ∇⊙²ᵀ₀-₉](?!-VAE)|\b(?:log )?[pq]\()[^\n]{0,20}", running) == []


# Equations: `\tag{4.2}` names one, "(4.2)" cites it


def equations(path: Path) -> list[str]:
    return re.findall(r"\\tag\{([^}]*)\}", text(path))


def all_equations() -> set[str]:
    return {tag for path in CHAPTERS for tag in equations(path)}


@each_chapter
def test_equations_are_numbered_in_order_within_their_chapter(path):
    assert equations(path) == [f"{number(path)}.{k}" for k in range(1, len(equations(path)) + 1)]


@each_page
def test_every_cited_equation_exists(path):
    # A chapter's digit, a point and a number, alone in parentheses, is always a citation.
    assert set(re.findall(r"\(([1-9]\d?\.[1-9]\d?)\)", without_equations(path))) - all_equations() == set()


def test_every_equation_that_the_library_cites_exists_where_its_chapter_does():
    chapters = {str(number(path)) for path in CHAPTERS}
    for path in sorted((ROOT / "vae_lib").rglob("*.py")):
        for cited in re.findall(r"equations? ([1-9]\d?\.\d+)(?: (?:to|and) ([1-9]\d?\.\d+))?", path.read_text()):
            known = {tag for tag in cited if tag.split(".")[0] in chapters}
            assert known <= all_equations(), f"{path.name} cites {cited}"


# The form of a chapter


@each_chapter
def test_a_chapter_opens_with_its_number_its_minutes_and_a_question(path):
    title, facts, question = cells(path, "markdown")[0].source.split("\n\n")
    assert title.startswith(f"# {number(path)}. ")
    assert TIME.search(facts)
    assert re.fullmatch(r"\*\*A question first\.\*\* .*\?( [^?]*\.)?", question)
    assert len(question.split()) < 60  # else it fills the first screen


@each_chapter
def test_then_comes_its_live_figure_with_one_control_and_its_caption(path):
    _, install, figure, caption = nbformat.read(path, as_version=4).cells[:4]
    assert "import vae_lib" in install.source
    shown = figure.outputs[-1].data["text/html"]
    assert re.search(r"^start\(.* control: \"\w+\"", shown, flags=re.MULTILINE)
    assert caption.source.startswith(f"**Figure {number(path)}.1.** ")


TIME = re.compile(
    r"^\*\*Time:\*\* about (\d+) minutes of reading for the core path and (\d+) for its exercises?; "
    r"with all that is deeper, about (\d+) and (\d+)\.$",
    flags=re.MULTILINE,
)


@each_chapter
def test_the_minutes_of_a_chapter_are_those_that_are_computed(path):
    read, worked = minutes.reading(path), {"core": 0, "all": 0}
    for task, _, _ in exercises(path):
        *_, kind, _, each = EXERCISE.match(task.source).groups()
        worked["all"] += int(each)
        worked["core"] += int(each) * (kind == "core")
    stated = [int(each) for each in TIME.search(cells(path, "markdown")[0].source).groups()]
    assert stated == [minutes.about(each) for each in (read["core"], worked["core"], read["all"], worked["all"])]
    assert minutes.about(read["core"]) <= READING.get(number(path), 25)
    assert 0 < worked["core"] <= EXERCISING.get(number(path), 5)


def test_the_core_path_of_the_five_chapters_of_the_recitation_takes_less_than_two_hours():
    assert sum(minutes.reading(path)["core"] for path in CHAPTERS[:5]) <= RECITATION


@each_chapter
def test_the_cells_of_deeper_sections_are_tagged(path):
    stored = nbformat.read(path, as_version=4).cells
    written = deeper_cells.tagged(deepcopy(stored))
    assert [(cell.id, cell.source, tags(cell)) for cell in stored] == [(c.id, c.source, tags(c)) for c in written]
    assert any("deeper" in tags(cell) for cell in stored)


# Questions before answers: a box, its answers folded one by one, each with why one thinks so


@each_chapter
def test_a_prediction_has_two_or_three_answers_and_none_stands_in_the_next_cell(path):
    all_cells = nbformat.read(path, as_version=4).cells
    for cell, after in pairwise(all_cells):
        if "**Predict first.**" in cell.source:
            answers = re.findall(r"^<details><summary>(.+?)</summary>\n\n", cell.source, flags=re.MULTILINE)
            assert 2 <= len(answers) <= 3, cell.source
            assert cell.source.count("**Predict first.**") == 1
            assert after.cell_type == "markdown" or not after.outputs, after.source


@each_chapter
def test_the_core_path_asks_for_at_most_two_predictions(path):
    parts = minutes.pieces(nbformat.read(path, as_version=4))
    assert sum("**Predict first.**" in part for _, deeper, _, part in parts if not deeper) <= 2


# Three ranks of code: the idea is shown, a check once a section, all else is folded under a label


@each_chapter
def test_a_section_shows_at_most_one_cell_that_checks(path):
    parts = minutes.pieces(nbformat.read(path, as_version=4))
    shown = [
        heading
        for heading, _, cell, _ in parts
        if cell.cell_type == "code" and not tags(cell) & (FOLDED | {"exercise", "solution"})
        if any(isinstance(node, ast.Assert) for node in ast.walk(parsed(cell.source)))
    ]
    assert {heading: count for heading, count in Counter(shown).items() if count > 1} == {}


@each_chapter
def test_what_is_folded_has_a_label_that_says_what_it_is(path):
    folded = [cell for cell in cells(path, "code") if tags(cell) & {"hide-input", "hide-cell"}]
    prompts = [cell.metadata.get("mystnb", {}).get("code_prompt_show", "") for cell in folded]
    assert [cell.source for cell, prompt in zip(folded, prompts, strict=True) if len(prompt) < 12] == []


@each_chapter
def test_a_chapter_ends_with_a_summary_and_where_to_read_on(path):
    headings = re.findall(r"^## (.*)$", text(path), flags=re.MULTILINE)
    assert headings[-2:] == ["Summary", "Where to read on"]


# Exercises: `### Exercise 4.1 · core · ●○○ · 5 minutes`, then a stub; the solutions below the last of them


EXERCISE = re.compile(
    r"^(?:<!-- exercise: \w+ -->\n)?### Exercise (\d+)\.(\d+) · (core|deeper) · (●○○|●●○|●●●) · (\d+) minutes\n"
)


def exercises(path: Path) -> list[tuple]:
    """The chapter's exercises, each as its task, its stub (None for one on paper) and its solution."""
    all_cells = nbformat.read(path, as_version=4).cells
    starts = [i for i, cell in enumerate(all_cells) if EXERCISE.match(cell.source)]
    solutions = [cell for cell in all_cells if "solution" in tags(cell)]
    stubs = [all_cells[i + 1] if "exercise" in tags(all_cells[i + 1]) else None for i in starts]
    return list(zip([all_cells[i] for i in starts], stubs, solutions, strict=True))


def printed(cell) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


@each_chapter
def test_a_chapters_exercises_are_numbered_in_order_and_the_core_ones_come_first(path):
    headings = [EXERCISE.match(task.source).groups() for task, _, _ in exercises(path)]
    assert [f"{chapter}.{k}" for chapter, k, *_ in headings] == [
        f"{number(path)}.{k + 1}" for k in range(len(headings))
    ]
    kinds = [kind for _, _, kind, *_ in headings]
    assert kinds == sorted(kinds)
    assert kinds[0] == "core"
    assert sum(cell.source.startswith("## Exercises") for cell in cells(path, "markdown")) == 1


@each_chapter
def test_two_exercises_of_a_chapter_or_more_are_done_on_paper(path):
    names = re.findall(r"^<!-- exercise: (\w+) -->", text(path), flags=re.MULTILINE)
    checks = [getattr(vae_lib.exercises, f"check_{name}") for name in names]
    assert sum(isinstance(check, (ByHand, OnPaper)) for check in checks) >= 2


def with_a_stub(path: Path) -> list[tuple]:
    return [each for each in exercises(path) if each[1] is not None]


@each_chapter
def test_an_exercise_has_three_hints_folded_away_and_one_on_paper_at_least_one(path):
    for task, stub, _ in exercises(path):
        hints = re.findall(r"<details><summary>Hint (\d): ", task.source)
        assert hints == ["1", "2", "3"][: 3 if stub else max(1, len(hints))], task.id
        assert task.source.count("</details>") == len(hints)


@each_chapter
def test_a_stub_runs_as_it_stands_and_says_that_it_was_not_attempted(path):
    for _, stub, _ in with_a_stub(path):
        assert tags(stub) == {"exercise"}
        assert "..." in stub.source
        assert printed(stub) == "Not attempted yet.\n"


@each_chapter
def test_a_solution_is_folded_everywhere_and_ends_in_a_tick(path):
    for task, _, solution in with_a_stub(path):
        assert tags(solution) == {"hide-cell", "solution"}
        assert solution.metadata["jupyter"]["source_hidden"] is True
        assert solution.metadata["cellView"] == "form"
        chapter, k = EXERCISE.match(task.source).groups()[:2]
        assert solution.metadata["mystnb"]["code_prompt_show"] == f"Show the solution of {chapter}.{k}"
        assert solution.source.startswith(f"# @title Solution {chapter}.{k}\n")
        assert all(line.startswith(("✓", "  ")) for line in printed(solution).rstrip().split("\n"))  # "  ": goes on
        assert printed(solution)


@each_chapter
def test_with_its_solutions_emptied_a_chapter_runs_and_shows_what_it_showed(path):
    # What is left uses no name that only a solution binds, so that the outputs are those that strict nbval compares.
    all_cells = cells(path, "code")
    solved = {name for cell in all_cells if "solution" in tags(cell) for name, _ in bound_names(ast.parse(cell.source))}
    left = [cell.source for cell in all_cells if "solution" not in tags(cell)]
    used = {node.id for source in left for node in ast.walk(parsed(source)) if isinstance(node, ast.Name)}
    assert solved & used == set()


# One address


@each_chapter
def test_the_install_cell_installs_the_branch_or_tag_of_the_configuration(path):
    repository = CONFIG["repository"]
    assert f'"git+{repository["url"]}@{repository["branch"]}"' in cells(path, "code")[0].source


def test_a_released_version_is_installed_by_its_tag():
    newest, said = re.search(
        r"^## (\d+\.\d+\.\d+) \((.+)\)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    ).groups()
    assert CONFIG["repository"]["branch"] == ("main" if said == "not yet released" else f"v{newest}")


def test_the_readme_has_the_badge_that_the_configuration_asks_for_at_every_chapter():
    readme, badge = (ROOT / "README.md").read_text(), "https://colab.research.google.com/github/{}/blob/{}/book/{}"
    name = CONFIG["repository"]["url"].removeprefix("https://github.com/")
    links = [badge.format(name, CONFIG["repository"]["branch"], path.name) for path in CHAPTERS]
    assert re.findall(r"\]\((https://colab[^)\s]*/github/[^)]*)\)", readme) == links
    assert runpy.run_path(str(BOOK / "_tools" / "notebooks.py"))["with_badges"](readme) == readme


def test_the_repository_address_stands_in_the_configuration_and_in_install_cells_alone():
    address = CONFIG["repository"]["url"].removeprefix("https://")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    found = {path: path.read_bytes().count(address.encode()) for path in files}
    expected = {ROOT / "_config.yml": 1} | dict.fromkeys(CHAPTERS, 1)
    assert {path: count for path, count in found.items() if count} == expected


# Made to be edited


@each_chapter
def test_a_chapter_has_four_edits_and_each_setting_stands_once(path):
    listed = tomllib.loads((ROOT / "tests" / "edits" / f"{path.stem}.toml").read_text())["edit"]
    code = "\n".join(cell.source for cell in cells(path, "code") if "solution" not in tags(cell))
    assert len(listed) >= 4
    assert {edit["words"]: code.count(edit["old"]) for edit in listed} == {edit["words"]: 1 for edit in listed}


@each_chapter
def test_what_is_recorded_stands_after_the_text_and_says_what_it_is_about(path):
    code = [cell for cell in cells(path, "code") if not tags(cell) & {"exercise", "solution"}]
    recorded = [n for n, cell in enumerate(code) if "recorded" in tags(cell)]
    assert recorded == list(range(recorded[0], recorded[0] + len(recorded)))
    assert "you changed something" in code[recorded[0]].source
    for n in recorded:
        asserts = [node for node in ast.walk(ast.parse(code[n].source)) if isinstance(node, ast.Assert)]
        assert asserts
        assert all(isinstance(node.msg, ast.Name) for node in asserts)
