"""Terms of equations wear the palette's colours, and `terms.js` ties them to their bars in the live figure `bound`.

The notebook's TeX stays plain: a term is looked for as it is written there, and the build fails where it is missing.
Below the equation stands a button for each bar, with the bar itself and its nats.
"""

import re
from html import escape

from parsed_pages import parsed
from sphinx.errors import SphinxError

RECONSTRUCTION = r"\mathrm{E}_{q_\theta}\big[\log p_\phi(x|z)\big]"
KL = r"\mathrm{KL}\big(q_\theta(z|x)\,\Vert\,p(z)\big)"
BARS = {  # by their keys in vae_lib/figures/bound/view.js, the names that they have there
    "reconstruction": "reconstruction",
    "kl": "− KL",
    "part-mu": "½ μ²",
    "part-sigma": "½ (σ² − 1)",
    "part-log": "− ½ log σ²",
}
# By page and number: each term's TeX, its colour in the palette, and the bars of `bound` that it is.
TERMS = {
    ("book/04_elbo", r"\tag{4.5}"): {
        r"\mathrm{ELBO}(x)": ("q", "reconstruction kl"),
        RECONSTRUCTION: ("decoder", "reconstruction"),
        KL: ("kl", "kl"),
        r"\mathrm{ELBO}(x_n)": ("q", "reconstruction kl"),
    },
    ("book/04_elbo", r"\tag{4.8}"): {
        r"\mathrm{KL} &": ("kl", "part-mu part-sigma part-log"),
        r"\tfrac12 \mu^2": ("kl", "part-mu"),
        r"\tfrac12\big(\sigma^2 - 1\big)": ("kl", "part-sigma"),
        r"\tfrac12 \log \sigma^2": ("kl", "part-log"),
    },
}


def coloured(page: str, tex: str) -> str:
    """`tex` with its terms in classes, if it is one of these equations. Raises SphinxError where a term is missing."""
    for (where, tag), terms in TERMS.items():
        if where == page and tag in tex:
            for term, (colour, bars) in terms.items():
                names = " ".join(f"bar-{bar}" for bar in bars.split())
                tex = with_class(tex, term, f"term hue-{colour} {names}")
    return tex


def with_class(tex: str, term: str, names: str) -> str:
    if tex.count(term) != 1:
        raise SphinxError(f"expected the term {term} once in the equation, got it {tex.count(term)} times:\n{tex}")
    shown, end = (term[:-2], " &") if term.endswith(" &") else (term, "")
    return tex.replace(term, rf"\class{{{names}}}{{{shown}}}{end}")


def put_buttons(app, docname, body):
    for (_, tag), terms in [(at, terms) for at, terms in TERMS.items() if at[0] == docname]:
        figures = body.select('figure.numbered:has([data-explorable="bound"])')
        equation = body.find("div", attrs={"data-tex": re.compile(re.escape(tag))})
        for found, what in ((figures, "a numbered figure `bound`"), (equation, f"an equation with {tag}")):
            if not found:
                raise SphinxError(f"{docname}: expected {what} for the terms of TERMS, got none")
        equation.insert_after(fragment(buttons(terms, figures[-1]["id"])))


def buttons(terms: dict, figure: str) -> str:
    """The buttons of the bars that the terms of an equation are, in the order of BARS."""
    keys = {key for _, bars in terms.values() for key in bars.split()}
    bars = [
        f'<button type="button" data-bar="{key}">{escape(name)} <i></i> <output></output></button>'
        for key, name in BARS.items()
        if key in keys
    ]
    where = f'<a href="#{figure}">q of Figure {figure.removeprefix("figure-").replace("-", ".")}</a>'
    return f'<div class="bars-of-terms"><span>At the {where}:</span>{"".join(bars)}</div>'


def fragment(markup: str):
    return parsed(markup).div


def load_script(app, page, template, context, doctree):
    if any(where == page for where, _ in TERMS):
        app.add_css_file("terms.css")
        app.add_js_file("terms.js", loading_method="defer")


def setup(app):
    app.connect("chapter-parsed", put_buttons)
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
