"""What scrolls can be reached by keyboard: `_static/scrollable.js` looks at it each time that it is laid out.

The theme looks at every block when a page opens, and so lays out all that is folded, one block after the other: on a
slow phone a chapter stood still for more than a second. That line of its script is taken out.
"""

from pathlib import Path

from sphinx.errors import ExtensionError

SCRIPT = "_static/scripts/pydata-sphinx-theme.js"
LOOK = "e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1"
TAKEN_OUT = '"see scrollable.js"'  # in its place, so that a later build of the same pages knows


def take_out(app, exception):
    path = Path(app.outdir, SCRIPT)
    text = path.read_text(encoding="utf-8")
    if (times := text.count(LOOK)) != 1 and TAKEN_OUT not in text:
        raise ExtensionError(f"{SCRIPT}: expected the theme's look at what scrolls once, got it {times} times")
    path.write_text(text.replace(LOOK, TAKEN_OUT), encoding="utf-8")


def setup(app):
    app.add_js_file("scrollable.js", loading_method="defer")
    app.connect("build-finished", take_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
