r"""Every displayed equation reaches MathJax as it was written, so that `\tag{4.2}` works in all of them.

Sphinx wraps an equation that holds a line break (aligned, cases) in `split`, where MathJax refuses `\tag`: the build
stays green and the page shows an error. Here each display gets its own `\[…\]` and Sphinx leaves it alone.
"""

from docutils import nodes


def keep_as_written(app, doctree, docname):
    for equation in doctree.findall(nodes.math_block):
        equation["nowrap"] = True
        equation.children = [nodes.Text(rf"\[{equation.astext()}\]")]


def setup(app):
    app.connect("doctree-resolved", keep_as_written)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
