"""Every chapter: an explorable is a live figure: HTML with its script and data inside, and a picture without them.

The same output is live on the static page, in JupyterLab and in Colab, with no kernel and no network; where scripts are
stripped, the picture and its alt text remain.
"""

import base64
import html
import json
import re
from pathlib import Path

from vae_lib.page.palette import DARK, LIGHT

HERE = Path(__file__).parent


class Explorable:
    """A live figure for Jupyter and the page; its text form is its alt text."""

    def __init__(self, markup: str, alt: str):
        self.markup, self.alt = markup, alt

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return f"Live figure: {self.alt}"


def explorable(name: str, title: str, picture: str, alt: str, data: dict | None = None) -> Explorable:
    """The module `name`.js made self-contained: base, palette and `data` inside, the SVG `picture` as its fallback.

    `title` names the figure for screen readers, `alt` says what the picture shows. Floats in `data` must be rounded.
    """
    source = base64.b64encode(picture.encode()).decode()
    script = "\n".join([inlined("base.js"), inlined(f"{name}.js"), _start(name, data or {})])
    return Explorable(
        f'<div data-explorable="{name}" role="group" aria-label="{html.escape(title)}">'
        f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{source}"></div>'
        f'<script type="module">\n{script}</script>',
        alt,
    )


def inlined(file: str) -> str:
    """A module's text without its imports and exports, which one script for all does not need."""
    text = (HERE / file).read_text()
    return re.sub(r"^export ", "", re.sub(r"^import .*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)


def stylesheet() -> str:
    """The shared style with the palette of both themes."""
    colours = {":host": LIGHT, ":host([data-dark])": DARK}
    rules = [
        f"{host} {{ {' '.join(f'--{k}: {v};' for k, v in palette.items())} }}" for host, palette in colours.items()
    ]
    return "\n".join([*rules, (HERE / "base.css").read_text()])


def _start(name: str, data: dict) -> str:
    css, values = (json.dumps(value, ensure_ascii=False).replace("</", "<\\/") for value in (stylesheet(), data))
    return f'start("{name}", {css}, (root) => render(root, {values}));\n'
