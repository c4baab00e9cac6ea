"""What is deeper can be folded on the page (`_static/deeper.js`), and leads on to what is core.

A section whose heading ends in "(deeper)", and an exercise that is marked so, gets the class `deeper` and a button for
where it is folded. Such a section begins with a link to the next one that is core. A chapter that has any gets the
switch, below its line of times. All of it is in the page from the start, so that nothing moves while it loads.
"""

import re
from html import escape

from parsed_pages import paragraph, parsed

SECTION, EXERCISE = re.compile(r" \(deeper\)$"), re.compile(r"^Exercise .* · deeper · ")
SWITCH = """<div class="fold-deeper pst-js-only">
<label><input type="checkbox" autocomplete="off"/> Fold what is deeper</label></div>"""
BUTTON = """<button class="show-deeper" type="button" aria-expanded="false">Show
<span class="visually-hidden">{title}</span></button>"""
LINK = '<p class="next-core">Next core section: <a class="reference internal" href="#{place}">{title}</a></p>'


def mark_deeper(app, docname, body):
    deeper = [section for section in body.select("section section") if is_deeper(title(section))]
    for section in deeper:
        section["class"] = [*section.get("class", []), "deeper"]
    for section in deeper:
        link = "" if EXERCISE.search(title(section)) else link_to_core(section)
        heading(section).insert_after(parsed(BUTTON.format(title=escape(title(section))) + link))
    if deeper:
        paragraph(body, docname, "Time:").insert_after(parsed(SWITCH))
        app.add_js_file("deeper.js", loading_method="defer")


def heading(section):
    return section.find(re.compile("^h[2-6]$"))


def title(section) -> str:
    """The words of a section's heading, without the sign of its link."""
    return heading(section).get_text().removesuffix("#")


def is_deeper(title: str) -> bool:
    return bool(SECTION.search(title) or EXERCISE.search(title))


def link_to_core(section) -> str:
    """To the first section below that is neither deeper nor a part of one that is; empty where there is none."""
    for after in section.find_all_next("section"):
        if not any("deeper" in part.get("class", []) for part in [after, *after.parents]):
            return LINK.format(place=after["id"], title=escape(title(after)))
    return ""


def setup(app):
    app.connect("chapter-parsed", mark_deeper)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
