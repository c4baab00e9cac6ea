"""The name of a function or class of the library, in a page's code, leads to its entry on the library's page.

In a chapter a name means what the chapter's own code imports, in a docstring what its module does; elsewhere, what all
chapters that import it mean by it, unless torch has that name too. So no variable, no method and no name with two
meanings is linked. In prose the first of a section is linked; in code, imports and what `show_source` prints.
"""

import re
from functools import cache
from importlib import import_module

import chapter_code
import torch
from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import make_refnode

NAME = re.compile(r"((?<![\w.])[A-Za-z_][\w.]*(?=\(|$))")
NAMING = re.compile(r"^from vae_lib[\w.]* import (?:\([^)]*\)|.*)|^(?:def|class) .*", re.MULTILINE)


def meanings(docname: str, module: str | None = None) -> dict[str, str]:
    """The names that stand for a function or class on this page, and the full name of each."""
    if chapter := chapter_code.chapter_of(docname):
        return chapter_code.used_in(chapter)
    return shared() | (chapter_code.full_names(vars(import_module(module))) if module else {})


@cache
def shared() -> dict[str, str]:
    uses = [use for chapter in chapter_code.CHAPTERS for use in chapter_code.used_in(chapter).items()]
    of = {name: {full for other, full in uses if other == name} for name, _ in uses if not hasattr(torch, name)}
    return {name: full for name, (full, *others) in of.items() if not others}


def entry_of(app, name: str, names: dict[str, str]):
    """The entry on the library's page that `name` stands for, or None."""
    entry = app.env.get_domain("py").objects.get(names.get(name, name if name.startswith("vae_lib.") else None))
    return entry if entry and entry.objtype in ("function", "class", "exception") else None


def link_prose(app, doctree, docname):
    seen = set()
    for literal in list(doctree.findall(nodes.literal)):
        above = list(ancestors(literal))
        if not any(isinstance(node, nodes.title | nodes.reference) for node in above):
            part = next((node for node in above if isinstance(node, nodes.section | addnodes.desc)), doctree)
            own = words_of_the_entry(above)
            names = {name: full for name, full in meanings(docname, module_of(above)).items() if name not in own}
            link_literal(app, docname, literal, names, part, seen)


def link_literal(app, docname, literal, names, part, seen):
    pieces = [nodes.Text(piece) for piece in NAME.split(literal.astext()) if piece]
    for i, piece in enumerate(pieces):
        entry = entry_of(app, piece, names)
        if entry and (part, entry.node_id) not in seen:
            seen.add((part, entry.node_id))
            pieces[i] = make_refnode(app.builder, docname, entry.docname, entry.node_id, piece)
            pieces[i]["classes"].append("to-entry")
    if any(isinstance(piece, nodes.reference) for piece in pieces):
        literal.children = []
        literal.extend(pieces)


def module_of(above) -> str | None:
    """On the library's page: the module of the entry that the text stands in."""
    entry = next((node for node in above if isinstance(node, addnodes.desc)), None)
    return entry and entry.next_node(addnodes.desc_signature)["module"]


def words_of_the_entry(above) -> set[str]:
    """On the library's page: an entry's own name, its parameters and its methods, which are no links in its text."""
    entries = [node for node in above if isinstance(node, addnodes.desc)]
    kinds = (addnodes.desc_name, addnodes.desc_sig_name)
    return {word.astext() for entry in entries for kind in kinds for word in entry.findall(kind)}


def ancestors(node):
    while node := node.parent:
        yield node


def link_code(app, docname, body):
    for token in [token for code in body.select(".highlight pre") for token in imported_or_defined(code)]:
        if entry := entry_of(app, token.string, meanings(docname)):
            address = f"{app.builder.get_relative_uri(docname, entry.docname)}#{entry.node_id}"
            token.wrap(body.new_tag("a", attrs={"class": "to-entry", "href": address}))


def imported_or_defined(code):
    """The coloured tokens of imports from the library, and of lines that begin a definition."""
    spans = [match.span() for match in NAMING.finditer(code.get_text())]
    end = 0
    for word in code.strings:
        end += len(word)
        if is_token(word.parent) and any(first < end <= last for first, last in spans):
            yield word.parent


def is_token(element) -> bool:
    return element.name == "span" and "line" not in element.get("class", [])


def setup(app):
    app.connect("doctree-resolved", link_prose)
    app.connect("chapter-parsed", link_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
