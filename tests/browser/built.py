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
FORGET = "try { localStorage.clear(); sessionStorage.clear(); } catch {}"
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
    browser.waiting = {}  # pages to be used again, by their options
    yield browser
    browser.close()


@contextmanager
def new_page(browser, *, width: int, theme: str, height=900, reduced_motion="reduce", fresh=False, **options):
    """A page whose `complaints` list collects console errors, script errors, failed and outside requests.

    Its reader has asked to see what is deeper, which a phone folds, unless he is `new`. `options` are those of its
    browser's context. It may have been used before, which spares three quarters of what a new one costs, and is
    blank, with nothing stored; where its cache would matter, or it gets a clock or scripts of its own, ask for a
    `fresh` one.
    """
    waiting = [] if fresh else browser.waiting.setdefault(repr(sorted(options.items())), [])
    page = waiting.pop() if waiting else fresh_page(browser, **options)
    page.complaints = []
    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme, reduced_motion=reduced_motion, media="null", forced_colors="null")
    yield page
    if fresh:
        page.context.close()
    else:
        leave_blank(page)
        waiting.append(page)


def fresh_page(browser, *, scripts: bool = True, new: bool = False, **options):
    page = browser.new_context(java_script_enabled=scripts, **options).new_page()
    if not new:
        page.add_init_script(SHOW_DEEPER)
    page.on("request", lambda r: r.url.startswith(LOCAL) or page.complaints.append(f"asked for {r.url}"))
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("response", lambda r: r.status >= 400 and page.complaints.append(f"{r.status} {r.url}"))
    return page


def leave_blank(page) -> None:
    page.unroute_all()
    page.mouse.move(-1, -1)
    page.evaluate(FORGET)
    page.goto("about:blank")


def open_page(page, url: str) -> None:
    """Go there and wait until its fonts are loaded."""
    page.goto(url)
    page.evaluate("document.fonts.ready.then(() => null)")


def lay_out(page) -> None:
    """All of a chapter, of which a phone lays out what its reader comes to (book/_ext/unseen.py)."""
    page.evaluate(
        """() => document.head.append(Object.assign(document.createElement("style"),
            {textContent: ".bd-article .unseen { content-visibility: visible !important }"}))"""
    )


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
