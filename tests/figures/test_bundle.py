"""A figure's modules as one: what `bundle` writes, and what it refuses (tests/browser/test_bundle_runs.py runs it)."""

import pytest

from vae_lib.figures.base.bundle import bundle

RENDER = "export function render() {}\n"


@pytest.fixture
def joined(tmp_path):
    """A function that writes modules, text by name, and gives the bundle of the first."""

    def of(**files: str) -> str:
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text)
        return bundle(tmp_path / next(iter(files)).replace("_", "."), {"given.css": "p { margin: 0 }"})

    return of


def test_the_bundle_exports_render_alone_and_imports_nothing(joined):
    text = joined(view_js='import { a } from "./a.js";\n' + RENDER, a_js="export const a = 1;\n")
    assert text.endswith("export default { render };\n")
    assert text.count("export ") == 1
    assert "import " not in text


def test_a_module_that_two_import_stands_once_and_before_both(joined):
    text = joined(
        view_js='import { b } from "./b.js";\nimport { c } from "./c.js";\n' + RENDER,
        b_js='import { c } from "./c.js";\nexport const b = c;\n',
        c_js="export const c = 3;\n",
    )
    assert text.count("const c = 3;") == 1
    assert text.index("const c = 3;") < text.index("const b = c;") < text.index("function render")


def test_a_style_sheet_is_its_text_from_a_file_or_as_given(joined):
    view = 'import own from "./own.css";\nimport given from "given.css";\n' + RENDER
    text = joined(view_js=view, own_css='a::after { content: "\\2192" }')
    assert r'const own = "a::after { content: \"\\2192\" }";' in text
    assert 'const given = "p { margin: 0 }";' in text


@pytest.mark.parametrize(
    "statement",
    [
        'import * as all from "./a.js";',
        'import "./a.js";',
        'import a, { b } from "./a.js";',
        "export default 3;",
        "export { render };",
        'export * from "./a.js";',
        "export let a = 1;",
        "export const { a } = {};",
    ],
)
def test_what_it_does_not_handle_is_an_error_that_says_where(joined, statement):
    with pytest.raises(ValueError, match=r"view.js, line 2: expected an import or export .* got (import|export)"):
        joined(view_js=f"// A view.\n{statement}\n{RENDER}", a_js="export const b = 1;\n")


def test_a_name_that_is_imported_must_be_exported(joined):
    with pytest.raises(ValueError, match=r"view.js, line 1: expected a.js to export b"):
        joined(view_js='import { a, b } from "./a.js";\n' + RENDER, a_js="export const a = 1;\nconst b = 2;\n")


def test_a_circle_of_imports_is_an_error_that_names_it(joined):
    circle = {
        "view_js": 'import { a } from "./a.js";\n' + RENDER,
        "a_js": 'import { b } from "./b.js";\nexport const a = 1;\n',
        "b_js": 'import { a } from "./a.js";\nexport const b = 1;\n',
    }
    with pytest.raises(ValueError, match=r"expected no circle of imports, got a.js → b.js → a.js"):
        joined(**circle)


def test_a_view_that_exports_no_render_is_an_error(joined):
    with pytest.raises(ValueError, match=r"expected view.js to export render"):
        joined(view_js="export const draw = 1;\n")


def test_nothing_in_it_ends_the_pages_script(joined):
    with pytest.raises(ValueError, match="expected no"):
        joined(view_js='const end = "</SCRIPT>";\n' + RENDER)
