"""What occurs in many exercises, written once: families of mistakes, and the statistics by which draws are judged."""

import math
from functools import partial
from itertools import combinations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from vae_lib.exercises.engine import Call, Seen, Statistic, after, mean_of, spread_of, swap
from vae_lib.exercises.engine.mistakes import Mistake


def same(value: Tensor) -> Tensor:
    return value


def last_axis(table: Tensor) -> Tensor:
    return table.sum(-1)


def half_exp(log_var: Tensor) -> Tensor:
    return torch.exp(0.5 * log_var)


def pick(mistakes: dict[str, Mistake], keys: str) -> dict[str, Mistake]:
    """Those with these keys: where a family is large, pairs of all its members take too long."""
    return {key: mistakes[key] for key in keys.split()}


# The KL to N(0, I), term by term

HALVES = (0.5, 0.5, 0.5, 0.5)  # before each of the four terms


def kl_table(mu, log_var, *, half=HALVES, square=torch.square, var=torch.exp, one=torch.ones_like, log=same) -> Tensor:
    """½ (μ² + σ² − 1 − log σ²), one number a latent, with other things in the places of its parts."""
    a, b, c, d = half
    return a * square(mu) + b * var(log_var) - c * one(mu) - d * log(log_var)


def reverse_kl_table(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(0, 1) ‖ N(mu, exp(log_var))), one number a latent."""
    return 0.5 * (log_var + (1 + mu**2) / log_var.exp() - 1)


def slips_of_kl() -> dict[str, tuple[str, dict]]:
    """Key → the sentence, and what stands in the places of parts of `kl_table`."""
    return {
        "half-missing": ("the ½ is missing", {"half": (1.0,) * 4}),
        "half-twice": ("the ½ is there twice", {"half": (0.25,) * 4}),
        **dict(_half_on_some_terms_only()),
        **_term("square", "μ²", torch.square, but=("twice",)),
        **_term("var", "σ²", torch.exp, but=("twice",)),
        **_term("one", "the −1", torch.ones_like, but=("twice",)),
        **_term("log", "log σ²", same, but=("twice", "half")),
        "one-once": (
            "the −1 is counted once instead of once per latent dimension",
            {"one": lambda mu: torch.ones_like(mu) / mu.shape[-1]},
        ),
        "mean-not-squared": ("μ stands in the place of μ²", {"square": same}),
        "mean-absolute": ("|μ| stands in the place of μ²", {"square": torch.abs}),
        "sd-for-var": ("σ stands in the place of σ²: exp(log_var / 2) is a standard deviation", {"var": half_exp}),
        "var-squared": ("σ² is squared again: exp(log_var) is already σ²", {"var": lambda v: (2 * v).exp()}),
        "log-var-for-var": (
            "log_var stands in the place of σ², or σ² in the place of log_var, and the two cancel",
            {"var": same},
        ),
        "inverse-var": ("1/σ² stands in the place of σ²", {"var": lambda v: (-v).exp()}),
        "var-detached": ("σ² is detached: its gradient is lost", {"var": lambda v: v.exp().detach()}),
        "mean-detached": ("μ² is detached: its gradient is lost", {"square": lambda m: m.square().detach() + 0 * m}),
        "log-detached": ("log σ² is detached: its gradient is lost", {"log": lambda v: v.detach() + 0 * v}),
        "log-sd-for-log-var": ("log σ stands in the place of log σ²", {"log": lambda v: v / 2}),
        "log-of-log-var": ("the logarithm of log_var is taken: it is a logarithm already", {"log": torch.log}),
        "read-as-var": ("log_var is read as σ² itself, and not as its logarithm", {"var": same, "log": torch.log}),
        "read-as-sd": ("log_var is read as σ", {"var": torch.square, "log": lambda v: v.square().log()}),
        "read-as-sd-by-its-log": (
            "log_var is read as σ (and has no logarithm where it is negative)",
            {"var": torch.square, "log": lambda v: 2 * v.log()},
        ),
        "read-as-log-sd": (
            "log_var is read as log σ, so that exp(log_var) is taken for σ",
            {"var": lambda v: (2 * v).exp(), "log": lambda v: 2 * v},
        ),
    }


def kl(part: str) -> dict[str, Mistake]:
    """All slips in the KL, in the place of one `part` that makes its table [batch, latent]."""
    tables = {
        f"kl-{key}": swap(f"in the KL, {sentence}", **{part: partial(kl_table, **slots)})
        for key, (sentence, slots) in slips_of_kl().items()
    }
    tables["kl-reverse"] = swap("the KL is taken the other way round, KL(p ‖ q)", **{part: reverse_kl_table})
    tables["kl-missing"] = swap("the KL is left out", **{part: lambda mu, log_var: 0 * (mu + log_var)})
    tables["kl-sign"] = swap("the KL has the wrong sign", **{part: lambda mu, log_var: -kl_table(mu, log_var)})
    tables["kl-detached"] = swap(
        "the KL sends no gradient to the encoder: it is detached",
        **{part: lambda mu, log_var: kl_table(mu, log_var).detach() + 0 * (mu + log_var)},
    )
    return tables


def _half_on_some_terms_only():
    terms = {"mean": "μ²", "var": "σ²", "one": "the −1", "log": "log σ²"}
    for count in (1, 2, 3):
        for some in combinations(terms, count):
            names = " and ".join(terms[term] for term in some)
            sentence = f"the ½ stands before {names} only, and not before all four terms of (4.8)"
            yield f"half-on-{'-'.join(some)}", (sentence, {"half": tuple(0.5 if t in some else 1.0 for t in terms)})


def _term(part: str, name: str, function, but: tuple[str, ...] = ()) -> dict[str, tuple[str, dict]]:
    """For a `part` that makes one term of a sum; `but` are those that have another name there."""
    slips = {
        "missing": (f"{name} is left out", 0.0),
        "sign": (f"{name} has the wrong sign", -1.0),
        "twice": (f"{name} is counted twice", 2.0),
        "half": (f"half of {name} is counted: a ½ too many", 0.5),
    }
    return {
        f"{part}-{key}": (sentence, {part: lambda value, factor=factor: factor * function(value)})
        for key, (sentence, factor) in slips.items()
        if key not in but
    }


# Sums, units, signs


def reduction(part: str, numbers: str, example: str = "example", what: str = "number") -> dict[str, Mistake]:
    """For a `part` that sums a table [batch, numbers] over its last axis."""
    slips = {
        f"mean-over-{numbers}": (f"the {numbers} are averaged instead of summed", lambda t: t.mean(-1)),
        f"{numbers}-not-summed": (f"the {numbers} are not added up", same),
        f"{numbers}-over-batch": (f"the sum runs over the batch instead of the {numbers}", lambda t: t.sum(0)),
        f"{numbers}-mean-over-batch": (
            f"the mean runs over the batch, and the {numbers} are not added up",
            lambda t: t.mean(0),
        ),
        f"{numbers}-total": (f"everything is added up: each {example} has its own {what}", lambda t: t.sum()),
        f"{numbers}-batch-mean": (
            "the mean over the batch is taken already: it is left to the training loop",
            lambda t: t.sum(-1).mean(),
        ),
        f"{numbers}-mean-of-all": (f"everything is averaged, {numbers} and batch", lambda t: t.mean()),
        f"{numbers}-over-batch-size": (
            f"the {what} is divided by the size of the batch: each {example} keeps its own",
            lambda t: t.sum(-1) / len(t),
        ),
        f"{numbers}-batch-twice": (
            f"the {what} of the whole batch is given to every {example}",
            lambda t: t.sum().expand(len(t)),
        ),
        f"{numbers}-batch-mean-everywhere": (
            f"the mean {what} of the batch is given to every {example}",
            lambda t: t.sum(-1).mean().expand(len(t)),
        ),
        f"{numbers}-cumulative": (f"the {numbers} are added up along the way (cumsum)", lambda t: t.cumsum(-1)),
        f"{numbers}-product": (f"the {numbers} are multiplied instead of added", lambda t: t.prod(-1)),
        f"{numbers}-largest": (f"the largest of the {numbers} is taken instead of their sum", lambda t: t.amax(-1)),
        f"{numbers}-first-only": (f"only the first of the {numbers} is counted", lambda t: t[..., 0]),
        f"{numbers}-last-missing": (f"the last of the {numbers} is left out", lambda t: t[..., :-1].sum(-1)),
        f"{numbers}-kept-axis": (
            f"the axis of the {numbers} is kept (keepdim): [batch, 1]",
            lambda t: t.sum(-1, keepdim=True),
        ),
    }
    return {key: swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}


def unit() -> dict[str, Mistake]:
    return {
        "bits": after(
            "the result is in bits, by a logarithm to base 2: nats were asked for", lambda v: v / math.log(2)
        ),
        "base-ten": after("the logarithm is to base 10: nats were asked", lambda v: v / math.log(10)),
    }


def sign(sentence: str) -> dict[str, Mistake]:
    return {"sign": after(sentence, torch.neg)}


# A draw z = μ + σ ⊙ ε


def scaled(mu: Tensor, sigma: Tensor, eps: Tensor) -> Tensor:
    return mu + sigma * eps


def draws(sigma: str = "sigma", noise: str = "noise", mean: str = "mean", draw: str = "draw") -> dict[str, Mistake]:
    """For parts that make σ of log σ², ε of a tensor of z's shape, the mean of μ, and z of the three."""
    places = {
        "mean-missing": ("mu is not added", {mean: lambda mu: 0 * mu}),
        "mean-subtracted": ("mu is subtracted", {mean: torch.neg}),
        "mean-detached": ("μ is detached in z, but not σ", {mean: lambda mu: mu.detach() + 0 * mu}),
        "mean-doubled": ("mu is added twice", {mean: lambda mu: 2 * mu}),
        "swapped": ("mu and σ have changed places: mu is multiplied by ε", {draw: lambda m, s, e: s + m * e}),
        "scales-mean": ("σ multiplies mu as well: σ(mu + ε)", {draw: lambda m, s, e: s * (m + e)}),
        "sigma-added": ("σ is added, and does not multiply ε", {draw: lambda m, s, e: m + s + e}),
        "mean-times-noise": ("mu is multiplied by the noise", {draw: lambda m, s, e: m * s * e}),
        "sigma-alone": ("there is neither mu nor noise in z: it is σ itself", {draw: lambda m, s, e: s + 0 * m}),
        "z-detached": (
            "z sends no gradient back: it comes from .sample() or torch.normal, is detached, or was drawn under "
            "torch.no_grad",
            {draw: lambda m, s, e: (m + s * e).detach() + 0 * (m + s)},
        ),
        "prior": (
            "z is drawn from the prior, N(0, I), and not from q",
            {draw: lambda m, s, e: torch.randn_like(e) + 0 * (m + s)},
        ),
    }
    placed = {key: swap(sentence, **slots) for key, (sentence, slots) in places.items()}
    return std_from_log_var(sigma) | noises(noise) | placed


