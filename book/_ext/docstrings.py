"""The library's docstrings are plain text with `code` in single backticks; autodoc reads reStructuredText.

Code keeps its backticks, doubled; everything else is escaped, so that `p(x|z)` or a name with a final underscore means
itself. "chapter 4" and "exercise 4.1" become links where the book has that chapter. Each function or class shows what
it is for, with links to the chapters whose code uses it; the rest of its docstring is folded below.
"""

import re
from html import escape

import chapter_code
from docutils import nodes
from sphinx import addnodes

CODE = re.compile(r"`([^`]+)`")
CHAPTERS = re.compile(r"\b[Cc]hapters? \d+(?:(?:, | and | to )\d+)*")
EXERCISE = re.compile(r"\b[Ee]xercise (\d+)\.\d+")


def to_restructured_text(app, what, name, obj, options, lines):
    chapters = {chapter_code.chapter_of(doc): doc for doc in app.env.found_docs}

    def link(match):
        doc = chapters.get(int(match[1]))
        return f":doc:`{match[0]} </{doc}>`" if doc else match[0]

    def prose(text):
        text = re.sub(r"([\\*_|])", r"\\\1", text)
        text = CHAPTERS.sub(lambda match: re.sub(r"(?:[Cc]hapters? )?(\d+)", link, match[0]), text)
        return EXERCISE.sub(link, text)

    first = lines.index("") if "" in lines else len(lines)
    pieces = CODE.split("\n".join([*lines[:first], *way_back(name), *lines[first:]]))
    text = "".join(f"``{piece}``" if i % 2 else prose(piece) for i, piece in enumerate(pieces))
    lines[:] = text.split("\n")


def way_back(name: str) -> list[str]:
    """A paragraph, "Used in chapters 4, 5 and 6.", or nothing."""
    *first, last = map(str, chapter_code.chapters_that_use(name) or [""])
    if first:
        return ["", f"Used in chapters {', '.join(first)} and {last}."]
    return ["", f"Used in chapter {last}."] if last else []


def fold_the_rest(app, domain, objtype, content):
    texts = [node for node in content if not isinstance(node, addnodes.index | addnodes.desc)]
    if rest := [node for node in texts[1:] if not node.astext().startswith("Used in chapter")]:
        name = content.parent.next_node(addnodes.desc_name).astext()
        opening = f'<details class="rest"><summary>More of <code>{escape(name)}</code></summary>'
        content.insert(content.index(rest[0]), nodes.raw("", opening, format="html"))
        content.insert(content.index(rest[-1]) + 1, nodes.raw("", "</details>", format="html"))


def follow_the_chapters(app, docname, source):
    """The page is written anew when a chapter has changed."""
    if docname == "book/api":
        for path in chapter_code.CHAPTERS.values():
            app.env.note_dependency(path)


def setup(app):
    app.connect("autodoc-process-docstring", to_restructured_text)
    app.connect("object-description-transform", fold_the_rest)
    app.connect("source-read", follow_the_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
