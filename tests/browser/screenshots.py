"""Every page of the built book as pictures to look at: python tests/browser/screenshots.py OUT [PAGE ...]"""

import sys
from itertools import product
from pathlib import Path

from built import HTML, PAGES, THEMES, WIDTHS, chromium, new_page, open_page
from playwright.sync_api import sync_playwright

PIECE = 1500  # pixels of page height a picture


def shoot(page, path: str, folder: Path, name: str) -> None:
    open_page(page, (HTML / path).as_uri())
    height = page.evaluate("document.documentElement.scrollHeight")
    for number, top in enumerate(range(0, height, PIECE), start=1):
        page.evaluate("top => window.scrollTo(0, top)", top)
        page.screenshot(path=folder / f"{Path(path).stem}-{name}-{number:02}.png")


if __name__ == "__main__":
    folder, wanted = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, chromium(playwright) as browser:
        for (device, width), theme in product(WIDTHS.items(), THEMES):
            with new_page(browser, width=width, height=PIECE + 60, theme=theme) as page:
                for path in PAGES:
                    if not wanted or Path(path).stem in wanted:
                        shoot(page, path, folder, f"{device}-{theme}")
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
