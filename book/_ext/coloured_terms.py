"""Terms of equations get classes, so that they wear the palette's colours and `terms.js` ties them to their bars.

The notebook's TeX stays plain: a term is looked for as it is written there, and the build fails where it is missing.
"""

from sphinx.errors import SphinxError

RECONSTRUCTION = r"\mathrm{E}_{q_\theta}\big[\log p_\phi(x|z)\big]"
KL = r"\mathrm{KL}\big(q_\theta(z|x)\,\Vert\,p(z)\big)"
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


def load_script(app, page, template, context, doctree):
    if any(where == page for where, _ in TERMS):
        app.add_css_file("terms.css")
        app.add_js_file("terms.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
