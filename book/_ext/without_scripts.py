"""Without scripts a page is light: the theme writes the mode "auto" where its style sheets, and ours, expect a theme.

With scripts the first one in the page sets the mode again, before anything is shown.
"""

from pathlib import Path


def write_light(app, exception):
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(' data-theme="auto"', ' data-theme="light"', 1), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_light)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
