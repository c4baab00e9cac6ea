"""The book builds without a warning into pages that are complete, need no network and say what their pictures show."""

import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from unicodedata import category
from urllib.parse import unquote, urlsplit

import address
import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from PIL import Image

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "book" / "_static"
CONTENTS = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text())
MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "image": "href"}
LOADING = ["script", "link:not([rel=canonical])", "img", "iframe", "source", "image"]
OWNER, REPOSITORY = address.repository()["url"].split("/")[-2:]
BASE = yaml.safe_load((ROOT / "_config.yml").read_text())["html"].get("baseurl")
SITE = BASE or f"https://{OWNER.lower()}.github.io/{REPOSITORY}/"


def build(out: Path) -> Path:
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", "-n", "--keep-going"]
    build = subprocess.run([*command, "--path-output", out, ROOT], capture_output=True, text=True)
    assert build.returncode == 0, build.stdout[-3000:] + build.stderr[-3000:]
    return out / "_build" / "html"


@pytest.fixture(scope="module")
def html() -> Path:
    """The book, from nothing, where `make book` has it: `make browser` and `make hosts` then find it built."""
    mark = ROOT / "_build" / ".built"  # the Makefile's
    mark.unlink(missing_ok=True)
    shutil.rmtree(ROOT / "_build" / "html", ignore_errors=True)
    shutil.rmtree(ROOT / "_build" / ".doctrees", ignore_errors=True)
    html = build(ROOT)
    mark.touch()
    return html


@pytest.fixture(scope="module")
def parsed(html) -> dict[Path, BeautifulSoup]:
    """Every file of HTML, as no test changes it."""
    return {path: BeautifulSoup(path.read_text(), "html.parser") for path in sorted(html.rglob("*.html"))}


@pytest.fixture(scope="module")
def pages(parsed, html) -> dict[str, BeautifulSoup]:
    return {name: parsed[html / f"{name}.html"] for name in CONTENTS}


def test_the_first_address_leads_to_the_landing_page(html):
    assert 'url=book/index.html"' in (html / "index.html").read_text()


def test_no_page_loads_anything_from_elsewhere(parsed, html):
    for path, soup in parsed.items():
        loaded = [element.get(LOADS[element.name], "") for element in soup.select(", ".join(LOADING))]
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == [], path.name
        assert "unpkg.com" not in path.read_text(), path.name
    for path in html.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)]*", path.read_text()) == [], path.name


def test_what_the_pages_load_is_there(pages, html):
    for name, soup in pages.items():
        for element in soup.select("script, link:not([rel=canonical]), img"):
            loaded = element.get(LOADS[element.name], "").split("?")[0].split("#")[0]
            if loaded and not loaded.startswith("data:"):
                assert ((html / name).parent / loaded).exists(), f"{name} loads {loaded}"


def test_every_link_inside_the_book_leads_to_a_file_and_a_place_in_it(parsed, html):
    places = {path: set(re.findall(r'\bid="([^"]+)"', path.read_text())) for path in parsed}
    links = 0
    for page, soup in parsed.items():
        for link in soup.select("a[href]"):
            file, _, place = unquote(link["href"]).partition("#")
            if not re.match(r"[a-z]+:", file):
                at_root = file.startswith(urlsplit(SITE).path)  # of 404.html alone
                target = html / file.removeprefix(urlsplit(SITE).path) if at_root else page.parent / file
                target = target.resolve() if file else page
                assert target.exists(), f"{page.name} links to {file}"
                assert not place or place in places[target], f"{page.name} links to {link['href']}"
                links += 1
    assert links > 500


def test_the_book_built_twice_has_the_same_bytes(html, tmp_path):
    again = build(tmp_path)
    first, second = ({path.relative_to(root): path for path in root.rglob("*")} for root in (html, again))
    assert set(first) == set(second)
    files = [name for name, path in first.items() if path.is_file()]
    assert [name for name in files if first[name].read_bytes() != second[name].read_bytes()] == []


