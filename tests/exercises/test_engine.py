"""The engine of the exercises: what an exercise file promises, and how it is judged."""

import ast
import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import torch
from scipy.stats import chi2

from answers import elbo as answers_to_elbo
from answers import files
from answers import kl as answers_to_kl
from answers import seen as answers_to_seen
from answers import vae as answers_to_vae
from vae_lib import exercises
from vae_lib.exercises import (
    check_cavi_by_hand,
    check_elbo,
    check_encoding_by_hand,
    check_kl,
    check_loss_by_hand,
    check_seen,
    check_vae,
    kl,
)
from vae_lib.exercises.engine import ByHand, Exercise, OnPaper, Sampled, Together, Verdict, after, swap, whole
from vae_lib.exercises.engine.mistakes import build, combine
from vae_lib.exercises.engine.observe import Call, Seen, observe, pack, unpack
from vae_lib.exercises.engine.statistics import CLAIM, REFUSE, Statistic, chi2_limit, misfit

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "vae_lib" / "exercises" / "engine" / "verdict.schema.json").read_text())
ENGINE = ROOT / "vae_lib" / "exercises" / "engine"
MOST_LINES = 905
TABLE = np.array([[2, 0], [1, 2]])
lines_of_code = runpy.run_path(str(ROOT / "tests" / "test_house.py"))["lines_of_code"]

ANSWERS = files()
ALL = {name: getattr(exercises, f"check_{name}") for name in exercises.ONE_EACH}
ON_PAPER = [check for check in ALL.values() if isinstance(check, OnPaper)]
CHECKS = {name: check for name, check in ALL.items() if check not in ON_PAPER}
BY_HAND = [name for name, check in CHECKS.items() if isinstance(check, ByHand)]


def matched() -> dict[str, tuple[Exercise, Callable]]:
    """Each exercise that recognises mistakes by what they give, and each method of a class; with its oracle."""
    found = {}
    for name, check in CHECKS.items():
        if isinstance(check, Together):
            found |= {
                f"{name}.{piece}": (check.pieces[piece], oracle) for piece, oracle in ANSWERS[name].oracle.items()
            }
        elif isinstance(check, Exercise):
            found[name] = check, ANSWERS[name].oracle
    return found


MATCHED = matched()
each_matched = pytest.mark.parametrize("name", MATCHED)


def test_every_exercise_has_its_answers_right_and_wrong():
    assert sorted(ANSWERS) == sorted(CHECKS)
    for name, file in ANSWERS.items():
        keys = [key for _, _, key in file.ANSWERS]
        assert "" in keys, name
        assert any(keys), name


def test_an_exercise_on_paper_has_a_model_answer_and_two_or_three_points():
    for check in ON_PAPER:
        assert 2 <= len(check.rubric) <= 3, check.name
        assert all(point.endswith(".") for point in check.rubric), check.name
        assert len(check.answer.split()) >= 15, check.name


def test_the_engine_is_short():
    sizes = {path.name: len(lines_of_code(path.read_text())) for path in ENGINE.glob("*.py")}
    assert sum(sizes.values()) <= MOST_LINES, sizes


def agree(a: Statistic, b: Statistic) -> bool:
    return misfit(a, b, REFUSE) < np.inf