def std_from_log_var(part: str) -> dict[str, Mistake]:
    """For a `part` that makes σ = exp(½ log σ²)."""
    slips = {
        "log-var-for-sigma": ("log σ² is used as σ", same),
        "half-log-var-for-sigma": ("½ log σ² is used as σ: its exponential is missing", lambda v: v / 2),
        "var-for-sigma": ("exp(log σ²) is used as σ: that is the variance, as in Σε with Σ = diag(σ²)", torch.exp),
        "half-in-front": ("the ½ stands in front of the exponential instead of in the exponent", lambda v: v.exp() / 2),
        "inverse": (
            "the exponent has the wrong sign, or ε is divided by σ: 1/σ in place of σ",
            lambda v: (-v / 2).exp(),
        ),
        "inverse-var": ("the exponent is −log σ²: 1/σ² in place of σ", lambda v: (-v).exp()),
        "quarter": ("the exponent is ¼ log σ²: the root is taken twice", lambda v: (v / 4).exp()),
        "double": ("the exponent is 2 log σ²: squared where the root is due", lambda v: (2 * v).exp()),
        "root-of-log": ("the root of log σ² is taken, without an exponential", torch.sqrt),
        "absolute-root": ("the root of |log σ²| is taken, without an exponential", lambda v: v.abs().sqrt()),
        "base-two": ("2 is raised to ½ log σ², where e is due", lambda v: torch.exp2(v / 2)),
        "base-ten": ("10 is raised to ½ log σ², where e is due", lambda v: 10 ** (v / 2)),
        "sigmoid": ("a sigmoid makes σ, where exp(½ ·) is due", torch.sigmoid),
        "relu": ("a ReLU makes σ, where exp(½ ·) is due", torch.relu),
        "softplus": (
            "softplus is taken of log σ²: softplus and exp are two parametrisations, and this one is exp",
            softplus,
        ),
        "softplus-half": ("softplus is taken of ½ log σ²: this parametrisation is exp", lambda v: softplus(v / 2)),
        "exp-softplus": (
            "softplus and exp are both applied: exp(½ ·) after softplus",
            lambda v: (softplus(v) / 2).exp(),
        ),
        "exp-softplus-no-half": (
            "softplus and exp are both applied: exp after softplus, without a ½",
            lambda v: softplus(v).exp(),
        ),
        "softplus-exp": (
            "softplus and exp are both applied: softplus after exp(½ ·)",
            lambda v: softplus((v / 2).exp()),
        ),
        "softplus-exp-no-half": (
            "softplus and exp are both applied: softplus after exp, without a ½",
            lambda v: softplus(v.exp()),
        ),
        "one": (
            "log_var does not enter the spread: σ is 1, or stands where it does not multiply ε",
            lambda v: 1 + 0 * v,
        ),
        "batch-mean": ("σ is averaged over the batch", lambda v: half_exp(v).mean(0, keepdim=True).expand_as(v)),
        "latent-mean": ("σ is averaged over the latents", lambda v: half_exp(v).mean(-1, keepdim=True).expand_as(v)),
        "detached": ("σ is detached in z: only its value is used", lambda v: half_exp(v).detach() + 0 * v),
        "half-past-autograd": (
            "the ½ is applied past autograd, by .data or under torch.no_grad: ∂σ/∂log σ² is ½σ",
            lambda v: half_exp(v).detach() * (v - v.detach()).exp(),
        ),
    }
    return {f"sigma-{key}": swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}


