"""What a page says of the answers to its exercises by hand, as a script of tables beside the pages.

An exercise's `table` is made of its file: the right numbers, each entry's step, and every slip with its sentence, its
arithmetic on a tape, since a slip may follow from the reader's own numbers. `_static/judge.js` judges by it as
`vae_lib.exercises.engine.by_hand` does, and `tests/browser/test_parity_by_hand.py` holds the two together.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from tape import Tape

from vae_lib import exercises
from vae_lib.exercises.engine import ByHand, apply
from vae_lib.exercises.engine.by_hand import close

PAIR = "two things are so: {}; and {}"


def check_of(name: str):
    return getattr(exercises, f"check_{name}")


@cache
def table(name: str) -> dict:
    """The table of an exercise by hand: steps of the tape; for each entry its right numbers, step and slips."""
    check = check_of(name)
    right = {entry: np.asarray(value, dtype=float) for entry, value in check.expected.items()}
    tape, values = on_tape(check, right)
    entries = {
        entry: {
            "right": right[entry].ravel().tolist(),
            "step": places(tape, apply(step, values)),
            "slips": slips(tape, check, entry, right[entry], values),
        }
        for entry, step in check.steps.items()
    }
    return {"name": name, "steps": tape.steps, "entries": entries}


def on_tape(check: ByHand, right: dict) -> tuple[Tape, dict]:
    """A tape whose inputs are the entries' numbers, one entry after another, and all values by name."""
    tape, values, start = Tape(sum(value.size for value in right.values())), dict(check.numbers), 0
    for entry, value in right.items():
        values[entry] = tape.inputs(start, value.shape)
        start += value.size
    return tape, values


def slips(tape: Tape, check: ByHand, entry: str, right: np.ndarray, values: dict) -> list[list]:
    """Of each slip that an answer can show: its key, its sentence (0 where those of a pair make it), its places."""
    found = {}
    for key, slip in check.slips[entry].items():
        made = np.asarray(apply(slip.function, values))
        if made.shape == right.shape and not is_idle(made, right):
            both = [found[one][0] for one in key.split("+") if one in found]
            is_pair = len(both) == 2 and slip.sentence == PAIR.format(*both)
            found[key] = 0 if is_pair else slip.sentence, places(tape, made)
    return [[key, *rest] for key, rest in found.items()]


def is_idle(made: np.ndarray, right: np.ndarray) -> bool:
    """Whether a slip gives the right numbers, or none, whatever came before."""
    return made.dtype != object and (close(made, right) or not np.isfinite(made).all())


def places(tape: Tape, made) -> list[int]:
    return [tape.place(number) for number in np.asarray(made).ravel()]


def script(names: list[str]) -> str:
    """The tables of these exercises as a script."""
    tables = {name: table(name) for name in names}
    return f"const ANSWERS = {json.dumps(tables, ensure_ascii=False, separators=(',', ':'))};\n"


def write(outdir: str, docname: str, names: list[str]) -> str:
    """Write the script of a page; its address below the pages' root, with a mark of its content."""
    text, address = script(names), f"_static/answers/{Path(docname).name}.js"
    path = Path(outdir) / address
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return f"{address}?v={sha256(text.encode()).hexdigest()[:8]}"
