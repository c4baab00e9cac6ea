"""The built book in headless Chromium: served from a thread, everything off the machine refused and noted."""

import os
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, product
from pathlib import Path

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(path.relative_to(HTML).as_posix() for path in (HTML / "book").glob("*.html"))
if not PAGES:
    raise FileNotFoundError(f"no pages in {HTML}/book: run `make book` first")
WIDTHS = {"laptop": 1280, "phone": 390}
THEMES = ["light", "dark"]
EVERY_VIEW = "BOOK_EVERY_VIEW" in os.environ  # `make views`, once a week
PATIENCE = 120_000  # milliseconds: the whole book as one page took more than 30 s on a busy machine
LOCAL = ("http://127.0.0.1:", "file://", "data:", "blob:")
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
SHOW_DEEPER = 'try { localStorage.setItem("deeper", localStorage.getItem("deeper") ?? "shown"); } catch {}'
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", NO_NETWORK]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def in_views(items) -> list[tuple]:
    """Each item with a device and a theme, as `in_turn`."""
    return [(item, *view) for item, view in in_turn(items, list(product(WIDTHS, THEMES)))]


def in_turn(items, ways) -> list[tuple]:
    """Each item with one of the ways, in turn; where EVERY_VIEW is asked for, each with all."""
    return list(product(items, ways) if EVERY_VIEW else zip(items, cycle(ways), strict=False))


@contextmanager
def served(folder: Path = HTML):
    """The address at which built pages are served on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def chromium(playwright):
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield browser
    browser.close()


@contextmanager
def new_page(browser, *, width: int, theme: str, height: int = 900, scripts: bool = True, new=False, **options):
    """A page whose `complaints` list collects console errors, script errors, failed and outside requests.

    Its reader has asked to see what is deeper, which a phone folds, unless he is `new`. `options` are those of its
    browser's context.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        java_script_enabled=scripts,
        **{"reduced_motion": "reduce", **options},
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.complaints = complaints = []
    if not new:
        page.add_init_script(SHOW_DEEPER)
    page.on("request", lambda r: r.url.startswith(LOCAL) or complaints.append(f"asked for {r.url}"))
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda r: r.status >= 400 and complaints.append(f"{r.status} {r.url}"))
    yield page
    context.close()


def open_page(page, url: str) -> None:
    """Go there and wait until its fonts are loaded."""
    page.goto(url)
    page.evaluate("document.fonts.ready.then(() => null)")


def unset_formulas(page) -> list[str]:
    """Those that lack glyphs, or the style of one, or MathML for screen readers."""
    return page.evaluate(
        """[...document.querySelectorAll("article .math")].filter(math => {
            const glyphs = [...math.querySelectorAll("mjx-math[aria-hidden=true] :is(mjx-c, mjx-utext)")];
            const styled = glyph => glyph.textContent || getComputedStyle(glyph, "::before").content.startsWith('"');
            const read = math.querySelector("math:not([aria-hidden] *)");
            return !glyphs.length || !glyphs.every(styled) || !read?.textContent;
        }).map(math => math.dataset.tex)"""
    )


def too_wide(page) -> list[str]:
    """The boxes around the text, from the window inwards, that hold more than they show."""
    return page.evaluate(
        """["html", "body", ".bd-main", ".bd-content", ".bd-article-container", "article"].filter(name => {
            const box = document.querySelector(name);
            return box && box.scrollWidth > box.clientWidth;
        })"""
    )
