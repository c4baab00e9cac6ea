"""The explorables' pure functions, evaluated by node."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def javascript(module: str, function: str, arguments: list[list]) -> list:
    """The values of a function of a figure's formulas.js, or of another module, at each list of arguments."""
    path = ROOT / "vae_lib" / "figures" / (f"{module}.js" if "/" in module else f"{module}/formulas.js")
    command = ["node", str(ROOT / "tests" / "figures" / "evaluate.mjs"), str(path), function]
    result = subprocess.run(command, input=json.dumps(arguments), capture_output=True, text=True, check=True)
    return json.loads(result.stdout)
