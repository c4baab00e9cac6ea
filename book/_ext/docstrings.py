"""The library's docstrings are plain text with `code` in single backticks; autodoc reads reStructuredText.

Code keeps its backticks, doubled; everything else is escaped, so that `p(x|z)` or a name with a final underscore means
itself. "chapter 4" and "exercise 4.1" become links where the book has that chapter, and each function or class ends
with links to the chapters whose code uses it.
"""

import re

import chapter_code

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

    pieces = CODE.split("\n".join([*lines, *way_back(name)]))
    text = "".join(f"``{piece}``" if i % 2 else prose(piece) for i, piece in enumerate(pieces))
    lines[:] = text.split("\n")


def way_back(name: str) -> list[str]:
    """A last paragraph, "Used in chapters 4, 5 and 6.", or nothing."""
    *first, last = map(str, chapter_code.chapters_that_use(name) or [""])
    if first:
        return ["", f"Used in chapters {', '.join(first)} and {last}."]
    return ["", f"Used in chapter {last}."] if last else []


def follow_the_chapters(app, docname, source):
    """The page is written anew when a chapter has changed."""
    if docname == "book/api":
        for path in chapter_code.CHAPTERS.values():
            app.env.note_dependency(path)


def setup(app):
    app.connect("autodoc-process-docstring", to_restructured_text)
    app.connect("source-read", follow_the_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
