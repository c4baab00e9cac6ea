"""The pages ask for nothing that is not beside them.

Jupyter Book sets up Thebe in every page, with an address on unpkg.com and twice, which is a JavaScript error, though no
page of this book uses it. Here it is taken out again.
"""


def setup(app):
    app.setup_extension("sphinx_thebe")  # does nothing where it is set up already: it must come before us
    for listeners in app.events.listeners.values():
        listeners[:] = [listener for listener in listeners if listener.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files = [file for file in app.registry.css_files if file[0] != "sphinx-thebe.css"]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