def test_no_page_loads_a_script_of_mathjax(parsed):
    for path, soup in parsed.items():
        scripts = [script.get("src", "") + script.get_text() for script in soup.find_all("script")]
        assert [script for script in scripts if "mathjax" in script.lower()] == [], path.name


def written_in(chapter: str) -> list[str]:
    """The TeX of each formula in a chapter's text and in what its cells print as Markdown, in their order."""
    texts = []
    for cell in nbformat.read(ROOT / f"{chapter}.ipynb", 4).cells:
        texts += [cell.source] if cell.cell_type == "markdown" else markdown_outputs(cell)
    tokens = [token for text in texts for token in MARKDOWN.parse(text)]
    return [one.content.strip() for token in tokens for one in (token, *(token.children or [])) if "math" in one.type]


def markdown_outputs(cell) -> list[str]:
    return [output.data["text/markdown"] for output in cell.outputs if "text/markdown" in output.get("data", {})]


@pytest.mark.parametrize("chapter", [name for name in CONTENTS if re.match(r"book/\d\d_", name)])
def test_every_formula_of_a_chapter_is_set_and_keeps_its_tex_as_it_was_written(pages, chapter):
    written = written_in(chapter)
    set_there = [formula["data-tex"] for formula in pages[chapter].select("article .math")]
    assert sorted(set_there) == sorted(written)  # a solution stands in its card, before the notebook's later cells
    assert len(written) > 150


def test_no_tex_is_left_in_the_text_or_in_a_title(pages):
    for name, soup in pages.items():
        assert all(len(formula.select("mjx-math, math")) == 2 for formula in soup.select("article .math")), name
        prose = [
            text for text in soup.find_all(string=True) if not text.find_parent(["pre", "code", "script", "style"])
        ]
        assert [text for text in prose if re.search(r"\$|\\[a-zA-Z()\[\]{}]", text)] == [], name
        assert soup.title.select("*") == [], name


def test_every_picture_says_what_it_shows(pages):
    for name, soup in pages.items():
        for image in soup.select("article img"):
            assert len(image.get("alt", "")) >= 40, f"{name}: {image.get('src')}"
            assert "_images/" not in image["alt"], name
        for drawing in soup.select("article svg.drawing"):
            assert drawing["role"] == "img", name
            assert len(drawing["aria-label"]) >= 40, name


def test_a_figure_has_its_picture_and_its_caption_under_its_number(pages):
    figures = [figure for soup in pages.values() for figure in soup.select("figure.numbered")]
    assert len(figures) > 40
    for figure in figures:
        name = figure.select_one("figcaption > .number").get_text().strip(".")
        assert figure["id"] == name.lower().replace(" ", "-").replace(".", "-")
        assert figure.select_one(".drawing, [data-explorable]"), name
        assert len(figure.find_all("figcaption")) == 1, name


def test_a_mention_of_a_figure_leads_to_it(pages):
    mentions = 0
    for name, soup in pages.items():
        for text in soup.article.find_all(string=re.compile(r"Figure \d+\.\d+")):
            if not text.find_parent(["button", "h2", "h3"]) and not text.find_parent(class_="number"):
                number = re.search(r"Figure (\d+)\.(\d+)", text)
                assert text.parent["href"].endswith("#figure-{}-{}".format(*number.groups())), f"{name}: {text}"
                mentions += 1
    assert mentions > 10


def test_every_drawing_stands_in_its_page_and_no_id_twice(pages, html):
    assert [path.name for path in html.glob("_images/*.svg")] == []
    for name in [name for name in pages if "/0" in name]:
        soup = pages[name]
        assert len(soup.select("svg.drawing")) >= 3, name
        assert soup.select("svg.drawing style") == []
        ids = [element["id"] for element in soup.select("svg [id]")]
        assert len(ids) == len(set(ids)), name


def test_a_drawing_takes_its_colours_from_the_theme(pages):
    for name, soup in pages.items():
        for drawing in soup.select("svg.drawing"):
            assert re.findall(r"(?:fill|stroke): #\w+", str(drawing)) == [], name
            assert "var(--ground)" in str(drawing), name


