"""A chapter's first screen: its number as a numeral, a bill of facts, the question in large type, and its live figure.

All of them stand in the notebook as plain Markdown and one cell. Here they get the classes that `_static/opening.css`
sets; the bill also gets links to Colab and to print. It takes in the switch of `deeper`.
"""

import re
from html import escape

from parsed_pages import paragraph, parsed
from sphinx.errors import ExtensionError

LINKS = """<a href="{colab}">Open in Colab</a>
<button class="print pst-js-only" type="button" onclick="window.print()">Print</button>"""
NUMBER = """<span class="number">{number}<span class="visually-hidden">.</span></span> {words}"""


def set_opening(app, docname, body):
    set_number(body, docname)
    paragraph(body, docname, "A question first.")["class"] = ["question"]
    set_bill(body, paragraph(body, docname, "Time:"), parsed(LINKS.format(colab=colab(app.config, docname))))
    if figure := body.select_one("[data-explorable]"):
        cell = figure.find_parent("div", class_="cell")
        cell["class"] = [*cell["class"], "opening"]
        cell.append(cell.details.extract())  # the figure first: folded code that came first would move down below it


def set_number(body, docname: str):
    """The number that begins the title as an element of its own. Raises ExtensionError where there is none."""
    title = body.h1.contents[0] if body.h1 else ""
    found = re.fullmatch(r"(\d+)\. (.*)", str(title))
    if not found:
        raise ExtensionError(f'{docname}: expected a title that begins with its number, "# 7. Title", got "{title}"')
    title.replace_with(parsed(NUMBER.format(number=found[1], words=escape(found[2]))))


def set_bill(body, times, links):
    """The line of times and the switch, in one box with the links."""
    bill = times.wrap(body.new_tag("div", attrs={"class": "bill"}))
    tools = body.new_tag("div", attrs={"class": "tools"})
    bill.append(tools)
    if switch := body.select_one(".fold-deeper"):
        tools.append(switch.extract())
    tools.append(links)


def colab(config, docname) -> str:
    """Where Colab opens the chapter's notebook."""
    theme = config.html_theme_options
    name = theme["repository_url"].removeprefix("https://github.com/")
    server = theme["launch_buttons"]["colab_url"]
    return f"{server}/github/{name}/blob/{theme['repository_branch']}/{docname}.ipynb"


def setup(app):
    app.add_css_file("opening.css")
    app.connect("chapter-parsed", set_opening)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
