"""The diagnosis beside losses that were worked out by hand before it was written: public ones, and some of our own.

`real_losses.py` holds the losses of public repositories, read at the source, `own_losses.py` those that a blind caller
would misread. `OTHERWISE` lists those of which the diagnosis says something else than the table, and why it may.
"""

import contextlib
import inspect
import io
import math
import warnings

import pytest
import torch

from diagnose import own_losses, real_losses
from diagnose.case import Case
from vae_lib.diagnose.loss_facts import LossFacts
from vae_lib.diagnose.loss_findings import report
from vae_lib.diagnose.losses import diagnose_loss, facts_of
from vae_lib.diagnose.words import Wrong

# What must be said instead, for each loss where two answers are right.
OTHERWISE = {
    # a size stands in the code, and the loss runs at 64 pixels too: the answer there, and the hint
    "view_16": ["β = 4 with Bernoulli pixels"],
    "mse_times_784": ["Does 784 stand in your code?"],
    # a number without a gradient
    "a_float": ["✗ This is β = 1", "It carries no gradient"],
    # what only the reader knows: the line to paste
    "beta_unknown": ["Paste `", "beta=…"],
    "warm_up": ["Paste `", "epoch=…"],
    "with_config": ["Paste `", "config=…"],
    "star_kwargs": ["Paste `", "M_N=…"],
    "conditional": ["Paste `", "y=…"],
    "backward_inside": ["✗ This is β = 1", "It carries no gradient"],
    # pixels of unlike weight: no one σ_x², so no family
    "masked_by_brightness": ["Not one of ours", "0 for x = 0"],
    "weight_a_pixel": ["Not one of ours", "0.5 for the lightest place, 2 for the heaviest"],
    "upper_half": ["Not one of ours", "0 for the lightest place, 1 for the heaviest"],
    # value and gradient disagree: the value is read, and the gradient named
    "kl_without_gradient": ["✗ This is β = 1", "No gradient reaches mu and log_var"],
    "kl_in_the_gradient_alone": ["✗ This is β = 0", "A gradient reaches mu and log_var"],
    # n cross-entropies: both readings, unless data decide
    "sixteen_cross_entropies": ["Binomial pixels"],
    "eight_bits": ["β = 0.003922 with Bernoulli pixels", "Or β = 1 with Binomial pixels"],
    "counts_inside": ["Factors of 16 on the reconstruction and 2 on the KL", "pixels of 0 and 1"],
    # the mean of what is drawn is J
    "drawn_beta": ["with Bernoulli pixels", "24 seeded calls were averaged"],
    # a constant is told, not blamed
    "HeldSigma": ["✓ This is β = 1", "log 2π is dropped", "its value now"],
    "mean_and_variance_of_each_pixel": ["✓ This is β = 1, σ_x² = 1", "log σ_x² = 0 was put in"],
    "l1_sum": ["✓ This is β = 1, a Laplace with scale 1", "The constant D log(2·scale) = 44.36 is left out"],
    "one_sided_cross_entropy": ["✗ This is β = 1", "only its half x log p"],
    "konny_celeba": ["✗ This is β = 1, σ_x² = 2 (sigmoid(x_hat) as the mean)"],
}


WITHOUT_SIZES = ("view_16", "mse_times_784")  # these have two readings only where the reader gives no sizes


def name_of(case: Case) -> str:
    return getattr(case.loss, "__name__", type(case.loss).__name__)


def cases() -> list:
    tables = {"real": real_losses.CASES, "own": own_losses.CASES}
    return [
        pytest.param(one, id=f"{table}-{i}-{name_of(one)}") for table in tables for i, one in enumerate(tables[table])
    ]


def said(case: Case) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        diagnose_loss(case.loss, **case.settings)
    return printed.getvalue()


@pytest.mark.parametrize("case", cases())
def test_what_was_worked_out_by_hand_is_what_is_said(case):
    facts, right, answer = judged(case)
    if name_of(case) in OTHERWISE and not (name_of(case) in WITHOUT_SIZES and case.settings):
        for part in OTHERWISE[name_of(case)]:
            assert part in f"{'✓' if right else '✗'} {answer}", answer
        return
    if facts is None or not (facts.is_ours and facts.a and facts.b):
        assert case.family is None or not case.beta, answer
        return
    assert case.family is not None, answer
    assert wrong(case, facts) == [], answer
    if case.fourth == "log σ²":
        assert right == (case.right and "are grey" not in answer), answer  # of grey pixels it is no −ELBO


def judged(case: Case) -> tuple[LossFacts | None, bool, str]:
    """The facts, None where the loss cannot be called; whether it is J; and what is printed, but for its mark."""
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            facts = facts_of(case.loss, **case.settings)
        except Wrong as wrong:
            return None, False, str(wrong)
    return facts, *report(facts)


