"""`{{ repository_url }}` in a Markdown page, code blocks included, is the address that stands in `_config.yml`.

The address of the pages follows from it, unless `html.baseurl` there names another.
"""


def pages_address(repository: str) -> str:
    """Where GitHub Pages publishes a repository: https://owner.github.io/name/, or its owner's own site."""
    owner, name = repository.removesuffix("/").removesuffix(".git").split("/")[-2:]
    host = f"{owner}.github.io".lower()
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def write_address(app, docname, source):
    if app.env.doc2path(docname).endswith(".md"):
        source[0] = source[0].replace("{{ repository_url }}", app.config.html_theme_options["repository_url"])


def set_base(app, config):
    config.html_baseurl = config.html_baseurl or pages_address(config.html_theme_options["repository_url"])


def setup(app):
    app.connect("config-inited", set_base)
    app.connect("source-read", write_address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
