"""An exercise is a card on the page: title, task, fields for an answer by hand, hints in a row, and its own solution.

In the notebook the solutions stand below the last exercise. Here each moves into its card, and "Solutions" has links to
them. `_static/exercises.js` makes tabs of the hints, judges what is typed (`judge.js`, by what `answer_tables` writes),
and keeps it where the reader wants that. Without scripts, hints and solutions are folded, and there are no fields.
"""

import re
from html import escape
from importlib import import_module
from pathlib import Path

import answer_tables
import chapter_code
import nbformat
import numpy as np
from opening import colab
from parsed_pages import parsed
from sphinx.util.osutil import relative_uri

from vae_lib import figures
from vae_lib.exercises.engine import ByHand
from vae_lib.figures.base.bundle import scope

TASK = re.compile(r"^(?:<!-- exercise: (\w+) -->\n)?### Exercise (\d+\.\d+) ")
HINT = re.compile(r"(Hint \d): (.*)")
KEEP = """<div class="keep-answers pst-js-only"><p>What you type below is judged in this page and sent nowhere.</p>
<label><input type="checkbox" autocomplete="off"/> Keep my answers on this device</label>
<button type="button">Clear my answers in all chapters</button> <p role="status"></p></div>"""
FORM = """<form class="by-hand pst-js-only" data-tables="{tables}" autocomplete="off">{entries}
<div class="judging"><button type="submit">Check</button><p>Write 1.125, 9/8 or 2 ln 2. Four digits are enough. Leave
empty what is still open.</p></div><p class="verdict" role="status" aria-live="polite"></p></form>"""
ENTRY = """<fieldset data-entry="{entry}"><legend><code>{entry}</code>{words}</legend>
<div class="numbers" style="--columns: {columns}">{fields}</div><span class="is"></span></fieldset>"""
FIELD = '<input type="text" name="{entry}-{k}" aria-label="{label}" autocapitalize="off" spellcheck="false"/>'
TOGETHER = '<span class="together">{}</span>'
STUB = '<details class="stub"><summary>In a notebook</summary></details>'
COLAB = '<p class="in-colab"><a href="{colab}#scrollTo={cell}">Open in Colab</a></p>'
GATE = '<span class="gate">I have written it down. </span>'
POINT = '<label><input type="checkbox" name="point-{k}" autocomplete="off"/> <span></span></label>'
NUMBER = """<form class="your-number pst-js-only" autocomplete="off"><label for="your-number">Your J</label>
<input id="your-number" type="text" autocapitalize="off" spellcheck="false"/>
<button type="submit">What happened?</button>
<p class="verdict" role="status" aria-live="polite"></p></form>"""


def make_cards(app, docname, body):
    names, cells, sections = exercises_of(docname), task_cells(docname), exercise_sections(body)
    by_hand = [name for name in names.values() if name and isinstance(answer_tables.check_of(name), ByHand)]
    tables = answer_tables.write(app.outdir, docname, by_hand)
    tables = relative_uri(app.builder.get_target_uri(docname), tables)
    solutions = body.select("#solutions > :is(.tag_solution, details)")
    for section, (number, name), solution in zip(sections, names.items(), solutions, strict=True):
        card = make_card(body, section, name)
        make_stub(card, colab(app.config, docname), cells[number])
        if name in by_hand:
            card.select_one(".hints").insert_before(parsed(form(name, tables)))
            card.select_one(".tag_exercise").wrap(parsed(STUB).details)
        card.append(as_solution(solution, number))
    if names:
        link_solutions(body, names)
        body.select_one("#exercises > p").insert_after(parsed(KEEP))
    ask_for_number(body)
    for script in ("pencil.js", "judge.js", "exercises.js"):
        app.add_js_file(script, loading_method="defer")


def exercises_of(docname: str) -> dict[str, str]:
    """The chapter's exercises in their order: number → the name of its file, empty where it has none."""
    found = map(TASK.match, chapter_code.markdown_of(chapter_code.chapter_of(docname)))
    return {task[2]: task[1] or "" for task in found if task}


def task_cells(docname: str) -> dict[str, str]:
    """The cell of each exercise's task, by the name that Colab knows it by: number → name."""
    chapter = chapter_code.chapter_of(docname)
    cells = nbformat.read(chapter_code.CHAPTERS[chapter], 4).cells if chapter else []
    return {task[2]: cell.metadata["id"] for cell in cells if (task := TASK.match(cell.source))}


