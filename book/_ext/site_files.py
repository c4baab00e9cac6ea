"""Two files of a site: sitemap.xml, and 404.html, which GitHub Pages shows for an address that it does not know.

That address may be at any depth, so the links of 404.html begin at the site's root; opened as a file it has no styles.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

RELATIVE = re.compile(r'\b(href|src|action|data-content_root)="(?!#|/|[a-z]+:)(?:\./)?')
SITEMAP = """<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{}</urlset>
"""


def write(app, exception):
    if exception is None:
        write_sitemap(app)
        root_links(app)


def write_sitemap(app):
    pages = [app.config.html_baseurl + app.builder.get_target_uri(doc) for doc in sorted(app.env.all_docs)]
    text = SITEMAP.format("".join(f"<url><loc>{page}</loc></url>\n" for page in pages))
    (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")


def root_links(app):
    page, root = Path(app.outdir) / "404.html", urlsplit(app.config.html_baseurl).path
    page.write_text(RELATIVE.sub(rf'\1="{root}', page.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
