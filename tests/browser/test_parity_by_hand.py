"""The page judges an answer by hand as Python does: the same status, key, sentence and entries, for any answer."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vae_lib import exercises
from vae_lib.exercises.engine import ByHand, Seen, apply, whole
from vae_lib.page.pencil import NoNumber, read

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import answer_tables  # noqa: E402

BY_HAND = [name for name in exercises.ONE_EACH if isinstance(answer_tables.check_of(name), ByHand)]
MANY = 500
NO_NUMBERS = ["", " ", "abc", "x^0", "nan", "1/0", "1;2", "1, 2", "1,5,2", "(1", "2 3", "log(-1)", "--", "inf"]
NO_NUMBERS += ["ln", "2 ln", "log2(8)", "exp()", "ln 2(3)", "1//2", "2* *3", "1e400", "()", "1.2½", "“two”", "5 nats"]
TWO_WAYS = [
    "ln 1/4",
    "2 ln 2/3",
    "Ln 2 / 3",
    "9/8 − ln ½÷2",
    "ln 2π/2",
    "log 2*pi",
    "ln 2^2",
    "ln 0,5/ln 2",
    "exp 2·(1+1)",
]
NO_NUMBERS += TWO_WAYS
PENCIL = [
    "−2 ln 2",
    "2 ln 2",
    "9/8 + log(2)",
    "ln 2",
    " 3 / 4 ",
    "5 * log( 2 ) / 4",
    "- 1",
    "1 - -2",
    "0,5 ",
    "0,5 ln 2",
]
PHONE = ["–1.5", "3×2", "6÷3", "2 · π", '"2*log(5)"', "“9/8”"]
HANDS = "½ -½ 2½ √2 √(2) 2pi 2π 2(3) (1+1)(3) ln2π e^-2 2e E^2 LN(2) 1/2pi 007 2^½"
HANDS_APART = ["(1/2)ln 2", "½ ln 2", "1/2 ln 2", "Ln 2", "sqrt 2", "2 ½", "ln 0.5", "ln(2) / 3", "pi e", "2⋅3"]
HANDS_APART += ["1,5 + 0,25", "0,5 ln(0,25)", "—4ln2", "ln 2 π", "ln(2π)", "√2/2"]
SIGNS = (
    "0 -0 1 12 .5 5. 1.25 -1.25 +1.25 −1.25 0,25 -0,25 −1,5 1e-3 2E2 1/4 -3/2 1-2-3 8/4/2 --1 3*-2 2^3^2 2^3 2**3 -2^2"
)
LOGS = "9/8+log(2) −2·ln(2) 2*log(2) 3ln2 ln2 ln(2/7) log(5)/2 2^-1 (1+2)*3 -(1/2) exp(1) sqrt(2) pi 1/2*log(2*pi)"
SUCH = "1.125, 9/8 or 2 ln 2"
NUMBERS = [*SIGNS.split(), *LOGS.split(), *PENCIL, *PHONE, *HANDS.split(), *HANDS_APART]


def texts_of(numbers, digits: int | None = None) -> list[str]:
    return [repr(float(one) if digits is None else round(float(one), digits)) for one in np.ravel(numbers)]


def some_answers(check: ByHand) -> list[dict[str, list[str]]]:
    """Right ones, every slip alone and carried on, and whatever else one may type, MANY or more."""
    rng = np.random.default_rng(0)
    right = {entry: texts_of(value) for entry, value in check.expected.items()}
    rounded = {entry: texts_of(value, 4) for entry, value in check.expected.items()}
    found = [right, rounded, {}, {entry: ["0"] * len(texts) for entry, texts in right.items()}]
    for entry, slips in check.slips.items():
        found += [
            {entry: texts_of(apply(slip.function, dict(check.numbers) | check.expected))} for slip in slips.values()
        ]
    found = [answer for answer in found if fits(answer, right)]
    found += [carried_on(check, answer) for answer in found if len(answer) == 1][::3]
    while len(found) < MANY or len(found) % 100:
        base = found[rng.integers(len(found))]
        found.append({entry: typed(rng, right, entry, base.get(entry, right[entry])) for entry in right})
    return found


def fits(answer: dict, right: dict) -> bool:
    return all(len(texts) == len(right[entry]) and "nan" not in texts for entry, texts in answer.items())


def carried_on(check: ByHand, answer: dict) -> dict:
    """The entries after it, as they follow from it, rounded as by a pencil."""
    values = dict(check.numbers) | check.expected
    values |= {entry: np.reshape([float(one) for one in texts], values[entry].shape) for entry, texts in answer.items()}
    for entry in list(check.steps)[list(check.steps).index(*answer) + 1 :]:
        values[entry] = apply(check.steps[entry], values)
    return {entry: texts_of(values[entry], 5) for entry in check.steps if np.isfinite(values[entry]).all()}


def typed(rng: np.random.Generator, right: dict, entry: str, texts: list[str]) -> list[str]:
    """One of the things that readers do to numbers."""
    numbers, place = np.array([float(one) if is_plain(one) else 0.5 for one in texts]), rng.integers(len(texts))
    other = list(right.values())[rng.integers(len(right))]
    ways = [
        lambda: texts,
        lambda: texts,
        lambda: right[entry],
        lambda: texts_of(numbers, rng.integers(1, 5)),
        lambda: texts_of(-numbers),
        lambda: texts_of(numbers * rng.choice([0.5, 2, 3, -2, 1.5, 1e5, 1e-5])),
        lambda: texts_of(numbers + rng.choice([-1, 0.5, 3])),
        lambda: texts_of(numbers[::-1]),
        lambda: texts_of(np.roll(numbers, 1)),
        lambda: texts_of(np.where(np.arange(len(numbers)) == place, rng.normal(), numbers)),
        lambda: texts_of(numbers * (1 + rng.choice([1e-3, 1.9e-3, 2.1e-3, 1e-4]))),
        lambda: texts_of(rng.normal(0, 3, len(numbers))),
        lambda: (other * 9)[: len(texts)],
        lambda: [one if i != place else str(rng.choice(NO_NUMBERS)) for i, one in enumerate(texts)],
        lambda: [one.replace(".", ",").replace("-", "−") for one in texts],
        lambda: [""] * len(texts),
    ]
    return ways[rng.integers(len(ways))]()


def is_plain(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", text)) and np.isfinite(float(text))


def in_python(check: ByHand, answer: dict):
    """The verdict on texts, those of plain numbers read without sympy, which takes its time."""
    shapes = {entry: np.shape(value) for entry, value in check.expected.items()}
    given = {e: np.reshape(texts, shapes[e]) for e, texts in answer.items() if all(text.strip() for text in texts)}
    if not all(is_plain(text) for texts in given.values() for text in texts.ravel()):
        return check.judge({entry: texts.tolist() for entry, texts in given.items()})
    return check.judge_seen({e: Seen("value", values={"value": texts.astype(float)}) for e, texts in given.items()})


def at_once(check: ByHand) -> ByHand:
    """The same check; a slip that no entry before it changes is computed once."""
    values = answer_tables.on_tape(check, {entry: np.asarray(value) for entry, value in check.expected.items()})[1]

    def kept(slip):
        made = apply(slip.function, values)
        return slip if made.dtype == object else whole(slip.sentence, lambda: made)

    return replace(check, slips={e: {key: kept(slip) for key, slip in all.items()} for e, all in check.slips.items()})


@pytest.fixture(scope="module")
def on_page():
    """What the page says of all answers, and how it reads the texts."""
    given = {name: some_answers(at_once(answer_tables.check_of(name))) for name in BY_HAND}
    stdin = {"script": answer_tables.script(BY_HAND), "answers": given, "texts": NUMBERS + NO_NUMBERS, "such": SUCH}
    command = ["node", str(Path(__file__).with_name("judge.mjs"))]
    result = subprocess.run(command, input=json.dumps(stdin), capture_output=True, text=True, check=True)
    return {"given": given, **json.loads(result.stdout)}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_page_says_of_every_answer_what_python_says(name, on_page):
    check, given, said = at_once(answer_tables.check_of(name)), on_page["given"][name], on_page["said"][name]
    verdicts = [in_python(check, answer) for answer in given]
    theirs = [{key: getattr(v, key) for key in ("status", "key", "sentence", "entries")} for v in verdicts]
    ours = [{key: one[key] for key in ("status", "key", "sentence", "entries")} for one in said]
    differ = [(answer, a, b) for answer, a, b in zip(given, theirs, ours, strict=True) if a != b]
    assert (len(given) >= MANY, differ) == (True, [])
    assert len({verdict.key for verdict in verdicts}) > 15
    assert {verdict.status for verdict in verdicts} == {"right", "wrong", "not attempted"}


def test_the_page_reads_numbers_as_python_does(on_page):
    ours = dict(zip(NUMBERS + NO_NUMBERS, on_page["read"], strict=True))
    assert [ours[text] for text in NUMBERS] == pytest.approx([float(read(text)) for text in NUMBERS])
    words = dict(zip(NUMBERS + NO_NUMBERS, on_page["none"], strict=True))
    for text in NO_NUMBERS:
        with pytest.raises(NoNumber) as found:
            read(text)
        assert words[text] == str(found.value)
    assert all("can be read as" in words[text] for text in TWO_WAYS)
    assert {ours[text] for text in NO_NUMBERS} == {None}  # NaN, which JSON does not have