def exercise_sections(body) -> list:
    headings = [heading for heading in body.select("section > h3") if heading.get_text().startswith("Exercise ")]
    return [heading.parent for heading in headings]


def make_card(body, section, name: str):
    """One box of all that belongs to an exercise but its heading; its hints are in a row."""
    keep_together(section.h3)
    card, hints = (body.new_tag("div", attrs={"class": kind}) for kind in ("exercise-card", "hints"))
    folded = section.find_all("details", recursive=False)
    last = section.find(class_="tag_exercise", recursive=False) or folded[-1]
    parts = list(section.h3.next_siblings)
    section.h3.insert_after(card)
    card.extend(parts[: parts.index(last) + 1])
    folded[0].insert_before(hints)
    hints.extend(folded)
    for summary in hints.select("summary"):
        summary.string.replace_with(parsed(HINT.sub(r"\1<span>: </span><span>\2</span>", summary.string)))
    if name:
        card["data-exercise"] = name
        card.insert(0, parsed(f'<p class="exercise-title">{escape(title(name))}</p>'))
    return card


def keep_together(heading):
    """No line of "Exercise 2.1 · core · ●○○ · 3 minutes" ends before a dot, or within what stands between two."""
    *pieces, last = heading.contents[0].split(" · ")
    markup = " ".join(TOGETHER.format(escape(piece)) for piece in [*(f"{piece} ·" for piece in pieces), last])
    heading.contents[0].replace_with(parsed(markup))


def title(name: str) -> str:
    return import_module(f"vae_lib.exercises.{name}").__doc__.partition("\n")[0].removeprefix("# ")


def make_stub(card, colab: str, cell: str):
    """The stub leads to the task's cell on Colab, and its "Not attempted yet.", which is of nobody here, goes."""
    if stub := card.select_one(".tag_exercise"):
        output = stub.select_one(".cell_output")
        if output and output.get_text().strip() == "Not attempted yet.":
            output.decompose()
        stub.append(parsed(COLAB.format(colab=colab, cell=cell)))


def form(name: str, tables: str) -> str:
    check = answer_tables.check_of(name)
    return FORM.format(tables=tables, entries="".join(fields(check, entry) for entry in check.steps))


def fields(check: ByHand, entry: str) -> str:
    """An entry's name, what it is, and a field for each of its numbers, those of a matrix in its rows."""
    shape = np.shape(check.expected[entry])
    words = re.sub(rf"^{entry}\b", "", check.asked[entry])
    words = words if words != check.asked[entry] else f": {words}"
    made = [FIELD.format(entry=entry, k=k, label=label(entry, at)) for k, at in enumerate(np.ndindex(shape))]
    columns = shape[-1] if shape else 1
    return ENTRY.format(entry=entry, words=escape(words), columns=columns, fields="".join(made))


def label(entry: str, at: tuple) -> str:
    """What a screen reader calls a field."""
    if len(at) == 2:
        return f"{entry}, row {at[0] + 1}, column {at[1] + 1}"
    return f"{entry}, number {at[0] + 1}" if at else entry


def as_solution(solution, number: str):
    """A solution where links can land; a model answer with its points to be ticked."""
    solution["id"] = place(number)
    solution["class"] = [*solution.get("class", []), "solution"]
    if solution.name == "details":
        solution.summary.insert(0, parsed(GATE))
        for k, point in enumerate(solution.select("li > p")):
            words, box = [part.extract() for part in list(point.contents)], parsed(POINT.format(k=k))
            words[0] = words[0].removeprefix("☐ ")
            box.label.span.extend(words)
            point.append(box)
    return solution.extract()


def place(number: str) -> str:
    return f"solution-{number.replace('.', '-')}"


def link_solutions(body, names: dict):
    links = " · ".join(f'<a class="reference internal" href="#{place(number)}">{number}</a>' for number in names)
    body.select_one("#solutions").append(parsed(f"<p>Each solution is in its exercise: {links}</p>"))


def ask_for_number(body):
    """A field above each table that says what happened to whoever got a number."""
    for head in body.select("th"):
        if head.get_text(strip=True) == "you got":
            head.find_parent(class_="cell").insert_before(parsed(NUMBER))


def write_reader(app):
    """The reader of numbers, a module of the live figures, as a script."""
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pencil.js").write_text(scope(Path(figures.__file__).parent / "base" / "pencil.js", {}), encoding="utf-8")


def setup(app):
    app.add_css_file("exercises.css")
    app.connect("builder-inited", write_reader)
    app.connect("chapter-parsed", make_cards)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
