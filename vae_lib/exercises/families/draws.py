"""A draw z = μ + σ ⊙ ε: the slips in μ, σ, ε and in what is made of them."""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from vae_lib.exercises.engine import Mistake, swap
from vae_lib.exercises.families.basics import clamps, half_exp, pick, same


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
        "sigma-at-mean": ("σ multiplies mu and not ε", {draw: lambda m, s, e: m * s + e}),
        "lognormal": ("½σ² is added to the mean, as for a log-normal", {draw: lambda m, s, e: m + s**2 / 2 + s * e}),
        "mean-of-batch": ("mu is averaged over the batch", {mean: lambda m: m.mean(0, keepdim=True).expand_as(m)}),
        "arguments": (
            "mu and log_var have changed places",
            {draw: lambda m, s, e: 2 * s.clamp(min=1e-9).log() + (m / 2).exp() * e},
        ),
        "tanh": ("z goes through tanh", {draw: lambda m, s, e: torch.tanh(m + s * e)}),
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
    cut = pick(clamps(sigma, half_exp), "clamped-1-1 clamped-2-2")
    return std_from_log_var(sigma) | cut | noises(noise) | placed


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
        "quarter": ("the exponent is ¼ log σ²: the root is taken twice", lambda v: (v / 4).exp()),
        "double": ("the exponent is 2 log σ²: squared instead of halved", lambda v: (2 * v).exp()),
        "root-of-log": ("the root of log σ² is taken, without an exponential", torch.sqrt),
        "absolute-root": ("the root of |log σ²| is taken, without an exponential", lambda v: v.abs().sqrt()),
        "base-two": ("2 is raised to ½ log σ², instead of e", lambda v: torch.exp2(v / 2)),
        "sigmoid": ("a sigmoid makes σ instead of exp(½ ·)", torch.sigmoid),
        "relu": ("a ReLU makes σ instead of exp(½ ·)", torch.relu),
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
        "root-exp": ("the root of |log σ²| is taken before the exponential", lambda v: v.abs().sqrt().exp()),
        "absolute": ("log σ² loses its sign", lambda v: (v.abs() / 2).exp()),
        "at-least-one": ("negative log σ² are made 0: σ is at least 1", lambda v: (torch.relu(v) / 2).exp()),
        "taylor": ("exp(½ log σ²) is cut off after its first-order term", lambda v: 1 + v / 2),
        "more": ("something is added to σ", lambda v: half_exp(v) + 0.1),
        "one": (
            "log_var does not enter the spread: σ is 1, or is used where it does not multiply ε",
            lambda v: 1 + 0 * v,
        ),
        "batch-mean": ("σ is averaged over the batch", lambda v: half_exp(v).mean(0, keepdim=True).expand_as(v)),
        "detached": ("σ is detached in z: only its value is used", lambda v: half_exp(v).detach() + 0 * v),
        "half-past-autograd": (
            "the ½ is applied past autograd, by .data or under torch.no_grad: ∂σ/∂log σ² is ½σ",
            lambda v: half_exp(v).detach() * (v - v.detach()).exp(),
        ),
    }
    return {f"sigma-{key}": swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}


def _mirrored(like: Tensor) -> Tensor:
    half = torch.randn_like(like)[: (len(like) + 1) // 2]
    return torch.cat([half, -half])[: len(like)]


def noises(part: str) -> dict[str, Mistake]:
    """For a `part` that makes ε, standard normal, [batch, latent], from a tensor of that shape."""
    slips = {
        "none": ("there is no noise in z: z is its mean μ", torch.zeros_like),
        "ones": ("ε is 1: σ is added, and there is no noise", torch.ones_like),
        "shared-by-rows": (
            "one ε is shared by all rows, as with an ε of shape [1, latent]",
            lambda m: torch.randn(1, m.shape[-1]).expand_as(m).to(m),
        ),
        "shared-by-latents": (
            "one ε is shared by all latents of a row, as with an ε of one column",
            lambda m: torch.randn(len(m), 1).expand_as(m).to(m),
        ),
        "single": ("there is a single ε for all rows and latents", lambda m: torch.randn(1, 1).expand_as(m).to(m)),
        "rand": (
            "the noise is uniform between 0 and 1 (torch.rand) instead of Gaussian (torch.randn)",
            torch.rand_like,
        ),
        "rand-centred": (
            "the noise is uniform between −½ and ½ instead of Gaussian",
            lambda m: torch.rand_like(m) - 0.5,
        ),
        "rand-two": ("the noise is uniform between −1 and 1 instead of Gaussian", lambda m: 2 * torch.rand_like(m) - 1),
        "rand-stretched": (
            "the noise is uniform, stretched to standard deviation 1",
            lambda m: 12**0.5 * (torch.rand_like(m) - 0.5),
        ),
        "coins": ("the noise is −1 or 1, and nothing between", lambda m: torch.randn_like(m).sign()),
        "absolute": ("the absolute value of Gaussian noise is taken", lambda m: torch.randn_like(m).abs()),
        "clamped": ("the noise is cut off at ±1", lambda m: torch.randn_like(m).clamp(-1, 1)),
        "clamped-two": ("the noise is cut off at ±2", lambda m: torch.randn_like(m).clamp(-2, 2)),
        "sum-of-two": ("two ε are added: the variance is 2", lambda m: torch.randn_like(m) + torch.randn_like(m)),
        "mean-of-two": ("the mean of two draws is taken: the variance is half", lambda m: torch.randn_like(m) / 2**0.5),
        "dropout": (
            "half of the noise is made 0 (dropout)",
            lambda m: torch.randn_like(m) * (torch.rand_like(m) < 0.5).to(m),
        ),
        "over-root": ("ε is divided by √d, d the latents", lambda m: torch.randn_like(m) / m.shape[-1] ** 0.5),
        "rounded": ("the noise is rounded to whole numbers", lambda m: torch.randn_like(m).round()),
        "mirrored": ("two rows share one ε, or one has minus the ε of the other", _mirrored),
        "of-mean": ("mu enters the noise", lambda m: torch.randn_like(m) * m),
    }
    return {f"noise-{key}": swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}
