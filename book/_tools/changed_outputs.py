"""Which text outputs differ from the committed ones, cell by cell: the last step of `make upgrade`."""

import json
import subprocess

from notebooks import ROOT, chapters


def text_outputs(notebook: dict) -> dict[str, str]:
    """cell id → what its outputs say as text (pictures are left out)."""
    texts = {}
    for cell in notebook["cells"]:
        parts = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.get("outputs", [])]
        parts += [out.get("data", {}).get("text/markdown", "") for out in cell.get("outputs", [])]
        texts[cell["id"]] = "".join("".join(part) for part in parts)
    return texts


def committed(path) -> dict:
    name = f"HEAD:{path.relative_to(ROOT)}"
    return json.loads(subprocess.run(["git", "show", name], cwd=ROOT, capture_output=True, check=True).stdout)


if __name__ == "__main__":
    for path in chapters():
        before, after = text_outputs(committed(path)), text_outputs(json.loads(path.read_text()))
        for cell_id in [key for key in after if before.get(key) != after[key]]:
            print(f"{path.name} cell {cell_id}:\n- {before.get(cell_id)!r}\n+ {after[cell_id]!r}")
