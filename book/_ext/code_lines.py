"""Each line of a block of code is an element, so that what is too wide wraps below its own indent (book.css).

Its characters stay as they are: what is copied is what was written. A name or a bracket has the colour of all code, and
is no element of its own in the end: that halves those of a block.
"""

import re

from pygments.formatters import HtmlFormatter
from sphinx.highlighting import PygmentsBridge

TAG = re.compile(r"<[^>]*>")
OPENING = re.compile(r'(<span class="[op]">[^<]*[(\[,.]</span>)(?=<)')  # what may end a line that is too wide
PLAIN = re.compile(r'<span class="(?:n|nn|p|w)">([^<]*)</span>')


class LinesFormatter(HtmlFormatter):
    def wrap(self, source):
        return super().wrap((is_code, element(line) if is_code else line) for is_code, line in source)


def element(line: str) -> str:
    words = TAG.sub("", line)
    indent = len(words) - len(words.lstrip(" "))
    style = f' style="--indent: {indent}"' if indent else ""
    line = OPENING.sub(r"\1<wbr>", line)
    return f'<span class="{"line" if words.strip() else "line blank"}"{style}>{line}</span>'


def leave_plain(app, docname, template, context, doctree):
    context["body"] = PLAIN.sub(r"\1", context.get("body", ""))


def setup(app):
    PygmentsBridge.html_formatter = LinesFormatter
    app.connect("html-page-context", leave_plain, priority=600)  # after those that link a name (parsed_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
