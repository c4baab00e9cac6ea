"""The whole book as one PDF, from the built pages: python tests/browser/pdf.py OUT.pdf

The pages are joined into one, so that links between them lead inside the PDF and Chromium numbers the sheets. Folded
answers stand open where they are, hints and solutions at the end of their chapter; fields are empty lines; drawing
code and scripts are left out, so that a live figure is the picture that it has without them.
"""

import sys
from contextlib import contextmanager
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, Tag
from built import HTML, chromium, new_page, open_page, served
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TOC, CONFIG = (yaml.safe_load((ROOT / name).read_text()) for name in ("_toc.yml", "_config.yml"))
PARTS = {part["caption"]: [Path(chapter["file"]).name for chapter in part["chapters"]] for part in TOC["parts"]}
STEMS = [Path(TOC["root"]).name, *(stem for stems in PARTS.values() for stem in stems)]
ADDRESS = "book/whole.html"  # served from memory beside the pages, so that their pictures and styles are found
SHEET = dict(format="A4", print_background=True, prefer_css_page_size=True, tagged=True, outline=True)


def element(markup: str) -> Tag:
    return BeautifulSoup(markup, "html.parser").contents[0]


def inside(stem: str, address: str) -> str:
    """Where a link of a page leads in the PDF: another page's part of it, or out."""
    file, _, anchor = address.partition("#")
    page = file.removesuffix(".html") if file else stem
    if page not in STEMS:
        return address
    return f"#{page}--{anchor}" if anchor else f"#{page}"


def answers(article: Tag, stem: str) -> None:
    """Move the exercises' hints, and the solutions, to a section of their own at the end."""
    end = element(f'<section class="answers" id="{stem}--answers"><h2>Hints and solutions</h2></section>')
    exercises = article.select("section[id*='--exercise-']")
    for exercise in exercises:
        name = exercise.h3.get_text().split(" · ")[0]
        end.append(element(f'<h3 id="{exercise["id"]}-answers">{name}</h3>'))
        for cell in exercise.select(".hints > details, .solution"):
            end.append(cell.extract())
        exercise.append(element(f'<p><a href="#{exercise["id"]}-answers">Hints and solution</a></p>'))
    if end.h3:
        article.select_one(f"[id='{stem}--solutions']").decompose()
        article.append(end)


def chapter(stem: str) -> Tag:
    """A page's article as a part of the whole: every name in it is prefixed with the page's."""
    article = BeautifulSoup((HTML / "book" / f"{stem}.html").read_text(), "html.parser").article
    for scrap in article.select(
        "script, .headerlink, .tag_hide-input details.hide, .stub, .keep-answers, .your-number"
    ):
        scrap.decompose()
    for named in article.select("[id]"):
        named["id"] = f"{stem}--{named['id']}"
    for link in article.select("a[href]"):
        link["href"] = inside(stem, link["href"])
    answers(article, stem)
    for folded in article.select("details"):
        folded["open"] = ""
    for cell in article.select("details.hide"):
        cell.summary.decompose()
        cell.unwrap()
    article["id"], article["style"] = stem, f"page: {page_name(stem)}"
    return article


def page_name(stem: str) -> str:
    return f"page-{stem}"


def title(article: Tag) -> str:
    return article.h1.get_text()


def link(address: str, words: str) -> str:
    return f'<a href="{address}">{words}</a>'


def cover(titles: dict[str, str]) -> str:
    """The first sheet: title, contents, and what a reader of the PDF should know."""
    parts = ""
    for caption, stems in PARTS.items():
        chapters = "".join(f"<li>{link('#' + stem, titles[stem])}</li>" for stem in stems if stem in titles)
        parts += f"<p>{caption}</p><ul>{chapters}</ul>"
    url = CONFIG["repository"]["url"]
    return (
        f'<article class="bd-article cover"><p class="title">{CONFIG["title"]}</p><p>{CONFIG["author"]}</p>'
        f'<nav aria-label="Contents">{parts}</nav>'
        "<p>Printed from the book's pages. Hints and solutions stand at the end of each chapter. What moves on a page "
        "is a still picture here, and the code that draws pictures is left out; both are in the notebooks, at "
        f"{link(url, url)}.</p><p>{CONFIG['html']['extra_footer']}</p></article>"
    )


def running_heads(titles: dict[str, str]) -> str:
    """A style sheet: every sheet is numbered, and bears the title of its page."""
    return "".join(
        f'@page {page_name(stem)} {{ @top-right {{ content: "{name}" }} @bottom-center {{ content: counter(page) }} }}'
        for stem, name in titles.items()
    )


def whole(stems: list[str]) -> str:
    """These pages, in the order of the contents, as one HTML page, with the styles of them all."""
    heads = [BeautifulSoup((HTML / "book" / f"{stem}.html").read_text(), "html.parser").head for stem in stems]
    styles = {str(link): None for head in heads for link in head.select("link[rel=stylesheet]")}
    head = "".join([str(heads[0].meta), *styles])
    articles = {stem: chapter(stem) for stem in stems}
    titles = {stem: title(article) for stem, article in articles.items()}
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light" class="whole"><head>{head}<title>{CONFIG["title"]}</title>'
        f"<style>{running_heads(titles)}</style></head><body>"
        f'<main class="bd-content">{cover(titles)}'
        f"{''.join(map(str, articles.values()))}</main></body></html>"
    )


@contextmanager
def opened(browser, stems: list[str] = STEMS):
    """The whole book, or these pages of it, in a page as wide as a sheet's text."""
    with served() as site, new_page(browser, width=643, theme="light", fresh=True) as page:
        body = whole(stems)
        page.route(f"**/{ADDRESS}", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
        page.emulate_media(media="print")
        open_page(page, f"{site}/{ADDRESS}")
        yield page


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, chromium(playwright) as browser, opened(browser) as page:
        page.pdf(path=out, **SHEET)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")
