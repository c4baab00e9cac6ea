"""Every chapter: an explorable is a live figure: HTML with its script and data inside, and a picture without them.

The same output is live on the static page, in JupyterLab and in Colab, with no kernel and no network; where scripts are
stripped, the picture and its alt text remain.
"""

import base64
import html
import json
from functools import cache
from pathlib import Path

from vae_lib.figures.base.bundle import bundle
from vae_lib.page.palette import DARK, DARK_DIGITS, LIGHT, LIGHT_DIGITS

HERE = Path(__file__).parent
FIGURES = HERE.parent
STILL = '<p class="still">This is a picture. It is live where scripts run; in a notebook, run the cell.</p>'


class Explorable:
    """A live figure for Jupyter and the page; its text form is its alt text.

    `module` is its script, one ES module that exports `{ render }` as anywidget wants it; `model` holds the values by
    name that `render` reads: `data`, `control` and `state`.
    """

    def __init__(self, name: str, title: str, picture: str, alt: str, model: dict):
        self.name, self.title, self.picture, self.alt, self.model = name, title, picture, alt, model
        self.module = _module(name)

    def _repr_html_(self) -> str:
        source = base64.b64encode(self.picture.encode()).decode()
        return (
            f'<div data-explorable="{self.name}" role="group" aria-label="{html.escape(self.title)}">'
            f'<img alt="{html.escape(self.alt)}" src="data:image/svg+xml;base64,{source}">{STILL}</div>'
            f'<script type="module">\n{self.module}{(HERE / "start.js").read_text()}{self._start()}</script>'
        )

    def _start(self) -> str:
        """The script's last two lines, by which a page joins those of its figures (book/_ext/joined_scripts.py)."""
        options = ", ".join(f"{name}: {_json(self.model[name])}" for name in ("control", "state"))
        call = f"start({_json(self.name)}, {self.name}$view, {{ data, {options} }});"
        return f"const data = {_json(self.model['data'])};\n{call}\n"

    def __repr__(self) -> str:
        return f"Live figure: {self.alt}"


def explorable(
    name: str,
    title: str,
    picture: str,
    alt: str,
    data: dict,
    *,
    control: str | None = None,
    controls: tuple[str, ...] = (),
    state: dict | None = None,
) -> Explorable:
    """The live figure of the folder `name`, self-contained: its modules, palette and `data`, the SVG `picture` instead.

    `title` names the figure for screen readers, `alt` says what the picture shows. `control`, one of `controls`,
    reduces it to that control and its stage. `state` is what it shows first, where that is not its start. Floats in
    `data` must be rounded. Raises ValueError at another control.
    """
    if control not in (None, *controls):
        raise ValueError(f"expected control to be one of {', '.join(controls)}, got {control}")
    return Explorable(name, title, picture, alt, {"data": data, "control": control, "state": state or {}})


def palette() -> str:
    """The palette of both themes as CSS variables."""
    return _variables(LIGHT, DARK)


def digit_palette() -> str:
    """The colours of the ten digits in both themes as CSS variables, --digit-0 to --digit-9."""
    return _variables(*({f"digit-{k}": colour for k, colour in enumerate(t)} for t in (LIGHT_DIGITS, DARK_DIGITS)))


def _variables(light: dict[str, str], dark: dict[str, str]) -> str:
    colours = {":host": light, ":host([data-dark])": dark}
    rules = [f"{host} {{ {' '.join(f'--{k}: {v};' for k, v in theme.items())} }}\n" for host, theme in colours.items()]
    return "".join(rules)


@cache
def _module(name: str) -> str:
    return bundle(FIGURES / name / "view.js", {"palette.css": palette(), "digits.css": digit_palette()})


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