def test_importing_the_exercises_loads_none():
    code = (
        "import sys, torch, vae_lib.exercises as e; print([m for m in sys.modules if m.startswith(e.__name__ + '.')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_half_that_touches_an_answer_imports_of_ours_the_words_alone():
    tree = ast.parse((ENGINE / "observe.py").read_text())
    named = [f"{node.module}.{node.names[0].name}" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [name for name in named if name.startswith("vae_lib")] == ["vae_lib.diagnose.words"]


# An exercise file


def plain(exercise: Exercise) -> Exercise:
    """The exercise of a class's method, asked of a function."""
    return replace(exercise, made_of=())


@each_matched
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_solution_its_parts_and_an_oracle_are_right_on_other_inputs_too(name, seed):
    exercise, oracle = plain(MATCHED[name][0]).for_student(seed), MATCHED[name][1]
    for answer in (exercise.solution, oracle, *(() if isinstance(exercise, Sampled) else (exercise.parts,))):
        verdict = exercise.judge(answer)
        assert verdict.status == "right", verdict


@each_matched
def test_a_mistake_differs_from_what_is_right_and_from_any_other(name):
    exercise = plain(MATCHED[name][0])
    if isinstance(exercise, Sampled):  # fewer draws have larger errors: who differs by these differs by all
        exercise = replace(exercise, many=min(exercise.many, 1000))
    for seed in (0,) if isinstance(exercise, Sampled) else (0, 1, 2):
        of_seed = exercise.for_student(seed)
        found = {key: [of_seed._of((key,), i, True) for i in range(len(of_seed.plan))] for key in exercise.mistakes}
        found["what is right"] = of_seed.of_solution
        assert {key for key, some in found.items() if not all(some)} == set()  # none raises on our inputs
        for number, (key, mine) in enumerate(found.items()):
            for other, theirs in list(found.items())[number + 1 :]:
                same = all(
                    n in b and agree(a[n], b[n])
                    for a, b in zip(mine, theirs, strict=True)
                    for n in a
                    if n in exercise.names
                )
                assert not same, f"{key} and {other}, seed {seed}"


@pytest.mark.parametrize("name", BY_HAND)
def test_a_students_own_numbers_by_hand_are_other_numbers_and_judged_as_ours(name):
    for seed in range(5):
        own = CHECKS[name].for_student(seed)
        assert own.judge(own.expected).status == "right"
        theirs, ours = ({**one.numbers, **one.expected} for one in (own, CHECKS[name]))
        assert any(not np.array_equal(theirs[entry], ours[entry]) for entry in ours)


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand_the_right_values_are_those_of_an_oracle(name):
    for entry, value in ANSWERS[name].oracle().items():
        np.testing.assert_allclose(CHECKS[name].expected[entry], value, atol=1e-6)


# By hand


def test_what_follows_from_a_wrong_number_is_not_called_wrong():
    right = check_encoding_by_hand.expected
    halved = {"log_var": right["log_var"] / 2, "sigma": np.exp(right["log_var"] / 4)}
    halved["z"] = right["mu"] + halved["sigma"] * check_encoding_by_hand.numbers["eps"]
    verdict = check_encoding_by_hand.judge(right | halved)
    assert verdict.key == "encoding_by_hand/log-var-halved"
    assert verdict.entries == {"h1": "right", "mu": "right", "log_var": "wrong", "sigma": "follows", "z": "follows"}
    assert "sigma, z: follows from your own numbers" in verdict.sentence


def test_what_follows_from_rounded_numbers_is_right_where_nothing_is_wrong():
    right = check_cavi_by_hand.expected
    rounded = {name: right[name].round(3) for name in ("from_year_1", "from_year_3")}
    verdict = check_cavi_by_hand.judge(rounded | {"q": np.array([0.213, 0.787])})
    assert (verdict.status, set(verdict.entries.values())) == ("right", {"right"})
    assert verdict.sentence == "from_year_1, from_year_3, q: right."


def test_each_entry_that_is_wrong_is_named_and_the_first_has_the_key():
    verdict = check_encoding_by_hand.judge({"h1": [-2, 1, 2], "mu": [0.5, 0.5, 0], "sigma": [0.25, 4, 0.0625]})
    assert verdict.key == "encoding_by_hand/h1-no-relu"
    assert verdict.entries == {"h1": "wrong", "mu": "follows", "log_var": "open", "sigma": "wrong", "z": "open"}
    assert "h1: this is what you get if the ReLU is forgotten" in verdict.sentence
    assert "sigma: this is what you get if exp(log σ²) is used as σ" in verdict.sentence


def test_a_slip_is_claimed_of_a_number_as_closely_as_the_number_is_written():
    without_one = check_loss_by_hand.expected["kl"] + 1.5
    assert check_loss_by_hand.judge({"kl": without_one}).key == "loss_by_hand/kl-one-missing|kl-eps"
    assert check_loss_by_hand.judge({"kl": round(1.0005 * without_one, 3)}).key == "loss_by_hand/kl-one-missing|kl-eps"
    assert check_loss_by_hand.judge({"kl": 1.0005 * without_one}).key == "loss_by_hand/unknown"


def test_the_expected_numbers_are_in_no_verdict_and_shown_on_request(capsys):
    verdict = check_encoding_by_hand.judge({"mu": [7, 8, 9.5]})
    assert verdict.expected == ""
    assert "-1.5" not in str(verdict).replace("eps = [-1.5", "")
    check_encoding_by_hand({"mu": [7, 8, 9.5]}, show="mu")
    assert capsys.readouterr().out.endswith("mu is [-1.5, 0.5, -1], shape [3].\n")


def test_four_digits_are_enough_by_hand_and_three_are_not():
    right = check_encoding_by_hand.expected
    assert check_encoding_by_hand.judge(right | {"log_var": [-1.386, 1.386, -2.773]}).status == "right"
    assert check_encoding_by_hand.judge(right | {"log_var": [-1.39, 1.38, -2.773]}).status == "wrong"


# Verdicts


def test_a_bug_of_ours_is_told_as_ours():
    def broken(seen, call):
        raise ZeroDivisionError("division by zero")

    verdict = replace(check_kl, statistics_of=broken).judge(kl.solution)
    assert verdict.status == "ours is broken"
    assert str(verdict).startswith("Our check broke, which says nothing of your answer (ZeroDivisionError")


def test_every_kind_of_verdict_keeps_the_schema():
    answers = [..., kl.solution, lambda mu, log_var: None, lambda mu, log_var: mu, 3]
    found = [check_kl.judge(answer) for answer in answers]
    found += [check_vae.judge(answer) for answer in (..., object, answers_to_vae.OneHead)]
    assert {verdict.status for verdict in found} == {"not attempted", "right", "wrong"}
    for verdict in found:
        jsonschema.validate(json.loads(json.dumps(asdict(verdict))), SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(asdict(Verdict("fine", "")), SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(asdict(replace(found[0], key="KL / half missing")), SCHEMA)


def test_a_class_with_a_stub_left_is_told_what_is_right_and_what_is_open():
    unfinished = type("Unfinished", (answers_to_vae.Own,), {"loss_function": lambda self, *inputs: ...})
    verdict = check_vae.judge(unfinished)
    assert verdict.sentence == "encode, decode, reparameterize: right. Still open: loss_function, gradient."
    assert verdict.entries["loss_function"] == "open"


# Observation


def test_what_is_observed_travels_as_bytes():
    for check in (check_kl, check_elbo, check_vae):
        plan = unpack(pack(check.plan))
        assert pack(plan) == pack(check.plan)
    seen = [Seen("value", "", {"value": np.ones((2, 3))}, {"mu": np.zeros(2)}, ("mu",), (), {"w": np.ones(2)})]
    [back] = unpack(pack(seen))
    np.testing.assert_array_equal(back.values["value"], seen[0].values["value"])
    assert back.lost == ["mu"]


def test_a_table_of_whole_numbers_is_given_as_one_that_can_index_and_a_single_one_as_a_number():
    [seen] = observe(lambda x, k: (x[..., None] == torch.arange(k)).double(), [Call({"x": TABLE, "k": np.array(3)})])
    np.testing.assert_array_equal(seen.values["value"][0], np.eye(3)[TABLE])
    assert seen.changed == ()


def test_observing_leaves_random_numbers_and_an_answers_inputs_alone():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    [first, *_] = observe(answers_to_kl.kl_that_spoils_its_input, check_kl.plan)
    assert torch.equal(torch.get_rng_state(), before)
    assert first.changed == ("mu",)
    assert check_kl.plan[0].inputs["mu"][0, 0] == 0.5


def test_a_second_call_that_gives_no_number_where_the_right_one_is_zero_is_another_one():
    assert check_seen.judge(answers_to_seen.divided_by_nothing).key == "seen/not-the-same"


# Mistakes and statistics


def test_swaps_of_one_part_do_not_combine_and_others_do():
    half, one, bits = swap("a", half=1), swap("b", half=2), after("c", torch.neg)
    assert not combine(half, one)
    assert combine(half, bits)
    assert not combine(whole("d", torch.neg), half)
    assert not combine(bits, after("e", torch.neg))
    mu, log_var = torch.ones(2, 3), torch.zeros(2, 3)
    both = build(kl.parts, (check_kl.mistakes["half-missing"], check_kl.mistakes["sign"]))
    torch.testing.assert_close(both(mu, log_var), -2 * kl.solution(mu, log_var))


def test_the_quantile_of_chi_squared_is_near_the_true_one():
    for count in (2, 10, 100, 1000):
        for bar, chance in ((REFUSE, 1e-8), (CLAIM, 1e-4)):
            assert 0.99 < chi2_limit(count, bar) / chi2.isf(chance, count) < 1.15


def test_numbers_agree_within_their_errors_and_nan_with_nan_alone():
    right = Statistic(np.array([1.0, 2.0]), 0.1)
    assert agree(Statistic(np.array([1.2, 1.9])), right)
    assert not agree(Statistic(np.array([1.7, 2.0])), right)
    assert not agree(Statistic(np.array([np.nan, 2.0])), right)
    assert agree(Statistic(np.array([np.nan, 2.0])), Statistic(np.array([np.nan, 2.0])))
    assert not agree(Statistic(np.ones(3)), Statistic(np.ones(2)))


def test_a_mistake_that_its_inputs_cannot_tell_from_another_is_given_both_names():
    twins = {
        "one": swap("this was done", over=lambda t: t.mean(-1)),
        "two": swap("that was", over=lambda t: t.mean(-1)),
    }
    verdict = replace(check_kl, mistakes=twins).judge(
        lambda mu, log_var: kl.parts(mu, log_var, over=twins["one"].swapped["over"])
    )
    assert verdict.key == "kl/one|two"
    assert verdict.sentence == "This looks like one of two: this was done; or that was."


def test_a_bound_above_the_evidence_is_called_impossible_with_both_numbers():
    verdict = check_elbo.judge(answers_to_elbo.elbo_without_kl)
    x = torch.tensor(check_elbo.plan[0].inputs["x"]).float()
    evidence = check_elbo.plan[0].inputs["model"].build().log_likelihood(x).mean().item()
    assert f"lies above log p(x) = {evidence:.2f} by" in verdict.sentence


def test_the_models_of_4_5_are_what_they_are_called():
    posterior, other, _ = (call.inputs["model"].build() for call in check_elbo.plan)
    x = torch.tensor(check_elbo.plan[0].inputs["x"]).float()
    torch.testing.assert_close(posterior.expected_elbo(x), posterior.log_likelihood(x), atol=1e-4, rtol=1e-5)
    x = torch.tensor(check_elbo.plan[1].inputs["x"]).float()
    assert (other.expected_elbo(x) < other.log_likelihood(x) - 3).all()