def test_a_quote_that_opens_with_bold_words_is_a_box(pages):
    boxes = 0
    for soup in pages.values():
        for quote in soup.find_all("blockquote"):
            first = next(iter(quote.p.contents), None)
            is_box = getattr(first, "name", None) == "strong"
            assert ("box" in quote.get("class", [])) == is_box
            boxes += is_box
    assert boxes > 0
    assert pages["book/01_architecture"].select("blockquote.box.predict-first")


# What a page says of itself


def content(soup, name: str) -> str:
    """Of the one `<meta>` with this name or property."""
    (meta,) = soup.select(f'meta[name="{name}"], meta[property="{name}"]')
    return meta["content"]


def test_a_page_s_title_names_the_page_and_then_the_book_once(pages):
    assert pages["book/04_elbo"].title.get_text() == "4. The ELBO – The VAE Recitation"
    titles = [soup.title.get_text() for soup in pages.values()]
    assert len({*titles}) == len(titles)
    assert [title for title in titles if not title.endswith("The VAE Recitation")] == []
    assert [title for title in titles if title.count("The VAE Recitation") > 1] == []


def test_every_page_has_a_description_of_its_own_in_plain_words(pages):
    written = yaml.safe_load((ROOT / "book" / "descriptions.yml").read_text())
    assert set(written) == set(CONTENTS)
    assert len({*written.values()}) == len(written)
    for name, soup in pages.items():
        assert content(soup, "description") == content(soup, "og:description") == written[name]
        assert 50 <= len(written[name]) <= 160, name
        assert not re.search(r"[$\\{}^]", written[name]), name


def test_a_shared_link_shows_a_picture_whose_file_is_there_and_small(pages, html):
    for name, soup in pages.items():
        assert content(soup, "og:title") in soup.title.get_text()
        assert content(soup, "og:url") == f"{SITE}{name}.html" == soup.find("link", rel="canonical")["href"]
        picture = html / content(soup, "og:image").removeprefix(SITE)
        with Image.open(picture) as image:
            assert image.size == (1200, 630)
        assert picture.stat().st_size < 40_000
        assert len(content(soup, "og:image:alt")) >= 40


def test_the_first_address_shows_the_same_as_the_landing_page_where_it_is_shared(parsed, pages, html):
    for name in ("description", "og:title", "og:image", "og:url"):
        assert content(parsed[html / "index.html"], name) == content(pages["book/index"], name)


def test_the_site_map_lists_every_page(html):
    listed = re.findall(r"<loc>(.*?)</loc>", (html / "sitemap.xml").read_text())
    assert sorted(listed) == sorted(f"{SITE}{name}.html" for name in CONTENTS)


def test_the_page_for_what_is_not_there_has_all_addresses_from_the_root(parsed, html):
    page = parsed[html / "404.html"]
    addresses = [link.get(kind) for kind in ("href", "src", "action") for link in page.select(f"[{kind}]")]
    inside = [one for one in addresses if not re.match(r"#|https?:", one)]
    assert len(inside) > 20
    assert [one for one in inside if not one.startswith(urlsplit(SITE).path)] == []
    assert page.html["data-content_root"] == urlsplit(SITE).path
    assert page.select('[property^="og:"], [rel=canonical]') == []


def test_a_page_has_one_title_in_its_text_and_one_viewport(pages):
    for name, soup in pages.items():
        assert len(soup("h1")) == len(soup.select("meta[name=viewport]")) == 1, name


def test_no_page_offers_a_pdf_of_the_book_that_nobody_made(parsed):
    assert [path.name for path, soup in parsed.items() if soup.select(".btn-download-book-button")] == []


# The face of text and headings

FACE = STATIC / "vendor" / "source-serif-4"


def test_the_style_sheet_names_every_file_of_the_face_and_they_are_small():
    named = re.findall(r'url\("vendor/source-serif-4/(.+?)"\)', (STATIC / "fonts.css").read_text())
    assert sorted(named) == sorted(path.name for path in FACE.glob("*.woff2"))
    assert sum(path.stat().st_size for path in FACE.glob("*.woff2")) < 90_000


