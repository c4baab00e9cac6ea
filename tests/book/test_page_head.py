"""What a shared link shows is plain text, whatever the page's title holds."""

import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from page_head import add_tags

CONFIG = SimpleNamespace(html_baseurl="https://a.org/", html_title="The Book", root_doc="book/index")
APP = SimpleNamespace(
    config=CONFIG,
    env=SimpleNamespace(all_docs=["book/index"]),
    builder=SimpleNamespace(get_target_uri=lambda page: f"{page}.html"),
)


def test_a_formula_in_a_title_is_said_in_its_signs_and_every_sign_is_escaped():
    formula = '<span class="math" data-tex="\\beta"><mjx-math><mjx-c></mjx-c></mjx-math><math><mi>β</mi></math></span>'
    context = {"title": f"Is {formula} &lt; 1 &amp; “whole”?"}
    add_tags(APP, "book/index", "page.html", context, None)
    assert '<meta property="og:title" content="Is β &lt; 1 &amp; “whole”?"/>' in context["metatags"]
