"""`{{ repository_url }}` in a Markdown page, code blocks included, is the address that stands in `_config.yml`."""


def write_address(app, docname, source):
    if app.env.doc2path(docname).endswith(".md"):
        source[0] = source[0].replace("{{ repository_url }}", app.config.html_theme_options["repository_url"])


def setup(app):
    app.connect("source-read", write_address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