def wrong(case: Case, facts: LossFacts) -> list[str]:
    """What of the facts is not as it was worked out."""
    found, unit = facts.reading, facts.sizes.batch**facts.per_batch if facts.a and facts.b else 1
    came = {
        "family": (facts.pixels.family, case.family),
        "beta": (found.beta / (1 if facts.has_width else unit), case.beta),
        "noise_var": ((facts.noise_var or 0) / unit, case.noise_var),
        "scale": ((found.width or 0) / unit, case.scale),
        "delta": (facts.pixels.parameter, case.delta),
        "total_count": (facts.pixels.parameter, case.total_count),
        "per_batch": (facts.per_batch, case.per_batch),
        "prior_var": (facts.prior[1], case.prior_var),
        "fourth": (facts.fourth.name if facts.b else case.fourth, case.fourth),
        "floor": floor(facts, case),
        "reductions": (reductions(facts, case), []),
    }
    off = 5e-3 + 4 * facts.error
    return [
        f"{name}: {one} for {other}"
        for name, (one, other) in came.items()
        if other is not None and not same(one, other, off)
    ]


def same(one, other, tolerance: float) -> bool:
    if isinstance(other, int | float):
        return one is not None and math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-9)
    return one == other


def floor(facts: LossFacts, case: Case) -> tuple:
    """The kind, and the nats of a latent or of all, as the table gives them."""
    if not facts.floor or not case.floor:
        return (facts.floor, case.floor)
    kind, nats = facts.floor
    each = nats / facts.sizes.latents if "per latent" in kind else nats
    known = kind.startswith(case.floor[0]) and math.isclose(each, case.floor[1], rel_tol=1e-3)
    return (case.floor if known else facts.floor, case.floor)


WORDS = {0: "sum", -1: "mean"}
OVER_BATCH = {0: "mean", 1: "sum", -1: "divided twice"}


def reductions(facts: LossFacts, case: Case) -> list[str]:
    """Sums and means that are not those of the table, where it has one word for all axes."""
    off = []
    if facts.a and facts.b and not facts.per_example and "per example" not in case.batch:
        powers = facts.a_powers.batch, facts.b_powers.batch
        off += [str(powers)] if tuple(map(OVER_BATCH.get, powers)) != tuple(case.batch) and max(powers) < 2 else []
    pixels = {power for power, size in zip(facts.a_powers.data, facts.sizes.data, strict=True) if size > 1}
    if case.pixels in WORDS.values() and facts.a and "optimal" not in case.family:
        off += [f"pixels {pixels}"] if {WORDS.get(power) for power in pixels} != {case.pixels} else []
    if case.latents in WORDS.values() and facts.b:
        off += [f"latents {facts.b_powers}"] if set(map(WORDS.get, facts.b_powers.latent)) != {case.latents} else []
    return off


def test_the_tables_are_as_large_as_was_promised():
    assert len({source(case) for case in real_losses.CASES}) >= 10
    assert len({name_of(case) for case in own_losses.CASES}) >= 76
    assert set(OTHERWISE) <= {name_of(case) for case in (*own_losses.CASES, *real_losses.CASES)}


def source(case: Case) -> str:
    return case.source.split(",")[0]


@pytest.mark.parametrize("axes", [own_losses.keras_rgb, own_losses.permuted_to_the_end], ids=lambda loss: loss.__name__)
def test_a_mean_over_one_axis_is_said_with_the_axis(axes):
    case = next(one for one in own_losses.CASES if one.loss is axes)
    assert f"averaged over the {'last' if axes is own_losses.keras_rgb else 'first'} axis (of size 3) of x" in said(
        case
    )


def test_the_data_tell_how_many_latents_pay():
    paying = [(case, words) for case in own_losses.CASES for words in case.says if " latents pay" in words]
    assert len(paying) >= 10
    for case, words in paying:
        count = words.split(" latents pay")[0].split()[-3:]
        expected = "No latent pays" if count[0] in ("0", "no") else f"{count[0]} of {count[2]} latents pay"
        assert expected in said(case), (words, said(case))


def test_a_reader_s_own_numbers_stay_as_they_are():
    held = own_losses.HeldSigma(start=-1.0)
    before, state = held.log_sigma_x.clone(), torch.get_rng_state()
    diagnose_loss(held)
    assert torch.equal(held.log_sigma_x, before)
    assert held.log_sigma_x.grad is None
    assert torch.equal(torch.get_rng_state(), state)


def test_what_a_loss_prints_is_kept_from_the_reader():
    case = next(one for one in own_losses.CASES if one.loss is own_losses.an_object)
    assert "print(" in inspect.getsource(case.loss)
    assert said(case).startswith("✓")
    assert "\nloss " not in said(case)
