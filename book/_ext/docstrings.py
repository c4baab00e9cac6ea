"""The library's docstrings are plain text with `code` in single backticks; autodoc reads reStructuredText.

Code keeps its backticks, doubled; everything else is escaped, so that `p(x|z)` or a name with a final underscore means
itself. "chapter 4" becomes a link where the book has that chapter.
"""

import re

CODE = re.compile(r"`([^`]+)`")
CHAPTERS = re.compile(r"\b[Cc]hapters? \d+(?:(?:, | and | to )\d+)*")


def to_restructured_text(app, what, name, obj, options, lines):
    chapters = {int(doc[5:7]): doc for doc in app.env.found_docs if re.match(r"book/\d\d_", doc)}

    def link(match):
        doc = chapters.get(int(match[1]))
        return f":doc:`{match[0]} </{doc}>`" if doc else match[0]

    def prose(text):
        text = re.sub(r"([\\*_|])", r"\\\1", text)
        return CHAPTERS.sub(lambda match: re.sub(r"(?:[Cc]hapters? )?(\d+)", link, match[0]), text)

    pieces = CODE.split("\n".join(lines))
    text = "".join(f"``{piece}``" if i % 2 else prose(piece) for i, piece in enumerate(pieces))
    lines[:] = text.split("\n")


def setup(app):
    app.connect("autodoc-process-docstring", to_restructured_text)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
