"""What the search may find: each section of the book, each word of the glossary, each function, each figure, and the
rows of the tables in which one looks things up, with its title, its text, and what else a reader may call it.
"""

import re
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes

PAGES = {"api": 0.3, "staff": 0.35, "references": 0.7, "index": 0.6, "quick_reference": 0.85, "i_see": 1.15}
TITLES = {
    r"^Exercise": 0.6,
    r"^(Exercises|Where to read on)$": 0.35,
    r"^(Solutions|Summary)": 0.5,
    r"\(deeper\)$": 0.85,
}
LOOKED_UP = {"the-table", "formulas", "symptom-cause", "symptom-and-cause", "if-you-got-another-number"}  # sections
INTERNAL = re.compile(r"\.(?:diagnose\.(?:loss|model)_|(?:exercises|figures|labs|page)\.)")
CALLED = re.compile(r"[\w.]+(?=\()")
OTHER_WORDS, FIGURE, TAG = "In other words:", re.compile(r"^Figure \d+\.\d+"), re.compile(r"\\tag\{(.+?)\}")
APART = nodes.section | nodes.title | nodes.comment | nodes.image | addnodes.index | addnodes.desc
FUNCTIONS = ["log", "ln", "exp", "max", "min", "det", "tr"]
BLOCK = nodes.paragraph | nodes.entry | nodes.list_item | nodes.term | nodes.math_block | nodes.literal_block
NAMED = r"""alpha α beta β gamma γ delta δ epsilon ε varepsilon ε eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ pi π
    rho ρ sigma σ tau τ phi ϕ varphi φ chi χ psi ψ omega ω Delta Δ Gamma Γ Lambda Λ Phi Φ Sigma Σ Omega Ω mid ∣ Vert ‖
    lVert ‖ rVert ‖ vert | top ᵀ odot ⊙ cdot · times × le ≤ ge ≥ approx ≈ sim ∼ infty ∞ sum ∑ prod ∏ int ∫ nabla ∇
    partial ∂ to → pm ± ne ≠ in ∈ quad , qquad , ell ℓ mapsto ↦ Rightarrow ⇒ iff ⇔ ldots … dots …"""
SIGNS = dict(zip(NAMED.split()[::2], NAMED.split()[1::2], strict=True))  # of TeX


class Section(NamedTuple):
    """`place` is page#anchor, `code` what is called there, `also` are other titles; `rank` multiplies the score."""

    place: str
    title: str
    text: str
    code: str
    also: list[str]
    rank: float


def mark_rows(app, doctree):
    """Give each row of a table in which one looks things up an anchor: that of its section, and a number."""
    for at in doctree.findall(nodes.section):
        if LOOKED_UP & {at["ids"][0], *at.parent.get("ids", [])}:
            rows = [
                row for row in at.findall(nodes.row) if isinstance(row.parent, nodes.tbody) and section_of(row) is at
            ]
            for number, row in enumerate(rows, 1):
                row["ids"].append(f"{at['ids'][0]}-{number}")


def marked_rows(section) -> list:
    return [row for row in section.findall(nodes.row) if row["ids"] and section_of(row) is section]


def section_of(node):
    while not isinstance(node, nodes.section):
        node = node.parent
    return node


def sections(page: str, doctree):
    """All that a page has to be found, in its order."""
    for section in doctree.findall(nodes.section):
        yield of_section(page, section)
        for row in marked_rows(section):
            yield of_row(page, row)
    yield from (of_figure(page, each) for each in doctree.findall(nodes.paragraph) if is_caption(each))
    yield from (of_term(page, term) for term in doctree.findall(nodes.term) if term["ids"])
    yield from (of_function(page, each) for each in functions(doctree) if not INTERNAL.search(each["module"]))


def of_section(page: str, section) -> Section:
    title = plain(section.next_node(nodes.title))
    rank = PAGES.get(Path(page).name, 1)
    for pattern, factor in TITLES.items():
        rank *= factor if re.search(pattern, title) else 1
    also = [f"equation {tag}" for math in own(section, nodes.math_block) for tag in TAG.findall(math.astext())]
    chapter = re.match(r"\d+(?=\. )", title)
    also += [f"chapter {chapter[0]}"] if chapter and isinstance(section.parent, nodes.document) else []
    for paragraph in own(section, nodes.paragraph):
        if paragraph.astext().startswith(OTHER_WORDS):
            also += plain(paragraph).removeprefix(OTHER_WORDS).strip(" .").split(", ")
    blocks = [block.astext() for block in own(section, nodes.literal_block) if is_shown_code(block)]
    code = " ".join(CALLED.findall("\n".join(blocks)))
    code += "".join(f" {each['fullname']}" for each in functions(section) if INTERNAL.search(each["module"]))
    text = "" if title == "Solutions" else squeeze(plain(section)).replace(f"{OTHER_WORDS} {', '.join(also)}. ", "")
    text = text.partition("A question first. ")[2] or text  # not a chapter's minutes
    return Section(f"{page}#{section['ids'][0]}", title.partition(" · ")[0], text, code, also, rank)


