"""The cells of a deeper section carry the tag `deeper`, so that a notebook can be read, or cut, without them.

A heading that begins or ends such a section begins a cell: `make notebooks` splits the Markdown where one does not.
"""

from copy import deepcopy

import minutes
from nbformat import NotebookNode

TAG = "deeper"


def tagged(cells: list[NotebookNode]) -> list[NotebookNode]:
    found, above = [], 0
    for cell in cells:
        for part, level in runs(cell, above):
            above = level
            tags = [tag for tag in part.metadata.get("tags", []) if tag != TAG] + [TAG] * (level > 0)
            part.metadata.pop("tags", None)
            part.metadata |= {"tags": tags} if tags else {}
            found.append(part)
    return found


def runs(cell: NotebookNode, level: int) -> list[tuple[NotebookNode, int]]:
    """The cell in as many cells as it has parts that are deeper or not, each with its level (see `minutes.level`)."""
    if cell.cell_type == "code":
        return [(cell, level)]
    texts: list[list] = []
    for part in minutes.parts(cell.source):
        level = minutes.level(part, level)
        if texts and (level > 0) == (texts[-1][1] > 0):
            texts[-1] = [texts[-1][0] + part, level]
        else:
            texts.append([part, level])
    split = [(cell, texts[0][1])] + [(deepcopy(cell), level) for _, level in texts[1:]]
    for i, ((part, _), (text, _)) in enumerate(zip(split, texts, strict=True)):
        part.source, part.id = text.strip("\n"), part.id + f"-{i + 1}" * (i > 0)
    return split
