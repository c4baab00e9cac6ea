"""Runs that take long: each is made once and kept, so that a script can be stopped and started again.

They lie in `.runs/`, which git ignores; one folder a plan, so that no run of another plan is taken for one of this.
Beside what a run made stand the CPU seconds that it took.
"""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

RUNS = Path(__file__).resolve().parents[2] / ".runs"


def folder(name: str, plan: object) -> Path:
    """The folder of the runs of this plan, whatever its `repr` says of it."""
    where = RUNS / f"{name} {hashlib.sha256(repr(plan).encode()).hexdigest()[:8]}"
    where.mkdir(parents=True, exist_ok=True)
    return where


def kept(where: Path, name: str, make: Callable[[], dict]) -> dict:
    """The run of this name: read, if it was made before, or made and written."""
    file = where / f"{name}.json"
    if not file.exists():
        begun = time.process_time()
        made = {"made": make(), "CPU seconds": round(time.process_time() - begun, 1)}
        file.with_suffix(".part").write_text(json.dumps(made))
        file.with_suffix(".part").rename(file)
        print(name, flush=True)
    return json.loads(file.read_text())["made"]


def cpu_seconds(where: Path, begin: str = "") -> float:
    """What all kept runs took whose names begin so."""
    return sum(json.loads(file.read_text())["CPU seconds"] for file in where.glob(f"{begin}*.json"))
