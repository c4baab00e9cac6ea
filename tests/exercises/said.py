"""What is said of every answer, a line each, in said.txt: `make mistakes` writes it, and its diff is reviewed.

Fails where an answer does not get its key. Numbers with a decimal point are left out: processors round differently.
"""

import re
import sys
from multiprocessing import Pool
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from answers import files
from vae_lib import exercises
from vae_lib.exercises.engine import Verdict

SAID = Path(__file__).with_name("said.txt")


def line(name: str, words: str, verdict: Verdict) -> str:
    sentence = re.sub(r"-?\d+\.\d+(?:e-?\d+)?", "#", verdict.sentence).replace("\n", " ")
    return f"{name} | {words} | {verdict.key.removeprefix(f'{name}/') or verdict.status} | {sentence}"


def lines_of(name: str) -> list[tuple[str, bool]]:
    """A line for each answer to an exercise, and whether its key is the expected one."""
    judged, judge = [], getattr(exercises, f"check_{name}").judge
    for answer, words, key in files()[name].ANSWERS:
        verdict = judge(answer)
        judged.append((line(name, words, verdict), (verdict.key, verdict.status) == expected(name, key)))
    return judged


def expected(name: str, key: str) -> tuple[str, str]:
    return {"": ("", "right"), "open": ("", "not attempted")}.get(key, (f"{name}/{key}", "wrong"))


def main() -> int:
    with Pool(2, torch.set_num_threads, (1,)) as pool:
        judged = [each for of_one in pool.map(lines_of, files(), chunksize=1) for each in of_one]
    SAID.write_text("".join(f"{text}\n" for text, _ in judged))
    failed = [text for text, as_expected in judged if not as_expected]
    print(
        *(f"FAILED | {text}" for text in failed), f"{len(judged)} answers, {len(failed)} without their key.", sep="\n"
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
