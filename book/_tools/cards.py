"""The pictures that links to the pages show where they are shared: `python book/_tools/cards.py` draws them anew.

Each has the mark, the page's title and the way of the data, with the parts lit that the chapter's own drawing lights.
`tests/book/test_cards.py` fails while a file in `book/_static/cards/` is not what this file draws.
"""

import io
import json
import re
import tempfile
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import yaml
from fontTools.ttLib import TTFont
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, Ellipse, FancyBboxPatch, Rectangle
from matplotlib.textpath import TextPath
from PIL import Image

from vae_lib.page.diagrams import canvas
from vae_lib.page.palette import LIGHT
from vae_lib.page.recurring import way

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
CARDS = BOOK / "_static" / "cards"
NAME = yaml.safe_load((ROOT / "_config.yml").read_text())["title"]
SERIF = BOOK / "_static" / "vendor" / "source-serif-4" / "latin-600-normal.woff2"
# The hue of each chapter's subject, for the bar at the left; a page to look things up in has the ink's.
HUES = {
    "01": "q",
    "02": "data",
    "03": "prior",
    "04": "kl",
    "05": "decoder",
    "06": "gap",
    "07": "posterior",
    "08": "q",
    "09": "prior",
    "10": "decoder",
}


def pages() -> list[Path]:
    """The sources of the pages, in the order of the contents."""
    names = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text())
    return [next(path for path in ROOT.glob(f"{name}.*") if path.suffix in (".ipynb", ".md")) for name in names]


def text(page: Path) -> str:
    """The source of a page, the cells of a chapter one after the other."""
    if page.suffix == ".md":
        return page.read_text()
    return "\n".join("".join(cell["source"]) for cell in json.loads(page.read_text())["cells"])


def title(page: Path) -> str:
    return re.search(r"^# (.+)", text(page), flags=re.MULTILINE)[1]


def lit(page: Path) -> list[str]:
    """The parts of the way that the page's own drawing lights; all where it has none."""
    own = re.search(r"\bway\((.*?)\)", text(page))
    return re.findall(r'"(\w+)"', own[1]) if own else []


def card(page: Path) -> Figure:
    figure, axes = canvas(12, 6.3)
    axes.add_patch(Rectangle((0, 0), 0.22, 6.3, color=LIGHT[HUES.get(page.name[:2], "ink")]))
    mark(axes, 0.99, 5.6, 0.64)
    write(axes, 1.5, 5.6, NAME if title(page) != NAME else "", 22)
    write(axes, 0.67, 4.6, title(page), 52)
    drawing = pixels(way(*lit(page)), dpi=186)
    height, width = np.divide(drawing.shape[:2], 100)
    axes.imshow(drawing, extent=(1.2, 1.2 + width, 0.1, 0.1 + height), interpolation="none")
    axes.set(xlim=(0, 12), ylim=(0, 6.3), aspect="auto")
    return figure


def mark(axes: Axes, x: float, y: float, side: float) -> None:
    """`_static/mark.svg`, as wide as `side` around its centre."""
    unit, corner = side / 32, (x - 9 * side / 32, y - 9 * side / 32)
    axes.add_patch(FancyBboxPatch(corner, 18 * unit, 18 * unit, f"round,pad={7 * unit}", color=LIGHT["q"], linewidth=0))
    ellipse = Ellipse((x, y), 24 * unit, 14 * unit, angle=35, fill=False, edgecolor="white", linewidth=2.4 * unit * 72)
    axes.add_patch(ellipse)
    axes.add_patch(Circle((x + 3 * unit, y + 2 * unit), 2.8 * unit, color="white", linewidth=0))


def write(axes: Axes, x: float, y: float, words: str, size: float) -> None:
    """Words in the page's face, of `size` points, or of fewer where they would not fit."""
    width = TextPath((0, 0), words, size=size, prop=serif()).get_extents().width / 72 if words else 0
    size *= min(1, (11.4 - x) / max(width, 1))
    axes.text(x, y, words, font=serif(), fontsize=size, color=LIGHT["ink"], va="center_baseline")


@cache
def serif() -> FontProperties:
    """The page's own face, unpacked: matplotlib reads no woff2."""
    font = TTFont(SERIF)
    font.flavor = None
    path = Path(tempfile.mkdtemp()) / "serif.ttf"
    font.save(path)
    return FontProperties(fname=path)


def pixels(figure: Figure, dpi: int) -> np.ndarray:
    """A figure as [height, width, 3] of bytes, in the book's look."""
    file = io.BytesIO()
    figure.savefig(file, format="rgba", dpi=dpi, bbox_inches=None, facecolor="white")
    plt.close(figure)
    width, height = (figure.get_size_inches() * dpi).astype(int)
    return np.frombuffer(file.getvalue(), np.uint8).reshape(height, width, 4)[..., :3]


def drawn(page: Path) -> Image.Image:
    """The card of a page, in 64 colours."""
    with plt.style.context("vae_lib.page.book"), plt.rc_context({"savefig.bbox": "standard"}):
        return Image.fromarray(pixels(card(page), dpi=100)).quantize(64, dither=Image.Dither.NONE)


if __name__ == "__main__":
    CARDS.mkdir(exist_ok=True)
    for page in pages():
        drawn(page).save(CARDS / f"{page.stem}.png", optimize=True)
