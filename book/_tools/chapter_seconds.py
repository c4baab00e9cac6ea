"""How long do the chapters run? `make seconds` prints each one's CPU seconds, divided by those of a fixed loop.

The ratio stands beside the recorded one, which is about the same on any machine; above MOST times that, or without a
record, the run fails. `--record` writes the record anew, for a chapter that has become longer and is meant to be.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import nbformat
import torch
from nbclient import NotebookClient
from notebooks import chapters

RECORD = Path(__file__).with_suffix(".json")
MOST = 1.5
STEPS = 50_000


def loop_seconds() -> float:
    """CPU seconds of a fixed loop whose steps are like a chapter's: Python that calls small operations of torch."""
    x, w = torch.ones(64, 64) / 8, torch.eye(64).roll(1, 0)
    start = time.process_time()
    for _ in range(STEPS):
        x = (x @ w).tanh() + 0.1
    return time.process_time() - start


def chapter_seconds(path: Path) -> float:
    """CPU seconds of the kernel in which the chapter runs, imports included."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import time\nprint(time.process_time())"))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    return float(notebook.cells[-1].outputs[0].text)


def measured(path: Path) -> float:
    """The chapter's ratio: its seconds by the mean of the loop's right before and right after."""
    before, seconds, after = loop_seconds(), chapter_seconds(path), loop_seconds()
    return seconds / statistics.mean((before, after))


def too_slow(ratio: float, recorded: float | None) -> bool:
    return recorded is None or ratio > MOST * recorded


def row(name: str, ratio: float, recorded: float | None) -> str:
    """A line of the table."""
    was = "no record" if recorded is None else f"recorded {recorded:.1f}{', TOO SLOW' * too_slow(ratio, recorded)}"
    return f"{name:<24} {ratio:5.1f} loops, {was}"


def main(record: bool) -> int:
    torch.set_num_threads(1)
    loop_seconds()  # warms up
    recorded, ratios = {} if record else json.loads(RECORD.read_text()), {}
    for path in chapters():
        ratios[path.stem] = round(measured(path), 1)
        print(row(path.stem, ratios[path.stem], recorded.get(path.stem)), flush=True)
    if record:
        RECORD.write_text(json.dumps(ratios, indent=2) + "\n")
        return 0
    return int(any(too_slow(ratio, recorded.get(name)) for name, ratio in ratios.items()))


if __name__ == "__main__":
    sys.exit(main(record="--record" in sys.argv))
