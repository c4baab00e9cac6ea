"""Every formula is set while the book is built, by MathJax itself: a page shows no TeX and loads no script of MathJax.

MathJax is one file, `mathjax/mathjax.js`, and runs in QuickJS inside this process. It makes of a formula what it makes
in a browser: HTML with a style sheet, and MathML for screen readers. A wrong formula fails the build, and so does one
that defines or names what other formulas use: one MathJax sets all pages, and it would reach those that are set later.
The TeX goes into `data-tex`, where `_static/copy_tex.js` takes it for the clipboard.
"""

import base64
import json
import re
import shutil
from html import escape
from pathlib import Path

import quickjs
from coloured_terms import coloured
from docutils import nodes
from sphinx.errors import SphinxError

MATHJAX = Path(__file__).parent / "mathjax"
HTML: dict[tuple[str, bool], str] = {}  # of each formula, as TeX and whether it is displayed
SHARED = re.compile(r"\\(?:(?:re)?new(?:command|environment)|def|let|definecolor|label|(?:eq)?ref)(?![A-Za-z])")


def tex_to_set(page: str, tex: str) -> str:
    """The TeX that is set where a page writes `tex`."""
    return coloured(page, tex)


def set_all(app, env):
    """Set the formulas of all pages, so that one style sheet fits all, whichever page has changed.

    When the sheet has changed, every page is written anew, since the sheet's digest is in its address.
    """
    engine = quickjs.Context()
    engine.eval((MATHJAX / "mathjax.js").read_text(encoding="utf-8"))
    wrong = [message for formula in formulas(env) if (message := set_formula(engine, *formula))]
    if wrong:
        raise SphinxError("MathJax refuses\n" + "\n".join(wrong))
    return env.all_docs if write_styles(json.loads(engine.eval("styles()")), Path(app.outdir, "_static")) else []


def formulas(env):
    for page in sorted(env.all_docs):
        for node in env.get_doctree(page).findall(lambda node: isinstance(node, nodes.math | nodes.math_block)):
            yield page, node.astext().strip(), isinstance(node, nodes.math_block)


def set_formula(engine, page: str, tex: str, displayed: bool) -> str | None:
    """Set it where it has not been set yet; what is wrong with it, if it is wrong."""
    formula = tex_to_set(page, tex), displayed
    if shared := SHARED.search(tex):
        return f"{page}: {tex}: {shared[0]} ties it to other formulas, and each stands alone"
    try:
        HTML[formula] = HTML.get(formula) or json.loads(engine.get("set")(*formula))
    except quickjs.JSException as error:
        return f"{page}: {tex}: {str(error).splitlines()[0]}"


def keep_together(app, doctree, page):
    """Put a formula and what touches it, "(σ," say, into one piece, within which no line ends."""
    for formula in [one for one in doctree.findall(nodes.math) if not isinstance(one.parent, nodes.title)]:
        before, after = taken(formula, -1, r"\S+\Z"), taken(formula, 1, r"\A\S+")
        if before or after:
            piece = nodes.inline("", before, classes=["together"])
            formula.replace_self(piece)
            piece += [formula, nodes.Text(after)]


def taken(formula, step: int, touching: str) -> str:
    """What touches a formula in the text before it (step −1) or after it, and is no longer there."""
    at = formula.parent.index(formula) + step
    text = formula.parent[at] if 0 <= at < len(formula.parent) else None
    found = re.search(touching, text) if isinstance(text, nodes.Text) else None
    if not found:
        return ""
    formula.parent[at] = nodes.Text(text[: found.start()] + text[found.end() :])
    return found[0]


def write_styles(sheet: str, static: Path) -> bool:
    """Put the style sheet, the fonts and their licence beside the pages; whether the sheet has changed.

    The font that holds nothing but the height of a line comes in the sheet, so that no line moves when the others come.
    """
    line = base64.b64encode((MATHJAX / "fonts" / "MathJax_Zero.woff").read_bytes()).decode()
    sheet = sheet.replace("mathjax/MathJax_Zero.woff", f"data:font/woff;base64,{line}")
    shutil.copytree(MATHJAX / "fonts", static / "mathjax", dirs_exist_ok=True)
    shutil.copy(MATHJAX / "LICENSE", static / "mathjax")
    path = static / "maths.css"
    changed = not path.exists() or path.read_text(encoding="utf-8") != sheet
    path.write_text(sheet, encoding="utf-8")
    return changed


def write_formula(writer, node):
    tex, displayed = node.astext().strip(), isinstance(node, nodes.math_block)
    tag = "div" if displayed else "span"
    html = HTML[tex_to_set(writer.builder.current_docname, tex), displayed]
    writer.body.append(f'<{tag} class="math notranslate nohighlight" data-tex="{escape(tex)}">{html}</{tag}>')
    raise nodes.SkipNode


def load_styles(app, page, template, context, doctree):
    """Where the page has a formula, or a title, since the sidebar shows the titles of all pages."""
    titled = any(title.next_node(nodes.math) for title in app.env.titles.values())
    if titled or app.env.get_domain("math").has_equations(page):
        app.add_css_file("maths.css")
        app.add_js_file("copy_tex.js", loading_method="defer")


def setup(app):
    app.add_html_math_renderer("mathjax_at_build", (write_formula, None), (write_formula, None))
    app.connect("env-updated", set_all)
    app.connect("doctree-resolved", keep_together)
    app.connect("html-page-context", load_styles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
