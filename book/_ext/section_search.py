"""The book's own search: an index of what `sections` finds, for `_static/search.js`, and none of Sphinx's.

A word's places and weights are a string, `3F1A`: the third section with weight F, the next one with A. Words are cut by
`_static/search.js` itself, here in QuickJS. What readers call a place in other words stands in `search_words.yml`.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path

import quickjs
import sections
import yaml
from sphinx.errors import ExtensionError

BOOK = Path(__file__).parents[1]
WORDS = BOOK / "search_words.yml"
TITLE, ALSO, CODE = 9, 6, 0.5  # how many words of the text a word there is worth
STEEP, LENGTH = 1.2, 0.6  # BM25's k1 and b
HEAVIEST = 5
EXTRACT = 78
SYMPTOMS = "book/i_see"
UNUSED = ["searchtools.js", "language_data.js", "sphinx_highlight.js"]


def cutter():
    """The function `words` of search.js."""
    engine = quickjs.Context()
    engine.eval((BOOK / "_static" / "search.js").read_text(encoding="utf-8"))
    words = engine.eval("(text) => JSON.stringify(sectionSearch.words(text))")
    return lambda text: json.loads(words(text))


def with_other_words(found: list) -> list:
    """The sections, each also by the words that `search_words.yml` has for its place."""
    also = yaml.safe_load(WORDS.read_text(encoding="utf-8"))["places"]
    unknown = {f"book/{place}" for place in also} - {section.place for section in found}
    if unknown:
        raise ExtensionError(f"{WORDS.name}: expected the places of sections, got {sorted(unknown)}")
    return [
        each._replace(also=[*each.also, *map(str, also.get(each.place.removeprefix("book/"), []))]) for each in found
    ]


def counts(section, words) -> Counter:
    """How often a section has each word, where titles count more, and code less."""
    of = Counter(word for word in words(section.text) if not word.isdigit() or len(word) > 1)
    of.update({word: CODE for word in set(words(section.code)) - set(of) if not word.isdigit()})
    for title, worth in [(section.title, TITLE), (" / ".join(section.also), ALSO)]:
        of.update(dict.fromkeys(words(title), worth))
    return of


def weights(of: Counter, usual: float) -> dict[str, int]:
    """A weight from 1 to HEAVIEST for each word."""
    size = STEEP * (1 - LENGTH + LENGTH * sum(of.values()) / usual)
    return {word: max(1, round(HEAVIEST * n / (n + size))) for word, n in of.items()}


def index(found: list, titles: dict[str, str], words) -> dict:
    """What search.js reads; `titles` are those of the pages."""
    pages = list(titles)
    counted = [counts(section, words) for section in found]
    usual = sum(sum(of.values()) for of in counted) / len(found)
    places = defaultdict(str)
    last = defaultdict(lambda: -1)
    for number, of in enumerate(counted):
        for word, weight in weights(of, usual).items():
            step = number - last[word]
            places[word] += f"{step if step > 1 else ''}{chr(64 + weight)}"
            last[word] = number
    return {
        "pages": list(titles.items()),
        "sections": [entry(section, pages) for section in found],
        "words": dict(sorted(places.items())),
        "synonyms": synonyms(words),
    }


def entry(section, pages: list[str]) -> list:
    page, _, anchor = section.place.partition("#")
    text = ", ".join(section.also) if page == SYMPTOMS and section.also else section.text  # which begins with code
    return [pages.index(page), anchor, section.title, extract(text), round(section.rank, 2), *section.also]


def extract(text: str) -> str:
    return text if len(text) <= EXTRACT else text[:EXTRACT].rpartition(" ")[0].rstrip(" ,;:.(") + "…"


def synonyms(words) -> dict[str, list[str]]:
    """For each word, or words joined, those that the book has for it."""
    listed = yaml.safe_load(WORDS.read_text(encoding="utf-8"))["words"]
    return {"".join(words(str(said))): words(written) for said, written in listed.items()}


def write(app, exception):
    if exception is None:
        env, found = app.env, []
        for page in sorted(env.all_docs):
            found += sections.sections(page, env.get_doctree(page))
        titles = {page: env.titles[page].astext() for page in sorted(env.all_docs)}
        text = json.dumps(index(with_other_words(found), titles, cutter()), ensure_ascii=False, separators=(",", ":"))
        (Path(app.outdir) / "_static" / "search_index.js").write_text(
            f"globalThis.SECTIONS={text};\n", encoding="utf-8"
        )
        for file in UNUSED:
            (Path(app.outdir) / "_static" / file).unlink(missing_ok=True)


def turn_off(app):
    """No index of Sphinx's, and no page for it: search.html is one of ours."""
    app.builder.search = False


def load_ours(app, pagename, templatename, context, doctree):
    files = context["script_files"]
    files[:] = [file for file in files if Path(file.filename or "").name not in UNUSED]
    app.add_js_file("search_field.js", loading_method="defer")


def setup(app):
    app.connect("builder-inited", turn_off)
    app.connect("doctree-read", sections.mark_rows)
    app.connect("html-page-context", load_ours)
    app.connect("build-finished", write, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
