"""What no page shows is not in the tree: source maps, the theme's translations, its 1.5 MB of icons as a script, and in
the icon fonts all icons but those that a page names, or that a style sheet draws by itself.
"""

import re
import shutil
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
ICON_S_NAME = re.compile(r"\.(fa-[a-z0-9-]+):before")
ICON = re.compile(r'"(?:\\([0-9a-f]{4})|([\ue000-\uf8ff]))"')  # Unicode leaves these characters to private use


def lighten(app, exception):
    out = Path(app.outdir)
    for file in {*out.rglob("*.map"), *out.glob("_static/scripts/fontawesome.js*")}:
        file.unlink()
    shutil.rmtree(out / "_static" / "locales", ignore_errors=True)
    used = icons(contents(out, "*.css"), contents(out, "*.html") + contents(out, "*.js"))
    for path in out.glob("_static/vendor/fontawesome/webfonts/*"):
        keep(used, path)


def contents(out: Path, pattern: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(out.rglob(pattern)))


def icons(styles: str, pages: str) -> set[int]:
    """The characters of the icons that `pages` name, and of those in rules that are not for an icon by name."""
    named = {name: set(ICON_S_NAME.findall(name)) for name, _ in RULE.findall(styles)}
    wanted = set(re.findall(r"\bfa-[a-z0-9-]+", pages))
    drawn = [rule for name, rule in RULE.findall(styles) if not named[name] or named[name] & wanted]
    return {int(code, 16) if code else ord(sign) for code, sign in ICON.findall("\n".join(drawn))}


def keep(characters: set[int], path: Path) -> None:
    """Leave these in the font. Its name goes: the licence reserves it for the whole."""
    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=[], name_IDs=[0]))
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.save(path)


def setup(app):
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
