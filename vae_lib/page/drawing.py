"""Every chapter: a figure as SVG that a page can take in: words are text, formulas are paths, no rule is for all."""

import hashlib
import io
import re
from unittest.mock import patch

import matplotlib as mpl
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure

NO_METADATA = dict.fromkeys(["Creator", "Date", "Format", "Type"])
NEEDLESS = re.compile(r"^.*?(?=<svg)|<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
TAG, PATH = re.compile(r"<[^>]*>"), re.compile(r'(?<= d=")[^"]*')
FACES, UNTURNED = re.compile(r"(?<=font-family: )[^;\"]*"), re.compile(r' transform="rotate\(-0 [^"]*"')
ID, DECIMALS = re.compile(r' id="([^"]+)"'), re.compile(r"-?\d+\.\d{3,}")
HASHED = re.compile(r"(?<=[\"#][a-z])[0-9a-f]{10}\b")


def drawn(figure: Figure) -> str:
    """The figure as an SVG element, the same bytes each time, its coordinates rounded to a hundredth of a point.

    Words stay text, in the face of whoever shows them. Formulas become paths, because no other face has their places.
    """
    buffer = io.StringIO()
    with mpl.rc_context(), patch.object(RendererSVG, "draw_text", _draw_text):
        figure.savefig(buffer, format="svg", metadata=NO_METADATA)
    return _tidied(buffer.getvalue())


def _draw_text(renderer, *text, ismath=False, **more):
    mpl.rcParams["svg.fonttype"] = "path" if ismath else "none"
    DRAW_TEXT(renderer, *text, ismath=ismath, **more)


DRAW_TEXT = RendererSVG.draw_text


def _tidied(svg: str) -> str:
    """An SVG of matplotlib without head, rule for all elements, list of faces, unused names and needless digits."""
    svg = UNTURNED.sub("", FACES.sub("sans-serif", NEEDLESS.sub("", svg)))
    named = set(re.findall(r"#([\w-]+)", svg))
    svg = ID.sub(lambda found: found[0] if found[1] in named else "", svg)
    svg = TAG.sub(lambda tag: DECIMALS.sub(_rounded, tag[0]), svg)
    svg = PATH.sub(lambda path: re.sub(r"\s*([A-Za-z])\s*", r"\1", path[0]), svg)
    return _renamed(re.sub(r"\n\s*", "\n", svg).replace("<svg ", '<svg stroke-linejoin="round" ', 1))


def _renamed(svg: str) -> str:
    """Names from what is drawn. Matplotlib's are hashes of numbers before they are rounded: each CPU has its own."""
    drawing, names = hashlib.sha256(HASHED.sub("", svg).encode()).hexdigest()[:6], {}
    return HASHED.sub(lambda found: names.setdefault(found[0], f"{drawing}{len(names):04d}"), svg)


def _rounded(number: re.Match) -> str:
    return f"{float(number[0]):.2f}" if abs(float(number[0])) >= 0.1 else f"{float(number[0]):.3g}"