def test_the_face_has_every_letter_of_the_prose_but_four(pages):
    held = {code for path in FACE.glob("*-400-normal.woff2") for code in TTFont(path).getBestCmap()}
    words = [text for soup in pages.values() for text in soup.article.find_all(string=True)]
    prose = "".join(
        text
        for text in words
        if not text.find_parent(["pre", "code", "table", "script", "style", "svg", "mjx-container"])
    )
    letters = {letter for letter in prose if category(letter)[0] == "L"}
    assert len(letters) > 70
    assert {letter for letter in letters if ord(letter) not in held} <= set("ϕᵀᵢⱼ")


CHAPTERS = [name for name in CONTENTS if re.match(r"book/\d\d_", name)]


def stored_scripts(chapter: str) -> list[str]:
    """The scripts of the live figures, each complete, as the notebook stores them."""
    cells = nbformat.read(ROOT / f"{chapter}.ipynb", as_version=4).cells
    shown = [output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", [])]
    return [script for html in shown for script in re.findall(r'<script type="module">(.*?)</script>', html, re.DOTALL)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_live_figures_of_a_chapter_share_one_script_that_has_each_module_and_all_data_once(pages, chapter):
    stored = stored_scripts(chapter)
    [script] = [script.string for script in pages[chapter].select("article script[type=module]")]
    modules = re.findall(r"^const (\w+\$\w+) = ", script, flags=re.MULTILINE)
    assert len(modules) == len(set(modules))
    assert set(modules) == {name for one in stored for name in re.findall(r"^const (\w+\$\w+) = ", one, re.MULTILINE)}
    data = re.findall(r"^const data = .*", script, flags=re.MULTILINE)
    assert len(data) == len(set(data))
    assert script.count("\nstart(") == len(stored) == len(pages[chapter].select("[data-explorable]")) > 1
    print(f"{chapter}: {sum(map(len, stored))} → {len(script)} characters of script")
    assert len(script) < 0.8 * sum(map(len, stored))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_begins_with_its_numeral_its_bill_its_question_and_its_figure(pages, chapter):
    soup = pages[chapter]
    title, bill, question, figure = soup.article.section.find_all(recursive=False)[:4]
    assert title.get_text().startswith(f"{int(chapter[5:7])}. ")
    assert title.select_one(".number").contents[0] == str(int(chapter[5:7]))
    assert bill["class"] == ["bill"]
    own = f"{chapter.removeprefix('book/')}.ipynb"
    assert [link["href"].endswith(f"/book/{own}") for link in bill.select(".tools a")] == [True]
    assert bill.select_one("button.print")["onclick"] == "window.print()"
    assert question["class"] == ["question"]
    assert figure.select_one("[data-explorable]")
    assert "opening" in figure["class"]


def heading(section) -> str:
    return section.find(["h2", "h3"]).get_text().removesuffix("#")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_heading_that_ends_in_deeper_and_each_deeper_exercise_can_be_folded(pages, chapter):
    sections = pages[chapter].select("article section section")
    marked = [part for part in sections if re.search(r" \(deeper\)$|^Exercise .* · deeper ·", heading(part))]
    assert pages[chapter].select("article .deeper") == marked != []
    assert [part.select_one(":scope > button.show-deeper").get_text(" ", strip=True) for part in marked] == [
        f"Show {heading(part)}" for part in marked
    ]
    assert pages[chapter].select_one(".fold-deeper").find_parent(class_="bill").p.get_text().startswith("Time:")
    assert pages[chapter].select_one("script[src*='deeper.js']")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_deeper_section_begins_with_a_link_to_the_next_one_that_is_core(pages, chapter):
    sections = pages[chapter].select("article section section")
    core = [
        part for part in sections if not part.find_parent(class_="deeper") and "deeper" not in part.get("class", [])
    ]
    for section in pages[chapter].select("section.deeper"):
        links = section.select(":scope > .next-core > a")
        assert len(links) == (not heading(section).startswith("Exercise"))
        for link in links:
            after = next(part for part in core if sections.index(part) > sections.index(section))
            assert (link["href"], link.get_text()) == (f"#{after['id']}", heading(after))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_fold_of_code_says_what_it_holds_and_no_call_stands_above_the_source_that_it_prints(pages, chapter):
    labels = [label.get_text() for label in pages[chapter].select("details.hide > summary > .collapsed")]
    assert len(labels) > 20
    vague = (
        r"(Show|Hide) (the )?(code|source|content|output)\b|.*how the table is made$|.* the (table|call of the figure)$"
    )
    assert [label for label in labels if re.match(vague, label)] == []
    assert len([label for label in labels if label.startswith("✓ ")]) >= 5
    code = [block.get_text() for block in pages[chapter].select(".cell_input pre")]
    assert [block for block in code if block.startswith("show_source(")] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_contents_of_a_chapter_say_the_minutes_of_its_sections_and_which_are_deeper(pages, chapter):
    entries = pages[chapter].select(".page-toc .rail > a")
    deeper = {f"#{section['id']}" for section in pages[chapter].select("article section.deeper")}
    assert {entry["href"] for entry in entries if "is-deeper" in entry.parent["class"]} == deeper
    minutes = [entry.select_one(".minutes").get_text() for entry in entries if entry.select_one(".minutes")]
    assert len(minutes) > 6
    assert [said for said in minutes if not re.fullmatch(r"1 minute|[1-9]\d* minutes", said)] == []


def test_a_link_to_a_work_is_described_by_its_line_on_the_references_page(pages):
    references = " ".join(pages["book/references"].article.get_text().split())
    works = [work.get_text() for chapter in CHAPTERS for work in pages[chapter].select("a[aria-describedby] + .work")]
    assert len(works) > 30
    assert [work for work in works if work not in references] == []


def test_what_is_printed_in_columns_does_not_wrap(pages):
    aligned = [block.text for block in pages["book/02_worked_example"].select("div.output.stream.aligned")]
    assert any(re.search(r"^J  +=", text, re.MULTILINE) for text in aligned)  # the trace of one's own Figure 2
    printed = [block.text for page in pages.values() for block in page.select("div.output.stream:not(.aligned)")]
    assert len(printed) > 50
    assert not any(re.search(r"\S {2,}\S", text) for text in printed)


def test_pages_that_name_the_repository_give_its_address(pages):
    url = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    assert f"git clone {url}" in pages["book/about"].get_text()
    assert [name for name, soup in pages.items() if "repository_url" in soup.get_text()] == []


def test_the_reference_has_an_entry_for_what_is_public_and_leads_to_each_part(pages):
    page = pages["book/api"]
    assert page.find(id="vae_lib.objectives.elbo")
    assert not page.find(id="vae_lib.networks.check_width")  # internal
    parts = [section["id"] for section in page.select("section section")]
    assert [link["href"] for link in page.select("table a")] == [f"#{part}" for part in parts]


def test_the_reference_links_a_function_to_its_chapter(pages):
    entry = pages["book/api"].find(id="vae_lib.networks.mlp").find_next("dd")
    assert entry.find("a", string="chapter 1")["href"] == "01_architecture.html"


def to_entries(soup, name: str) -> set[str]:
    """Where the page's code links on this name lead."""
    return {link["href"] for link in soup.select("a.to-entry") if link.get_text() == name}


def imports_from_one_module(chapter: str, module: str) -> set[str]:
    code = [cell.source for cell in nbformat.read(ROOT / f"{chapter}.ipynb", 4).cells if cell.cell_type == "code"]
    found = re.findall(rf"^from vae_lib\.{module} import (?:\(([^)]*)\)|(.*))$", "\n".join(code), flags=re.MULTILINE)
    return set(re.findall(r"\w+", " ".join(map("".join, found))))


@pytest.mark.parametrize("module", ["distributions", "objectives", "evaluation", "training", "networks", "model"])
def test_a_function_that_a_chapter_imports_and_the_chapter_lead_to_each_other(pages, module):
    imported = 0
    for chapter in [name for name in CONTENTS if re.match(r"book/\d\d", name)]:
        for name in imports_from_one_module(chapter, module):
            place = f"vae_lib.{module}.{name}"
            assert to_entries(pages[chapter], name) == {f"api.html#{place}"}
            entry = pages["book/api"].find(id=place).find_next("dd")
            used = [p for p in entry.find_all("p", recursive=False) if p.get_text().startswith("Used in chapter")]
            assert [a["href"] for a in used[-1]("a")].count(chapter.removeprefix("book/") + ".html") == 1
            imported += 1
    assert imported > 0


def test_an_entry_that_no_chapter_uses_claims_no_chapter(pages):
    entry = pages["book/api"].find(id="vae_lib.data.mnist").find_next("dd")
    assert "Used in" not in entry.get_text()


def test_a_name_means_what_the_chapter_imports(pages):
    # diagnose.losses has a fit too
    assert to_entries(pages["book/05_training"], "fit") == {"api.html#vae_lib.training.fit"}
    assert to_entries(pages["book/02_worked_example"], "forward") == {"api.html#vae_lib.exact.worked_example.forward"}
    assert to_entries(pages["book/04_elbo"], "elbo_terms") == {"api.html#vae_lib.objectives.elbo_terms"}
    others = {"01_architecture": "forward", "03_reparameterization": "gradients", "05_training": "encode"}
    for chapter, name in others.items():
        assert to_entries(pages[f"book/{chapter}"], name) == set(), f"{name} is not the library's in {chapter}"
    assert to_entries(pages["book/quick_reference"], "exp") == set()  # torch's


def test_no_heading_and_no_other_link_holds_a_link_to_an_entry(pages):
    for name, soup in pages.items():
        assert soup.select(":is(h1, h2, h3, h4, a) a.to-entry") == [], name


def test_a_page_is_smaller_than_one_and_a_half_megabytes(html):
    assert [name for name in CONTENTS if (html / f"{name}.html").stat().st_size > 1_500_000] == []


def test_what_the_book_adds_to_the_theme_is_small():
    added = [path for path in STATIC.rglob("*") if path.suffix in {".css", ".js"} and "vendor" not in path.parts]
    assert sum(path.stat().st_size for path in added) < 110_000


def test_the_icon_fonts_hold_every_icon_that_a_page_names_and_few_more(pages, html):
    css = (html / "_static" / "styles" / "pydata-sphinx-theme.css").read_text()
    named = {name for page in pages.values() for icon in page.select("i[class]") for name in icon["class"]}
    styled = {name: re.search(rf'\.{name}:before[^{{}}]*\{{content:"(.)"', css) for name in named}
    characters = {ord(found[1]) for found in styled.values() if found}
    assert len(characters) > 10
    for kind in ("woff2", "ttf"):
        fonts = [TTFont(path) for path in html.rglob(f"fa-*.{kind}")]
        held = {code for font in fonts for code, glyph in font.getBestCmap().items() if font["hmtx"][glyph][0] > 0}
        assert characters <= held
        assert len(held) < 60
    assert sum(path.stat().st_size for path in html.rglob("fa-*.woff2")) < 10_000


def test_the_tree_holds_no_dead_weight(html):
    static = html / "_static"
    assert [*html.rglob("*.map"), *static.rglob("fontawesome.js*"), *static.glob("locales")] == []
    assert (static / "styles" / "pydata-sphinx-theme.css").stat().st_size < 130_000  # 397 kB as it comes


def test_vendored_files_are_those_that_their_readme_lists():
    vendor = ROOT / "book" / "_ext" / "mathjax"
    text = (vendor / "README.md").read_text()
    listed = {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", text, flags=re.MULTILINE)}
    files = [path for path in vendor.rglob("*") if path.is_file() and path.name not in {"README.md", "entry.js"}]
    assert {path.relative_to(vendor).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files} == listed
