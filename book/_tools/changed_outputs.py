"""Which outputs differ from a commit's, cell by cell: `changed_outputs.py [REVISION]`, HEAD unless given.

The last step of `make upgrade`, and how a change that moves code shows that it changed no number. Pictures in PNG are
left out: no two CPUs draw the same trained network.
"""

import json
import subprocess
import sys

from notebooks import ROOT, chapters

KINDS = ("text/plain", "text/markdown", "text/html", "image/svg+xml")


def text_outputs(notebook: dict) -> dict[tuple[str, str], str]:
    """(cell id, kind) → what its outputs say as that kind of text."""
    texts = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            said = {"stream": output.get("text", "")} | output.get("data", {})
            for kind in ("stream", *KINDS):
                texts[cell["id"], kind] = texts.get((cell["id"], kind), "") + "".join(said.get(kind, ""))
    return texts


def committed(path, revision: str) -> dict:
    name = f"{revision}:{path.relative_to(ROOT)}"
    return json.loads(subprocess.run(["git", "show", name], cwd=ROOT, capture_output=True, check=True).stdout)


def first_difference(before: str, after: str) -> str:
    """The first line that is not the same, as it was and as it is."""
    pairs = zip([*before.splitlines(), ""], [*after.splitlines(), ""], strict=False)
    was, now = next(((a, b) for a, b in pairs if a != b), (f"{len(before)} characters", f"{len(after)} characters"))
    return f"  - {was[:200]}\n  + {now[:200]}"


if __name__ == "__main__":
    revision = sys.argv[1] if len(sys.argv) > 1 else "HEAD"
    for path in chapters():
        before, after = text_outputs(committed(path, revision)), text_outputs(json.loads(path.read_text()))
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                cell, kind = key
                print(f"{path.name} cell {cell}, {kind}:")
                print(first_difference(before.get(key, ""), after.get(key, "")))