def _uniform(like: Tensor) -> Tensor:
    return torch.rand_like(like)


def _laplace(like: Tensor) -> Tensor:
    u = torch.rand_like(like) - 0.5
    return -u.sign() * torch.log1p(-2 * u.abs() + 1e-7)


def _mirrored(like: Tensor) -> Tensor:
    half = torch.randn_like(like)[: (len(like) + 1) // 2]
    return torch.cat([half, -half])[: len(like)]


def noises(part: str) -> dict[str, Mistake]:
    """For a `part` that makes ε, standard normal, [batch, latent], from a tensor of that shape."""
    slips = {
        "none": ("there is no noise in z: z is its mean μ", torch.zeros_like),
        "ones": ("ε is 1: σ is added, and there is no noise", torch.ones_like),
        "shared-by-rows": (
            "one ε is shared by the batch, as with an ε of shape [1, latent]: all rows share it",
            lambda m: torch.randn(1, m.shape[-1]).expand_as(m).to(m),
        ),
        "shared-by-latents": (
            "one ε is shared by all latent dimensions of a row, as with an ε of shape [batch, 1]",
            lambda m: torch.randn(len(m), 1).expand_as(m).to(m),
        ),
        "single": (
            "there is a single ε for the whole batch and all its latent dimensions",
            lambda m: torch.randn(1, 1).expand_as(m).to(m),
        ),
        "rand": ("the noise is uniform between 0 and 1 (torch.rand) instead of Gaussian (torch.randn)", _uniform),
        "rand-centred": (
            "the noise is uniform on an interval of length 1 around 0 instead of Gaussian",
            lambda m: _uniform(m) - 0.5,
        ),
        "rand-two": ("the noise is uniform between −1 and 1 instead of Gaussian", lambda m: 2 * _uniform(m) - 1),
        "rand-stretched": (
            "the noise is uniform, stretched to standard deviation 1",
            lambda m: math.sqrt(12) * (_uniform(m) - 0.5),
        ),
        "coins": ("the noise is −1 or 1, and nothing between", lambda m: torch.randn_like(m).sign()),
        "absolute": ("the absolute value of Gaussian noise is taken", lambda m: torch.randn_like(m).abs()),
        "square": ("the noise is squared", lambda m: torch.randn_like(m).square()),
        "laplace": ("the noise is Laplace's instead of Gaussian", _laplace),
        "clamped": ("the noise is cut off at ±1", lambda m: torch.randn_like(m).clamp(-1, 1)),
        "clamped-two": ("the noise is cut off at ±2", lambda m: torch.randn_like(m).clamp(-2, 2)),
        "tanh": ("the noise goes through tanh", lambda m: torch.randn_like(m).tanh()),
        "sum-of-two": ("two ε are added: the variance is 2", lambda m: torch.randn_like(m) + torch.randn_like(m)),
        "product-of-two": ("two ε are multiplied", lambda m: torch.randn_like(m) * torch.randn_like(m)),
        "tenth": ("the noise is a tenth of what it should be", lambda m: torch.randn_like(m) / 10),
        "half": ("the noise is half of what it should be", lambda m: torch.randn_like(m) / 2),
        "rounded": ("the noise is rounded to whole numbers", lambda m: torch.randn_like(m).round()),
        "mirrored": ("two rows share one ε, or one has minus the ε of the other", _mirrored),
        "of-mean": ("mu enters the noise", lambda m: torch.randn_like(m) * m),
    }
    return {f"noise-{key}": swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}


def of_draws(seen: Seen, call: Call) -> dict[str, Statistic]:
    """Statistics of draws of N(mu, exp(log_var)) and of their gradients."""
    z, mu, sigma = seen.values["value"], call.inputs["mu"], np.exp(call.inputs["log_var"] / 2)
    with np.errstate(all="ignore"):
        calls, off = len(z), z - mu
        eps = standardised(z)
        correlation, independent = correlations(eps)
        own = (off / sigma).reshape(calls, -1)
        found = {
            "repeats": repeats(z),
            "correlations": Statistic(correlation, (1 - correlation**2).clip(0) / np.sqrt(calls)),
            "mean": mean_of(z)._replace(independent=independent),
            "pooled mean": mean_of(own.mean(1)),
            "spread": spread_of(z)._replace(independent=independent),
            "pooled spread": mean_of(np.square(own).mean(1)),
            "calls": mean_of((eps[1:] * eps[:-1]).mean(1)),
            "noise": mean_of(np.stack([np.abs(eps).mean(1), (eps**3).mean(1), (np.abs(eps) > 1.5).mean(1)], 1)),
        }
        if seen.gradients:
            few = off[: len(seen.gradients["mu"])]
            found["gradient of mu"] = Statistic(seen.gradients["mu"].mean(0))
            found["gradient of log_var"] = Statistic(
                (seen.gradients["log_var"] * few).sum(0) / np.square(few).sum(0).clip(1e-12)
            )
    return found


OF_DRAWS = {
    "repeats": "do all calls give the same numbers?",
    "correlations": "noise of its own for each number of z: the correlations of any two",
    "mean": "the mean of each number of z, over many calls",
    "pooled mean": "the mean of (z − mu) / σ, over all numbers and calls",
    "spread": "the standard deviation of each number of z, over many calls",
    "pooled spread": "the mean of ((z − mu) / σ)², over all numbers and calls",
    "calls": "new noise in every call: the correlation of one call with the next",
    "noise": "Gaussian noise: the means of |ε|, of ε³ and of |ε| > 1.5, over all numbers and calls",
    "gradient of mu": "∂z/∂mu",
    "gradient of log_var": "∂z/∂log_var divided by z − mu",
}
CLAIMS_OF_DRAWS = ("repeats", "mean", "spread", "correlations", "noise")
SEEDED = "seeded", "Every call gives the same numbers: a seed is set, or the noise or a result is kept, inside."
OTHERWISE_OF_DRAWS = {
    "repeats": SEEDED,
    "calls": ("calls-alike", "One call's noise tells the next one's: it is kept, or used again, between calls."),
    "correlations": ("correlated", "Some numbers share their noise, or part of it: each needs an ε of its own."),
    "noise": ("not-gaussian", "Mean and standard deviation are right, but the noise is not Gaussian."),
}


def repeats(draws: np.ndarray) -> Statistic:
    return Statistic(np.array((draws.std(0) < 1e-6 * (1 + np.abs(draws).max())).all()))


def standardised(draws: np.ndarray) -> np.ndarray:
    """[calls, numbers] with mean 0 and standard deviation 1; 0 where nothing scatters but rounding."""
    std = draws.std(0)
    scatters = std > 1e-5 * (1 + np.abs(draws).max())
    return np.nan_to_num(np.where(scatters, (draws - draws.mean(0)) / np.where(scatters, std, 1), 0)).reshape(
        len(draws), -1
    )


def correlations(eps: np.ndarray) -> tuple[np.ndarray, float]:
    """Of any two columns; and how many of the columns are independent."""
    count = eps.shape[1]
    correlation = (eps.T @ eps / len(eps))[np.triu_indices(count, 1)]
    return correlation, count**2 / (count + 2 * np.square(correlation).sum())
