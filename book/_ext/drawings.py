"""A drawing in SVG stands in the page itself: its words in the page's face, the palette's colours those of the theme.

What a chapter shows as PNG elsewhere has its drawing kept beside it (`book/_tools/notebooks.py`).
"""

import json
import re
from base64 import b64decode
from html import escape
from pathlib import Path

import chapter_code
from docutils import nodes
from parsed_pages import parsed

from vae_lib.page.palette import DARK, DARK_DIGITS, LIGHT, LIGHT_DIGITS

SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt"[^>]*?(viewBox="[^"]*")[^>]*>')
COLOUR, FACE = re.compile(r"#[0-9a-f]{6}\b"), re.compile(r"font-family: [^;\"]*;? ?")
EMPTY = re.compile(r"<path (?![^>]*\bd=)")  # matplotlib's glyph of a space, or a contour that is nowhere
NAME = re.compile(r'(?<= id=")|(?<=url\(#)|(?<=href="#)')
COLUMN = 372  # points: a drawing of this width, or a wider one, is as wide as the text


def by_name(colours: dict, digits: tuple) -> dict[str, str]:
    return colours | {f"digit-{k}": colour for k, colour in enumerate(digits)}


THEMES = {"light": by_name(LIGHT, LIGHT_DIGITS), "dark": by_name(DARK, DARK_DIGITS)}
WEARERS = ":is(.drawing, .placed, .term, .bars-of-terms)"  # this file's; placed.py's; coloured_terms.py's two
NAMES = {colour: name for name, colour in THEMES["light"].items()}


def choose_drawings(app, docname, source):
    """The drawing that is kept beside a PNG takes its place."""
    if chapter_code.chapter_of(docname):
        notebook = json.loads(source[0])
        for output in [output for cell in notebook["cells"] for output in cell.get("outputs", [])]:
            if drawing := output.get("metadata", {}).get("drawing"):
                output["data"] = {"image/svg+xml": drawing}
        source[0] = json.dumps(notebook)


def take_in(app, doctree, docname):
    for i, image in enumerate(list(doctree.findall(nodes.image))):
        if svg := drawing_in(Path(app.srcdir, image["uri"])):
            image.replace_self(nodes.raw("", themed(svg, image.get("alt", ""), f"drawing-{i}-"), format="html"))


def drawing_in(path: Path) -> str:
    """The SVG of a drawing as `vae_lib.page.drawing` makes it; empty for any other picture."""
    svg = path.read_text(encoding="utf-8") if path.suffix == ".svg" and path.is_file() else ""
    return svg if SIZE.match(svg) else ""


def take_in_recorded(app, docname, body):
    """The same of what a lab recorded, whose HTML holds its drawing."""
    for i, image in enumerate(body.select('img[src^="data:image/svg+xml;base64,"]:not([data-explorable] img)')):
        svg = b64decode(image["src"].partition(",")[2]).decode()
        drawing = themed(svg, image["alt"], f"recorded-{i}-")
        image.replace_with(parsed(drawing))


def themed(svg: str, alt: str, prefix: str) -> str:
    """The drawing as an element of a page, where all of its ids begin with `prefix`."""
    svg = COLOUR.sub(lambda colour: f"var(--{NAMES[colour[0]]})" if colour[0] in NAMES else colour[0], svg)
    svg = EMPTY.sub('<path d="" ', NAME.sub(prefix, FACE.sub("", svg)))
    return SIZE.sub(lambda size: opened(min(float(size[1]) / COLUMN, 1), size[2], alt), svg, count=1)


def opened(width: float, box: str, alt: str) -> str:
    return (
        f'<svg class="drawing" role="img" aria-label="{escape(alt)}" {box} stroke-linejoin="round" '
        f'style="--width: {width:.3f}">'
    )


def write_palette(app):
    """The palette as variables of what wears it; on paper every theme is light."""
    rules = {theme: " ".join(f"--{name}: {colour};" for name, colour in THEMES[theme].items()) for theme in THEMES}
    css = "".join(f'html[data-theme="{theme}"] {WEARERS} {{ {rules[theme]} }}\n' for theme in THEMES)
    css += f"@media print {{ html[data-theme] {WEARERS} {{ {rules['light']} }} }}\n"
    path = Path(app.outdir, "_static", "palette.css")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(css)
    app.add_css_file(path.name)


def setup(app):
    app.connect("builder-inited", write_palette)
    app.connect("source-read", choose_drawings)
    app.connect("doctree-resolved", take_in)
    app.connect("chapter-parsed", take_in_recorded)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
