"""The exercises: each judges an answer and names the mistake. `check_kl` is made in `kl.py`; the engine is beside.

That of `training` still has the older form: a function over `verdict.py`.
"""

from pathlib import Path

from vae_lib.lazy import lazily

OLDER = {
    "training": "check_training_step",
}
OTHERS = {"__init__", "verdict", *OLDER}  # files that are no exercise
ONE_EACH = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in OTHERS)

NUMBERS = {"families.network": "NEW_EPS NEW_WEIGHTS NEW_X"}  # of chapter 2

lazily(__name__, **OLDER, **NUMBERS, **{name: f"check_{name}" for name in ONE_EACH})
