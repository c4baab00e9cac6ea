"""mnist_yardsticks.json: what `benchmarks/mnist_vae.py` has recorded. Long trainings: their logs are kept."""

import json
from pathlib import Path

from vae_lib.shipped.weights import asset

FOLDER = Path(__file__).parents[2] / "benchmarks" / "mnist_vae"
LOGS = sorted(FOLDER.glob("*.json"))


def yardsticks() -> dict[str, dict]:
    """By binarisation: independent pixels, and one list a seed of what was reported after each of the epochs."""
    logs = {path.stem: json.loads(path.read_text()) for path in LOGS}
    pixels = logs.pop("independent_pixels")
    of = {name: [log for log in logs.values() if log["binarisation"] == name] for name in pixels}
    return {name: {"independent pixels": pixels[name], **_columns(of[name])} for name in pixels}


def _columns(runs: list[dict]) -> dict:
    one_a_seed = {name: [run[name] for run in runs] for name in ("seed", "test", "kl", "seconds")}
    return {"setting": runs[0]["setting"], "epochs": runs[0]["epochs"], **one_a_seed}


def versions() -> dict[str, str]:
    return json.loads((FOLDER / "static_0.json").read_text())["versions"]


def yardstick() -> float:
    """The metric: test −ELBO after the last epoch on images drawn black by chance, the mean over seeds."""
    values = [losses[-1] for losses in asset("mnist_yardsticks.json")["dynamic"]["test"]]
    return sum(values) / len(values)
