"""The bundle of a figure's modules, run by node: each module has its own names, and an import means what it says."""

import subprocess

from vae_lib.figures.base.bundle import bundle

VIEW = """import { half as scale, shown as theirs } from "./other.js";
import {
  double,
  half,
} from "./third.js";
import style from "./style.css";

const shown = "ours";

export function render() {
  return [shown, theirs, scale(8), double(3), half(3), style].join(" ");
}
"""
OTHER = """import { half as quarter } from "./third.js";

export const shown = "theirs";
const double = "no function";

export const half = (x) => quarter(quarter(x)) + double.length - 11;
"""
THIRD = """const shown = "of the third";

export const half = (x) => x / 2;

export function double(x) {
  return 2 * x + shown.length - 12;
}
"""


def test_two_modules_may_have_one_name_for_two_things(tmp_path):
    files = {"view.js": VIEW, "other.js": OTHER, "third.js": THIRD, "style.css": 'p { content: "`${x}\\\\"; }'}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "joined.mjs").write_text(bundle(tmp_path / "view.js", {}))
    script = 'import figure from "./joined.mjs"; console.log(figure.render());'
    command = ["node", "--input-type=module", "--eval", script]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said == f"ours theirs 2 6 1.5 {files['style.css']}\n"