def of_row(page: str, row) -> Section:
    first, *others = (squeeze(plain(entry)) for entry in row)
    return Section(f"{page}#{row['ids'][0]}", first, " · ".join(others), "", [], 0.8)


def of_figure(page: str, caption) -> Section:
    name = FIGURE.match(caption.astext())[0]
    place = f"{page}#{name.lower().replace(' ', '-').replace('.', '-')}"
    return Section(place, name, squeeze(plain(caption)).removeprefix(f"{name}. "), "", [], 0.5)


def is_caption(paragraph) -> bool:
    label = paragraph.next_node(nodes.strong)
    return bool(
        label and FIGURE.fullmatch(label.astext().rstrip(".")) and paragraph.astext().startswith(label.astext())
    )


def of_term(page: str, term) -> Section:
    definition = term.parent.next_node(nodes.definition)
    return Section(f"{page}#{term['ids'][0]}", squeeze(plain(term)), squeeze(plain(definition)), "", [], 1.25)


def of_function(page: str, signature) -> Section:
    about = signature.parent.next_node(addnodes.desc_content)
    text = next((plain(paragraph) for paragraph in about.findall(nodes.paragraph)), "")
    return Section(f"{page}#{signature['ids'][0]}", signature["fullname"], squeeze(text).split(". ")[0], "", [], 0.35)


def functions(node) -> list:
    """The signatures of the functions and classes below."""
    return [
        each.next_node(addnodes.desc_signature)
        for each in node.findall(addnodes.desc)
        if each["objtype"] in ("function", "class")
    ]


def own(section, kind) -> list:
    return [node for node in section.findall(kind) if section_of(node) is section]


def is_shown_code(block) -> bool:
    cell = block.parent.parent
    return "cell_input" in block.parent.get("classes", []) and not {"tag_hide-input", "tag_hide-cell"} & set(
        cell["classes"]
    )


def plain(node) -> str:
    """The text of a node without that of what is found by itself, without code; formulas are signs."""
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, nodes.raw):
        return " "
    if isinstance(node, nodes.math | nodes.math_block):
        return signs(node.astext())
    if (isinstance(node, nodes.row) and node["ids"]) or node.get("language") == "python":
        return ""
    if node.get("mime_type") == "text/plain" and len(node.parent) > 1:
        return ""  # <IPython.core.display.HTML object>
    kept = [child for child in node.children if not isinstance(child, APART | addnodes.glossary)]
    return "".join(map(plain, kept)) + (" " if isinstance(node, BLOCK) else "")


def signs(tex: str) -> str:
    """A formula in Unicode, as near as it can be had: `\\tfrac12 \\sigma^2` is ½ σ²."""
    tex = (
        TAG.sub(r" (\1)", tex)
        .replace("^2", "²")
        .replace(r"^\top", "ᵀ")
        .replace(r"\tfrac12", "½")
        .replace(r"\frac12", "½")
    )
    tex = re.sub(r"\\(?:mathrm|mathcal|mathbb|mathbf|text|operatorname|begin|end)\s*\{?([A-Za-z]+)\}?", alone, tex)
    tex = re.sub(r"\\t?frac\s*(?:\{([^{}]*)\}|(\w))\s*(?:\{([^{}]*)\}|(\w))", r"\1\2/\3\4", tex)
    tex = re.sub(r"\\([A-Za-z]+)", lambda name: SIGNS.get(name[1], name[1] if name[1] in FUNCTIONS else ""), tex)
    return re.sub(r"\\.|[{}&]|\\\\", " ", tex)


def alone(found) -> str:
    return " " if found[1] in ("aligned", "array", "pmatrix", "bmatrix", "cases") else f" {found[1]}"


def squeeze(text: str) -> str:
    return " ".join(text.split())
