"""What each page loads, in kB, as it lies on the disk and as gzip -9 sends it: python tests/browser/weight.py"""

from collections import Counter
from gzip import compress
from urllib.parse import urlsplit

from built import HTML, PAGES, chromium, new_page, open_page, served
from playwright.sync_api import sync_playwright

KINDS = {"html": "html", "js": "js", "css": "css", "woff": "fonts", "woff2": "fonts", "ttf": "fonts"}


def loaded(browser, site: str, path: str) -> set:
    """The files that a page loads: itself, and whatever it asks for until it has come to rest."""
    files = set()
    with new_page(browser, width=1280, theme="light", fresh=True) as page:
        page.on("response", lambda response: response.url.startswith(site) and files.add(urlsplit(response.url).path))
        open_page(page, f"{site}/{path}")
        page.wait_for_load_state("networkidle")
    return {HTML / file[1:] for file in files}


def weights(files) -> Counter:
    """Bytes by kind of file, and of all together, raw and compressed."""
    kinds = Counter()
    for file in files:
        content = file.read_bytes()
        kinds[KINDS.get(file.suffix[1:], "pictures")] += len(content)
        kinds.update(all=len(content), gzip=len(compress(content, 9)))
    return kinds


if __name__ == "__main__":
    columns = ["html", "js", "css", "fonts", "pictures", "all", "gzip"]
    print("page".ljust(26), *(name.rjust(8) for name in columns))
    with sync_playwright() as playwright, chromium(playwright) as browser, served() as site:
        for path in [*PAGES, "search.html"]:
            weight = weights(loaded(browser, site, path))
            print(path.removeprefix("book/").ljust(26), *(f"{weight[name] / 1000:8.0f}" for name in columns))
