"""A hint that names a place leads there, on the page and in the notebook; what the page says of a slip names none."""

import re
from pathlib import Path

import nbformat
import pytest
from anchors import anchor

from vae_lib import exercises
from vae_lib.exercises.engine import ByHand

CHAPTERS = sorted((Path(__file__).parents[2] / "book").glob("[0-9]*.ipynb"))
CHECKS = [getattr(exercises, f"check_{name}") for name in exercises.ONE_EACH]
BY_HAND = [check for check in CHECKS if isinstance(check, ByHand)]
HINT = re.compile(r"<summary>Hint \d: .*?</summary>\n\n(.*?)\n\n</details>", re.DOTALL)
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
PLACE = re.compile(r"\(\d+\.\d+\)|Figure \d+\.\d+|[Cc]hapter \d+|[Ee]xercise \d+\.\d|[Ss]ection (?!\[)")


def markdown(path: Path) -> str:
    return "\n\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")


def sections(path: Path) -> dict[str, str]:
    """The place in which each numbered equation and figure of a chapter stands, with its file."""
    found, here = {}, ""
    for line in markdown(path).split("\n"):
        if heading := re.match(r"##+ (.+)", line):
            here = f"{path.name}#{anchor(heading[1])}"
        found |= {f"({number})": here for number in re.findall(r"\\tag\{(.+?)\}", line)}
        found |= {f"Figure {number}": here for number in re.findall(r"^\*\*Figure (\d+\.\d+)\.\*\*", line)}
    return found


SECTIONS = {name: place for path in CHAPTERS for name, place in sections(path).items()}


def leads_to(name: str) -> str:
    """How the link begins that leads to a place of this name; a section's own name is a link."""
    return SECTIONS.get(name) or next((f"{int(number):02}_" for number in re.findall(r"\d+", name)), "no bare section")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_hint_that_names_a_place_links_to_it(path):
    hints = HINT.findall(markdown(path))
    assert hints
    for hint in hints:
        links = [path.name + link if link.startswith("#") else link for link in LINK.findall(hint)]
        for name in PLACE.findall(LINK.sub("[]", hint)):
            assert any(link.startswith(leads_to(name)) for link in links), f"{name} in: {hint}"


@pytest.mark.parametrize("check", BY_HAND, ids=lambda check: check.name)
def test_a_sentence_on_a_slip_that_the_page_says_names_no_place(check):
    sentences = [slip.sentence for slips in check.slips.values() for slip in slips.values()]
    assert [sentence for sentence in sentences if PLACE.search(sentence)] == []
