"""The theme's style sheets without the rules whose classes stand in no page and no script: a quarter is left."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import tinycss2
from dead_weight import contents
from tinycss2.ast import Node

THEMES = ["_static/styles/*.css", "_static/mystnb.*.css"]
WORD = re.compile(r"[\w-]+")
CHARSET = '@charset "utf-8";\n'  # what a sheet wrote as \f002 is a character now
NESTED = {"media", "supports"}


def lean(app, exception):
    out = Path(app.outdir)
    words = set(WORD.findall(contents(out, "*.html") + contents(out, "*.js")))
    for path in (path for pattern in THEMES for path in sorted(out.glob(pattern))):
        path.write_text(CHARSET + left(path.read_text(encoding="utf-8"), words), encoding="utf-8")


def left(styles: str | list[Node], words: set[str]) -> str:
    """The rules that can match where classes are among `words`; a class within `:not(…)` and the like is not asked."""
    parse = tinycss2.parse_stylesheet if isinstance(styles, str) else tinycss2.parse_rule_list
    return "".join(kept(rule, words) for rule in parse(styles, skip_comments=True, skip_whitespace=True))


def kept(rule: Node, words: set[str]) -> str:
    if rule.type == "error":
        raise ValueError(f"the theme's style sheet has a rule that cannot be read: {rule.message}")
    if rule.type == "qualified-rule":
        alive = [tinycss2.serialize(one).strip() for one in selectors(rule.prelude) if classes(one) <= words]
        return f"{','.join(alive)}{{{tinycss2.serialize(rule.content).strip()}}}\n" if alive else ""
    if rule.lower_at_keyword in NESTED:
        inside = left(rule.content, words)
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}\n" if inside else ""
    return "" if rule.lower_at_keyword == "charset" else tinycss2.serialize([rule]) + "\n"


def selectors(prelude: list[Node]) -> Iterator[list[Node]]:
    """The list of selectors, cut at its commas."""
    one = []
    for token in prelude:
        if token == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def classes(selector: list[Node]) -> set[str]:
    return {name.value for dot, name in pairwise(selector) if dot == "." and name.type == "ident"}


def setup(app):
    app.connect("build-finished", lean, priority=600)  # after what is dead is gone
    return {"parallel_read_safe": True, "parallel_write_safe": True}
