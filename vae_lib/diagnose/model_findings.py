"""Chapter 6: what the facts of a trained VAE mean, in three ranks: a table, one entry a line of the page.

*Impossible* is what no sound model does, whatever it was trained on: a bug. *Unusual* may be meant. *A choice* is what
its maker chose, perhaps without knowing. Only the first is called wrong.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from vae_lib.diagnose.model_facts import TOL, UNUSED, Estimate, Facts, K
from vae_lib.diagnose.symptoms import of_finding

IMPOSSIBLE, UNUSUAL, CHOICE = "impossible", "unusual", "a choice"
CERTAIN, PLAIN = 5, 3  # standard errors, beyond which something is impossible, or unusual
MUCH, LITTLE = 0.25, 0.05  # of what the latents bring on the training images


class Finding(NamedTuple):
    """One line: its stable key, its rank, what was seen, and what to do next."""

    key: str
    rank: str
    says: str
    do: str


class Rule(NamedTuple):
    """A line of the page: `says`, whose name is its key, gives the sentence, or None where nothing calls for it."""

    rank: str
    says: Callable[[Facts], str | None]
    do: str

    @property
    def key(self) -> str:
        return self.says.__name__


def findings(facts: Facts) -> list[Finding]:
    """Every rule that applies, in the order of the table: worst first."""
    said = [(rule, rule.says(facts)) for rule in RULES]
    return [Finding(rule.key, rule.rank, text, f"{rule.do}{elsewhere(rule)}") for rule, text in said if text]


def elsewhere(rule: Rule) -> str:
    """Where the book tells the causes of this apart; a choice is no symptom."""
    symptom = of_finding(rule.key) if rule.rank != CHOICE else None
    return f" (Book: *I see…*, “{symptom.title}”.)" if symptom else ""


def number(estimate: Estimate) -> str:
    value = round(estimate.value, 2) + 0  # no minus before a zero
    return f"{value:.2f} ± {estimate.error:.2f}".replace("-", "−")


def _clear(estimate: Estimate | None, least: float = 0.0, *, errors: float = PLAIN) -> bool:
    """Whether a mean lies above `least` by more than chance."""
    return estimate is not None and estimate.value > least + errors * estimate.error


def _rounding(facts: Facts) -> float:
    """What float32 may add to a number of nats: its sums over pixels have some five digits."""
    return 1e-3 + 1e-5 * abs(facts.test.loss.value)


# Impossible


def off_support(facts: Facts) -> str | None:
    if facts.off_support:
        share = "less than 0.1" if facts.off_support < 1e-3 else f"{100 * facts.off_support:.1f}"
        return f"{share} % of the images' values have no probability under the decoder's {facts.likelihood}."


def not_finite(facts: Facts) -> str | None:
    return f"NaN or infinity, first in {facts.not_finite}." if facts.not_finite else None


def changes(facts: Facts) -> str | None:
    return f"In eval mode {facts.change}." if facts.change else None


def kl_negative(facts: Facts) -> str | None:
    if facts.lowest_kl is not None and facts.lowest_kl < -1e-4:
        return f"A KL of {facts.lowest_kl:.3g} nats: a KL is never below 0."


def probability_above_one(facts: Facts) -> str | None:
    if facts.is_discrete and facts.highest_log_p is not None and facts.highest_log_p > _rounding(facts):
        return f"An image has log p(x|z) = {facts.highest_log_p:.3g}: a probability above 1."


def elbo_above_evidence(facts: Facts) -> str | None:
    if facts.above_evidence and _clear(facts.above_evidence, TOL + _rounding(facts), errors=CERTAIN):
        return f"The mean ELBO is above the exact log p(x), by {number(facts.above_evidence)} nats: a bound cannot be."


def kl_below_information(facts: Facts) -> str | None:
    if facts.information is None:
        return None
    kl = facts.test.kl.value
    if _clear(facts.information, kl + _rounding(facts), errors=CERTAIN):
        told = number(facts.information)
        return f"The mean KL is {kl:.2f} nats, less than the {told} nats that z tells about x: that cannot be."


# Unusual


def collapsed(facts: Facts) -> str | None:
    all_unused = facts.test is not None and len(facts.unused) == facts.latent_dim
    if all_unused and facts.would_pay is not None and facts.would_pay > 1.1:  # a tenth: chance has a spread, too
        return (
            f"{_all_latents(facts)} unused, though one would pay: the pixels' variance along their main "
            f"direction (λ₁, chapter 7) is {facts.would_pay:.1f} times what is needed."
        )


def ignores_z(facts: Facts) -> str | None:
    moves = facts.variance_of_mean and max(facts.variance_of_mean) > UNUSED  # else all images are alike to the encoder
    if facts.told is None or not moves:
        return None
    kl, at_most = facts.test.kl.value, facts.told.value + PLAIN * facts.told.error
    if kl > 0.05 and at_most < 0.1 * kl:
        return (
            f"The decoder ignores z: with another image's z, log p(x|z) is lower by only {number(facts.told)} nats, "
            f"yet the KL is {kl:.2f}."
        )


def worse_than_no_latents(facts: Facts) -> str | None:
    if _clear(facts.worse_than_no_latents, UNUSED):
        gap, worse = facts.test.gap, facts.worse_than_no_latents
        beaten = gap and gap.value - worse.value > PLAIN * math.hypot(gap.error, worse.error)
        more = f" Your {facts.lowest} is better than that model: the encoder is to blame." if beaten else ""
        return (
            f"On the test images your −ELBO is {number(worse)} nats worse than a model without latents, one "
            f"{facts.likelihood} for each pixel.{more}"
        )


def far_from_prior(facts: Facts) -> str | None:
    if facts.prior_mismatch and facts.prior_mismatch > 0.3 * facts.train.kl.value and facts.prior_mismatch > 0.5:
        return (
            f"Over all training images, z is not distributed as the prior. That costs {facts.prior_mismatch:.2f} nats "
            f"or more of the KL's {facts.train.kl.value:.2f}, and draws from the prior mislead."
        )


def residuals(facts: Facts) -> str | None:
    if facts.residuals and facts.residuals > 1.5:
        of = (
            "the posterior"
            if facts.from_posterior
            else "q, which is far from the posterior: part of them may be the encoder's"
        )
        return (
            f"The squared errors are {facts.residuals:.1f} times what the likelihood allows "
            f"(training images, z from {of})."
        )


def batch_norm(facts: Facts) -> str | None:
    if facts.batch_norm and _clear(facts.batch_norm, MUCH * facts.scale):
        return (
            f"With the batch's own statistics −ELBO is {number(facts.batch_norm)} nats lower: batch norm's kept "
            "averages do not fit these images."
        )


def apart_encoder(facts: Facts) -> str | None:
    if _clear(facts.apart_encoder, LITTLE * facts.scale if facts.test else 0):
        return (
            f"The gap is {number(facts.apart_encoder)} nats wider on test than on training images: the encoder is "
            "fitted to the training images."
        )


def apart_decoder(facts: Facts) -> str | None:
    if _clear(facts.apart_decoder, MUCH * facts.scale if facts.test else 0):
        return (
            f"{facts.lowest} is {number(facts.apart_decoder)} nats higher on test than on training images: "
            "the model is fitted to the training images, or the test images are of another kind."
        )


def unsettled(facts: Facts) -> str | None:
    if facts.movement is None or facts.settled:
        return None
    if _clear(facts.test.gap, max(UNUSED, MUCH * facts.scale)):
        return (
            f"q is far from the posterior: the gap is at least {number(facts.test.gap)} nats, and more weights still "
            f"raise L_K, by {number(facts.movement)} from K = {K} to {4 * K} (Pareto k̂ {facts.pareto_k:.2f})."
        )


def far_from_posterior(facts: Facts) -> str | None:
    if facts.num_states and _clear(facts.test.gap, max(UNUSED, MUCH * facts.scale)):
        return (
            f"q is far from the posterior: the gap is {number(facts.test.gap)} nats, by a sum over all codes, more "
            f"than a quarter of the {facts.scale:.2f} that z brings."
        )


# Choices


def scale_name(facts: Facts) -> str:
    return "σ_x" if facts.likelihood == "Normal" else f"The {facts.likelihood}'s scale"


def beta(facts: Facts) -> str | None:
    return (
        f"β = {facts.beta:g}: trained on the β-objective; all here is scored with β = 1." if facts.beta != 1 else None
    )


def fixed_noise(facts: Facts) -> str | None:
    if facts.noise_std is not None and facts.noise_is_fixed:
        asked = "" if facts.residuals is None else f"{facts.noise_std * facts.residuals**0.5:.3g}"
        at_most = "" if facts.from_posterior else "at most "
        right = f"; the squared errors fit one of {at_most}{asked}" if asked else ""
        return f"{scale_name(facts)} is {facts.noise_std:.3g} and does not learn{right}."


def spare_latents(facts: Facts) -> str | None:
    if facts.test is None or not facts.unused or collapsed(facts):
        return None
    if len(facts.unused) < facts.latent_dim:
        return f"{len(facts.unused)} of {facts.latent_dim} latents are unused."
    return f"{_all_latents(facts)} unused; that one would pay was not seen."


def _all_latents(facts: Facts) -> str:
    return f"All {facts.latent_dim} latents are" if facts.latent_dim > 1 else "The one latent is"


COMPARE = "Your q's draws and torch's kl_divergence of it disagree: compare the two (chapter 4)."
RULES = (
    Rule(IMPOSSIBLE, off_support, "Bring x onto the likelihood's values, or choose a likelihood for x (chapter 5)."),
    Rule(
        IMPOSSIBLE,
        not_finite,
        "If it is in x, mend the data; else train anew, with x on a scale of 1 and a smaller learning rate.",
    ),
    Rule(
        IMPOSSIBLE,
        changes,
        "Look for F.dropout without self.training, a draw inside encode or decode, batch norm without averages.",
    ),
    Rule(IMPOSSIBLE, kl_negative, "Check the KL's formula against torch's kl_divergence (chapter 4)."),
    Rule(IMPOSSIBLE, probability_above_one, "Check that log p(x|z) sums to 1 over all x."),
    Rule(IMPOSSIBLE, elbo_above_evidence, COMPARE),
    Rule(IMPOSSIBLE, kl_below_information, COMPARE),
    Rule(
        UNUSUAL,
        collapsed,
        "Check the loss: a mean over pixels weighs the KL too heavily; a z without a gradient teaches no encoder.",
    ),
    Rule(UNUSUAL, ignores_z, "Follow z into the decoder: is it used, and with a gradient?"),
    Rule(
        UNUSUAL,
        batch_norm,
        "Run all training images through the model once in train mode, without a step of the optimizer.",
    ),
    Rule(
        UNUSUAL,
        apart_decoder,
        "Stop earlier, or take more images. Are the test images prepared as the training images are?",
    ),
    Rule(UNUSUAL, apart_encoder, "Stop earlier, or take a smaller encoder: q is fitted to its images."),
    Rule(
        UNUSUAL,
        worse_than_no_latents,
        "Is the loss right? Hand it to diagnose_loss (chapter 5). Was the training long enough?",
    ),
    Rule(UNUSUAL, far_from_prior, "Check the KL's weight and its prior, or train longer."),
    Rule(UNUSUAL, residuals, "A σ_x that learns, or a likelihood that spreads more, allows for them (chapter 6)."),
    Rule(UNUSUAL, unsettled, "Report −ELBO, or −L_K with its K; do not call it −log p(x) (chapter 6)."),
    Rule(UNUSUAL, far_from_posterior, "Report −log p(x), which is exact; for a lower −ELBO mend the encoder."),
    Rule(CHOICE, beta, "Report β beside every number."),
    Rule(CHOICE, fixed_noise, "Let σ_x learn, unless you mean it (chapter 5)."),
    Rule(CHOICE, spare_latents, "Nothing to mend: report how many are used, and show the bars."),
)
