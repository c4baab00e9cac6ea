"""published.json: what `benchmarks/published.py` has recorded. Hours of training: the logs are kept, not made anew."""

import json
import math
from pathlib import Path

import torch

LOGS = sorted((Path(__file__).parents[2] / "benchmarks" / "published").glob("*.json"))
# Of the training, as far as it was noted down: null is not known.
VERSIONS = {
    "python": None,
    "torch": "2.11.0 on a GPU, 2.13.0 for the run on a CPU",
    "numpy": None,
    "scikit-learn": None,
}


def published() -> dict[str, list]:
    """The runs by k, then by epochs, of which about a hundred are kept."""
    logs = [json.loads(path.read_text()) for path in LOGS]
    logs.sort(key=lambda log: (log["setting"]["num_samples"], len(log["train"])))
    return {"runs": [thinned(log) for log in logs]}


def thinned(log: dict) -> dict:
    epochs = torch.logspace(0, math.log10(len(log["train"])), 100).round().int().unique().tolist()
    return log | {"train": {"epoch": epochs, "objective": [log["train"][epoch - 1] for epoch in epochs]}}
