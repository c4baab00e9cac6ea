"""Chapters 4 and 5: what the loss of one's own homework is, found by calling it.

`diagnose_loss` calls the loss on fixed inputs and fits a · (pixel term) + b · KL + c by least squares, once where only
x_hat and x vary and once where only mu and log_var do. How a and b change with the sizes of batch, data and latent
tells the reductions. The words come last, from these numbers alone.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from vae_lib.data import digits
from vae_lib.diagnose.words import NotAttempted, Wrong, describe, describe_error, verdict

BATCH = 6
PROBES = 12


def diagnose_loss(my_loss: Callable, *, data_dim=64, latent_dim: int = 8, x_data: Tensor | None = None) -> None:
    """Say which β and σ_x² a homework's own `my_loss(x_hat, x, mu, log_var)` stands for, and how it deviates from J.

    The loss is called with x_hat and x `[batch, data_dim]` and mu and log_var `[batch, latent_dim]`; where it wants
    images, `data_dim` is their shape, as in (1, 28, 28). It may return a scalar, one number per example, or a tuple,
    list or dict with the loss first, or in a dict under "loss", "total_loss" or "total". Prints β, σ_x², what is done
    with the batch, and the nats that can pass the latent at most (5.10) for training images like `x_data` `[N, …]`, by
    default the digits; then every deviation. "✓" means J: −ELBO in nats an image, for a Gaussian up to its constant.
    "✗" is anything else, which may be what you want. How z is drawn cannot be seen from the loss. Whatever the loss
    does, this does not raise; it raises ValueError where `x_data` has not the size of `data_dim`.
    """
    setting = Setting(BATCH, (data_dim,) if isinstance(data_dim, int) else tuple(data_dim), latent_dim)
    if x_data is not None and x_data[0].numel() != setting.pixels:
        raise ValueError(f"expected x_data with {setting.pixels} values an image, got shape {tuple(x_data.shape)}")
    print(verdict(partial(diagnosis, setting=setting, x_data=x_data), my_loss))


def diagnosis(loss: Callable, *, setting: "Setting", x_data: Tensor | None) -> str:
    """The report on a loss that is J. Raises Wrong with the report on any other."""
    came, setting = first_look(loss, setting)
    form = measure(loss, setting)
    turned = form.a < 0 or (form.a == 0 and form.b < 0)
    upright = replace(form, a=-form.a, b=-form.b, c=-form.c) if turned else form
    per_example = tensor(entry(came)).numel() > 1
    found = Diagnosis(upright, setting, *powers(loss, setting, form), turned, per_example)
    faults = [*found.faults(), *lost_gradients(loss, setting, form)]
    which = f"{place(came)!r}" if isinstance(came, dict) else "first part"
    parts = [f"It returns {describe(came)}; this report is about its {which}."] if entry(came) is not came else []
    text = "\n  ".join([found.sentence(x_data), *faults, *parts, *found.remarks(), *breaking(loss, setting, form)])
    if faults:
        raise Wrong(text)
    return text


# Calling the loss


@dataclass(frozen=True)
class Setting:
    """The sizes and the dtype with which a loss is called."""

    batch: int
    data: tuple[int, ...]
    latent: int
    dtype: torch.dtype = torch.float64

    @property
    def pixels(self) -> int:
        return math.prod(self.data)

    def inputs(self, k: int = 0, j: int = 0, grey: bool = False) -> list[Tensor]:
        """x_hat, in (0, 1), and x of the k-th pixels; mu and the fourth, above 0, of the j-th latents."""
        draw, (light, contrast, black) = self.source(k)
        x_hat = 0.05 + 0.9 * draw(*self.data) ** (0.3 + 3 * light)
        x = 0.05 + 0.9 * draw(*self.data) ** (0.3 + 3 * contrast) if grey else draw(*self.data) < 0.1 + 0.8 * black
        draw, (where, width, low) = self.source(1000 + j)
        mu = 4 * where - 2 + (0.5 + 2 * width) * draw(self.latent)
        fourth = 0.1 + low + (0.2 + 2 * width) * draw(self.latent) ** 2
        return [values.to(self.dtype) for values in (x_hat, x, mu, fourth)]

    def source(self, seed: int) -> tuple[Callable, list[float]]:
        """Uniform numbers: a function that draws them for each example, and three for all."""
        generator = torch.Generator().manual_seed(seed)
        three = torch.rand(3, generator=generator, dtype=torch.float64).tolist()
        return lambda *shape: torch.rand(self.batch, *shape, generator=generator, dtype=torch.float64), three


def first_look(loss: Callable, setting: Setting) -> tuple[object, Setting]:
    """What the loss returns, and the setting with a dtype that it takes. Raises where there is nothing to measure."""
    try:
        came = call(loss, setting.inputs())
    except Wrong:
        setting = replace(setting, dtype=torch.float32)
        came = call(loss, setting.inputs())
    first, second = (number(value, setting) for value in (came, call(loss, setting.inputs())))
    if first != second:
        raise Wrong(
            f"Two calls with the same inputs gave {first:.5g} and {second:.5g}: does it draw random numbers, or keep a"
            " counter?"
        )
    return came if isinstance(came, tuple | list | dict) else tensor(came), setting


def call(loss: Callable, inputs: list[Tensor]):
    """What the loss returns. Raises NotAttempted for a stub, Wrong where it returns nothing."""
    if loss is Ellipsis:
        raise NotAttempted
    if not callable(loss):
        raise Wrong(f"Expected a function, got {describe(loss)}.")
    try:
        came = loss(*inputs)
    except (Exception, SystemExit) as error:
        raise Wrong(f"It raised {describe_error(error)}.") from error
    if entry(came) is Ellipsis:
        raise NotAttempted
    if entry(came) is None:
        raise Wrong("It returned None: did you forget `return`?")
    return came


def entry(came):
    """The loss among what is returned: under "loss", or first, or all of it."""
    for _ in range(3):  # a tuple in a tuple
        if isinstance(came, dict | tuple | list) and came:
            came = came[place(came)]
    return came


def place(came) -> object:
    """Where the loss stands: in a dict under a usual name, and else first."""
    keys = list(came) if isinstance(came, dict) else [0]
    return next((key for key in ("loss", "total_loss", "total") if key in keys), keys[0])


def tensor(value) -> Tensor:
    """The loss as a tensor; Python's and numpy's numbers are taken too."""
    try:
        return torch.as_tensor(value).to_dense()
    except Exception as error:
        raise Wrong(f"Expected a number, got {describe(value)}.") from error


def number(came, setting: Setting) -> float:
    """The loss as one number: the mean, where there is one for each example. Raises Wrong for other shapes and NaN."""
    value = tensor(entry(came))
    if value.is_complex() or value.dtype == torch.bool:
        raise Wrong(f"Expected a real number, got {value.dtype}.")
    if value.numel() != 1 and value.shape not in ((setting.batch,), (setting.batch, 1)):
        raise Wrong(wrong_shape(list(value.shape), setting))
    if not value.isfinite().all():
        raise Wrong("It is NaN or infinite, although x_hat lies between 0.05 and 0.95 and the others are below 6.")
    return value.double().mean().item()


def wrong_shape(shape: list[int], setting: Setting) -> str:
    B, data, d = setting.batch, list(setting.data), setting.latent
    known = {
        "a sum or mean over the pixels is missing": [[B, *data]],
        "a sum or mean over the latents is missing": [[B, d]],
        "the sum or mean runs over the batch instead of the pixels or latents": [data, [d]],
        "a [batch] and a [batch, 1] were added, which broadcasts to a table": [[B, B]],
    }
    why = [name for name, shapes in known.items() if shape in shapes]
    return f"Expected a scalar or one number per example, got shape {shape}" + (f": {why[0]}." if why else ".")


# Fitting the form


class PixelTerm(NamedTuple):
    """What a loss may sum over the pixels, for which density; what it says of x_hat, and what is wrong with it."""

    value: Callable[[Tensor, Tensor], Tensor]
    density: str
    reads: str = ""
    fault: str = ""

    def terms(self, x_hat: Tensor, x: Tensor, mu: Tensor, fourth: Tensor) -> list[Tensor]:
        return [self.value(x_hat, x)]


class LatentTerms(NamedTuple):
    """What a loss may take its fourth argument for, and the σ² and log σ² that follow."""

    fourth: str
    var: Callable[[Tensor], Tensor]
    log_var: Callable[[Tensor], Tensor]

    def terms(self, x_hat: Tensor, x: Tensor, mu: Tensor, fourth: Tensor) -> list[Tensor]:
        return [mu**2, self.var(fourth), self.log_var(fourth)]

    def kl(self, mu: Tensor, fourth: Tensor) -> Tensor:
        return 0.5 * (mu**2 + self.var(fourth) - 1 - self.log_var(fourth))


def cross_entropy(p: Tensor, x: Tensor) -> Tensor:
    """−x log p − (1 − x) log(1 − p), its logarithms cut at −100 as torch does."""
    return -x * p.log().clamp(min=-100) - (1 - x) * (1 - p).log().clamp(min=-100)


TWICE = (
    "The sigmoid is applied twice: every probability then lies between 0.5 and 0.73, no pixel can be black or white."
)
SWAPPED = (
    "x and x_hat are swapped in the cross-entropy. If your loss takes x first, pass"
    " `lambda x_hat, x, mu, log_var: my_loss(x, x_hat, mu, log_var)`."
)
HALF = "The cross-entropy has only its half x log p; without (1 − x) log(1 − p) it is smallest at p = 1 everywhere."
LOGITS = "x_hat as logits"
PIXEL_TERMS = [
    PixelTerm(lambda x_hat, x: (x_hat - x) ** 2, "gaussian", "x_hat as the mean"),
    PixelTerm(lambda x_hat, x: (x_hat.sigmoid() - x) ** 2, "gaussian", "sigmoid(x_hat) as the mean"),
    PixelTerm(cross_entropy, "bernoulli", "x_hat as probabilities"),
    PixelTerm(lambda x_hat, x: cross_entropy(x_hat.sigmoid(), x), "bernoulli", LOGITS),
    PixelTerm(
        lambda x_hat, x: cross_entropy(x_hat.sigmoid().sigmoid(), x), "bernoulli", "sigmoid(x_hat) as logits", TWICE
    ),
    PixelTerm(lambda x_hat, x: -x * x_hat.log(), "bernoulli", "x_hat as probabilities", HALF),
    PixelTerm(lambda x_hat, x: cross_entropy(x, x_hat), "bernoulli", "x as probabilities", SWAPPED),
    PixelTerm(lambda x_hat, x: cross_entropy(x.sigmoid(), x_hat), "bernoulli", "x as logits", SWAPPED),
    PixelTerm(lambda x_hat, x: (x_hat - x).abs(), "laplace"),
]
SIGMA_FOR_VAR = "σ in the place of σ²"
LATENT_TERMS = [
    LatentTerms("log σ²", torch.exp, lambda s: s),
    LatentTerms("log σ", lambda s: (2 * s).exp(), lambda s: 2 * s),
    LatentTerms("σ²", lambda s: s, torch.log),
    LatentTerms("σ", torch.square, lambda s: 2 * s.log()),
    LatentTerms("softplus⁻¹(σ)", lambda s: softplus(s) ** 2, lambda s: 2 * softplus(s).log()),
    LatentTerms("softplus⁻¹(σ²)", softplus, lambda s: softplus(s).log()),
    LatentTerms(SIGMA_FOR_VAR, lambda s: (s / 2).exp(), lambda s: s / 2),
]


@dataclass(frozen=True)
class Form:
    """loss = a · Σ pixel term + b · KL + c, the sums over pixels and latents, the mean over the batch."""

    pixels: PixelTerm
    latents: LatentTerms
    a: float
    b: float
    c: float


def measure(loss: Callable, setting: Setting) -> Form:
    """a, b and c at this setting. Raises Wrong for a loss that is not of the form, with what was found."""
    pixels, (a, *_) = pixel_term(loss, setting)
    latents, weights = first_fit(LATENT_TERMS, loss, [setting.inputs(j=j) for j in range(PROBES)], setting, 1e-5)
    strange = [*strange_pixels(pixels), *strange_latents(weights), *strange_together(loss, setting)]
    if strange:
        known = ["what it does with mu and log_var is a KL"] if not strange_latents(weights) and any(weights) else []
        what = "; ".join([*strange, *known])
        raise Wrong(f"Not of the form a·(squared error or cross-entropy) + b·KL + c: {what}.")
    x_hat, x, mu, fourth = setting.inputs()
    if not a and not any(weights):
        raise Wrong(f"It is {num(value_at(loss, setting.inputs(), setting))} whatever its arguments are.")
    terms = a * per_image(pixels.value(x_hat, x)) + 2 * weights[0] * per_image(latents.kl(mu, fourth))
    return Form(pixels, latents, a, 2 * weights[0], value_at(loss, setting.inputs(), setting) - terms)


def pixel_term(loss: Callable, setting: Setting) -> tuple[PixelTerm | None, list[float]]:
    """What fits on black-and-white and on grey pixels, or on one kind alone where the other is refused or special."""
    for kinds in ((False, True), (False,), (True,)):
        known = [one for one in PIXEL_TERMS if True in kinds or one.fault != SWAPPED]  # on 0 and 1 much looks like it
        with suppress(Wrong):
            probes = [setting.inputs(k=k, grey=grey) for grey in kinds for k in range(PROBES)]
            found, weights = first_fit(known, loss, probes, setting, 1e-3)
            if found:
                return found, weights
    return None, [0.0]


def first_fit(known: list, loss: Callable, probes: list, setting: Setting, tolerance: float):
    """The first of the known terms whose weighted sum, and a constant, is the loss; and the weights."""
    values = torch.tensor([value_at(loss, probe, setting) for probe in probes], dtype=torch.float64)
    for one in known:
        terms = [[per_image(term.double()) for term in one.terms(*probe)] for probe in probes]
        weights = fit(values, torch.tensor(terms, dtype=torch.float64), tolerance)
        if weights:
            return one, weights
    return None, []


def fit(values: Tensor, terms: Tensor, tolerance: float) -> list[float]:
    """Weights by least squares, with a constant; none where more is left than the tolerance and rounding."""
    # A loss computed in float32 has only 7 digits, also when it returns float64's numbers: its rounding is larger.
    spread = values.max() - values.min()
    rounding = (1e-6 if torch.equal(values, values.float().double()) else 1e-12) * values.abs().max()
    if spread <= 2 * rounding:
        return [0.0] * terms.shape[1]
    centred, terms = values - values.mean(), terms - terms.mean(0)
    if not terms.isfinite().all():
        return []
    weights = torch.linalg.lstsq(terms, centred[:, None]).solution[:, 0]
    if (terms @ weights - centred).abs().max() > tolerance * spread + rounding:
        return []
    return torch.where(weights.abs() * terms.abs().amax(0) > 1e-4 * spread, weights, 0).tolist()


def per_image(values: Tensor) -> float:
    """The mean over the batch of the sum over everything else."""
    return values.flatten(1).sum(1).mean().item()


def value_at(loss: Callable, probe: list[Tensor], setting: Setting) -> float:
    return number(call(loss, [values.clone() for values in probe]), setting)


def strange_pixels(pixels: PixelTerm | None) -> list[str]:
    if pixels is None:
        return ["what it does with x_hat and x is neither"]
    if pixels.density == "laplace":
        return ["its pixel term is the absolute error |x − x_hat|, which belongs to a Laplace density"]
    return []


def strange_latents(weights: list[float]) -> list[str]:
    """Of the weights of μ², σ² and log σ²."""
    if not weights:
        return [
            "what it does with mu and log_var is not a weighted sum of μ², σ² and log σ² (are they in another order?)"
        ]
    of_mu, of_var, of_log_var = weights
    if close(of_mu, of_var) and close(of_mu, -of_log_var):
        return []
    unit = next(abs(weight) for weight in reversed(weights) if weight)
    ratio = " : ".join(num(weight / unit) for weight in weights)
    bowl = of_var > 0 > of_log_var and not close(of_var, -of_log_var)
    lowest = f", which is smallest at σ² = {num(-of_log_var / of_var)}" if bowl else ""
    return [
        f"the weights of μ², σ² and log σ² are {ratio}{lowest}; in a KL 1 : 1 : −1 (a ½ or a sign on one term only?)"
    ]


def strange_together(loss: Callable, setting: Setting) -> list[str]:
    # A sum g(x_hat, x) + h(mu, log_var) has g₁ + h₁ − (g₁ + h₀) − (g₀ + h₁) + (g₀ + h₀) = 0.
    both, pixels, latents, none = (value_at(loss, setting.inputs(k, j), setting) for k in (1, 0) for j in (1, 0))
    if abs(both - pixels - latents + none) <= 1e-5 * max(map(abs, (both, pixels, latents, none))):
        return []
    return ["what x_hat and x contribute changes with mu and log_var"]


def num(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-3, abs_tol=1e-12)


def powers(loss: Callable, setting: Setting, form: Form) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The powers of batch size, pixels and latents by which a grows, and b; a mean over the pixels gives −1."""
    batch, (rows, *columns), latent = setting.batch, setting.data, setting.latent
    larger = [
        replace(setting, batch=2 * batch),
        replace(setting, data=(2 * rows, *columns)),
        replace(setting, latent=2 * latent),
    ]
    forms = [measured(loss, one) for one in larger]
    halved = form.pixels.density == "gaussian" and not close(abs(form.a), abs(form.b))  # by the ½ before the square
    units = {"a": (1, 0.5) if halved else (1,), "b": (1,)}
    return tuple(
        powers_of(getattr(form, of), [one and getattr(one, of) for one in forms], setting, units[of]) for of in units
    )


def powers_of(weight: float, doubled: list[float | None], setting: Setting, units: tuple) -> tuple[float, float, float]:
    """Measured; but where a width written into the loss explains a weight of `units`, as in 64 * mean, that counts."""
    # `64 * mean` at 64 pixels is a sum, though doubling the pixels leaves a as if it were a constant. So the power of
    # the pixels is not only measured: what is left of the weight after batch and latents, |a| / (B^p d^q), is compared
    # with 1 · D^p (½ · D^p for ½ (x − x_hat)²) for the measured p, then for p = 0, a sum, and p = −1, a mean.
    of_batch, of_pixels, of_latents = (power(one, weight) for one in doubled)
    rest = abs(weight) / (setting.batch**of_batch * setting.latent**of_latents)
    usual = [p for p in (of_pixels, 0, -1) if any(close(rest, one * setting.pixels**p) for one in units)]
    return of_batch, (usual or [of_pixels])[0], of_latents


def measured(loss: Callable, setting: Setting) -> Form | None:
    with suppress(Wrong):
        return measure(loss, setting)
    return None


def power(doubled: float | None, weight: float) -> float:
    """The power p in 2^p, by which the weight grows as a size is doubled; 0 where the loss refused another size."""
    # p = log₂(doubled / weight), taken as whole if it is within 0.1 %; a weight that changes its sign becomes p ≈ −30.
    if weight == 0 or doubled is None:
        return 0
    exponent = math.log2(max(doubled / weight, 1e-9))
    return round(exponent) if close(1 + exponent, 1 + round(exponent)) else exponent


def breaking(loss: Callable, setting: Setting, form: Form) -> list[str]:
    """Does a loss from logits hold far from 0? The log of a sigmoid does not."""
    if form.pixels.reads != LOGITS:
        return []
    x_hat, _, mu, fourth = setting.inputs()
    near, far = ([x_hat * 0 + size, x_hat * 0, mu, fourth] for size in (0.0, 50.0))
    with suppress(Wrong):
        # With x = 0 a pixel costs softplus(logit): 50 at a logit of 50 and log 2 at 0. The log of a sigmoid that has
        # rounded to 1 gives infinity there, or stops at a clamp.
        rise = (value_at(loss, far, setting) - value_at(loss, near, setting)) / form.a
        if math.isclose(rise, setting.pixels * (50 - math.log(2)), rel_tol=1e-2):
            return []
    return ["It breaks at logits of 50, as the log of a sigmoid does: use a function that takes logits."]


def lost_gradients(loss: Callable, setting: Setting, form: Form) -> list[str]:
    """What keeps the gradient from x_hat, mu or the fourth argument, although the value depends on it."""
    x_hat, x, mu, fourth = setting.inputs()
    asked = {"x_hat": (x_hat, form.a), "mu": (mu, form.b), "log_var": (fourth, form.b)}
    asked = {name: values.requires_grad_() for name, (values, weight) in asked.items() if weight}
    try:
        value = tensor(entry(call(loss, [values * 1 for values in (x_hat, x, mu, fourth)])))  # no leaves
        if not value.requires_grad:
            return ["It carries no gradient: is there .item(), .detach(), NumPy or torch.no_grad in it?"]
        found = torch.autograd.grad(value.sum(), list(asked.values()), allow_unused=True)
    except Exception as error:
        return [f"No gradient comes back: {error if isinstance(error, Wrong) else describe_error(error)}"]
    lost = [name for name, gradient in zip(asked, found, strict=True) if gradient is None or not gradient.any()]
    return [f"No gradient reaches {' and '.join(lost)}: is a part of it detached?"] if lost else []


# Words


KL_CONSTANTS = {
    "": lambda latent: 0.0,
    "missing": lambda latent: latent / 2,
    "counted once instead of once per latent": lambda latent: (latent - 1) / 2,
}


@dataclass(frozen=True)
class Diagnosis:
    """What a, b and c say of a loss = scale · (−log p(x|z) + β · KL), up to a constant.

    `a_powers` and `b_powers` are the powers of batch size, pixels and latents by which a and b grow. a is not negative:
    a loss whose reconstruction has the other sign was `turned` before.
    """

    form: Form
    setting: Setting
    a_powers: tuple[float, ...]
    b_powers: tuple[float, ...]
    turned: bool
    per_example: bool

    @property
    def sizes(self) -> tuple[int, int, int]:
        return self.setting.batch, self.setting.pixels, self.setting.latent

    @property
    def gaussian(self) -> bool:
        return self.form.pixels.density == "gaussian"

    @property
    def well_formed(self) -> bool:
        a, b, log_var = self.form.a, self.form.b, LATENT_TERMS[0]
        return a > 0 and b > 0 and not self.form.pixels.fault and self.form.latents is log_var

    @cached_property
    def explained(self) -> tuple[float, str, str]:
        """The scale and the names of the constants that make c. A Gaussian without a constant is taken with β = 1."""
        # a · SE + b · KL + c fits any scale s: s · (SE/(2σ_x²) + β KL) with σ_x² = s/(2a) and β = b/s. Only c can tell
        # s, because the constant D/2 log(2πσ_x²) depends on it; the first s that explains c is taken.
        for scale in self.scales():
            for name, constant in self.constants(scale).items():
                for kl_name, kl_constant in KL_CONSTANTS.items():
                    missing = self.form.c - scale * constant - self.form.b * kl_constant(self.setting.latent)
                    if abs(missing) <= max(1e-4 * abs(self.form.c), 2e-5 * self.setting.pixels * abs(scale)):
                        return scale, name, kl_name
        return self.scales()[0], "unknown", ""

    @property
    def scale(self) -> float:
        return self.explained[0]

    @property
    def beta(self) -> float:
        return self.form.b / self.scale

    @property
    def noise_var(self) -> float:
        return self.scale / (2 * self.form.a)

    @property
    def a_factor(self) -> float:
        """a, but for what sums and means make of it."""
        return self.form.a / math.prod(size**power for size, power in zip(self.sizes, self.a_powers, strict=True))

    @property
    def b_factor(self) -> float:
        return self.form.b / math.prod(size**power for size, power in zip(self.sizes, self.b_powers, strict=True))

    def scales(self) -> list[float]:
        if not self.gaussian:
            return [self.form.a or self.form.b]
        return [abs(self.form.b)] * bool(self.form.b) + [self.form.a / (self.a_factor or 1), 1.0]

    def constants(self, scale: float) -> dict[str, float]:
        """The usual constants in −log p(x|z), right or wrong, and what is said of them."""
        if not self.gaussian or not self.form.a:
            return {"": 0.0}
        pixels, log_two_pi = self.setting.pixels, math.log(2 * math.pi)
        log_var = math.log(scale / (2 * self.form.a))
        left_out = {"left out": 0.0} if scale == self.scales()[0] else {}
        return left_out | {
            "": pixels / 2 * (log_two_pi + log_var),
            "log σ_x² is there, log 2π is dropped": pixels / 2 * log_var,
            "log 2π is there, log σ_x² is dropped": pixels / 2 * log_two_pi,
            "log 2π is added D times for every pixel": pixels / 2 * (pixels * log_two_pi + log_var),
            "log 2π is added once instead of once a pixel": (log_two_pi + pixels * log_var) / 2,
        }

    # The first sentence

    def sentence(self, x_data: Tensor | None) -> str:
        return f"This is {self.name()}, {self.over_the_batch()}{self.nats(x_data)}."

    def name(self) -> str:
        a, b, reads = self.form.a, self.form.b, self.form.pixels.reads
        if not a:
            return "the KL alone"
        if not self.gaussian:
            return f"β = {self.by_batch(self.beta)} with Bernoulli pixels ({reads})"
        if not b:
            return f"β = 0 with a squared error ({reads})"
        return f"β = {num(self.beta)}, σ_x² = {self.by_batch(self.noise_var)} ({reads})"

    def by_batch(self, value: float) -> str:
        """A number, with its power of the batch size B where the two terms are reduced differently."""
        power = self.b_powers[0] - self.a_powers[0] if self.form.b else 0
        sign = {0: "", 1: "·B", -1: "/B"}.get(power, f"·B^{num(power)}")
        return num(value / self.setting.batch**power) + sign + (" with batches of B" if power else "")

    def over_the_batch(self) -> str:
        if self.per_example:
            return "one number per example"
        words = {0: "averaged", 1: "summed", -1: "divided twice"}
        a, b = (words.get(powers[0], "weighted anew") for powers in (self.a_powers, self.b_powers))
        if not self.form.a or not self.form.b or a == b:
            return f"{a if self.form.a else b} over the batch"
        return f"the reconstruction {a} and the KL {b} over the batch"

    def nats(self, x_data: Tensor | None) -> str:
        """How many at most: what the best answer without z costs, in units of b (5.10)."""
        if not self.well_formed or self.turned or self.a_powers[0] != self.b_powers[0]:
            return ""
        data, label = self.data(x_data)
        if data is None:
            nats = (
                f"{'total variance' if self.gaussian else 'entropy of the pixels'} / {num(self.form.b / self.form.a)}"
            )
        else:
            cost = data.var(0, correction=0) if self.gaussian else cross_entropy(data.mean(0), data.mean(0))
            nats = num(self.form.a / self.form.b * cost.sum().item())
        return f"; at this setting at most {nats} nats can pass the latent ({label})"

    def data(self, x_data: Tensor | None) -> tuple[Tensor | None, str]:
        if x_data is not None and not self.gaussian and not ((x_data >= 0) & (x_data <= 1)).all():
            return None, "your x_data are not between 0 and 1"
        if x_data is not None:
            return x_data.double().flatten(1), "your x_data"
        if self.setting.pixels != 64:
            return None, "pass x_data for the number"
        counts = torch.cat(digits()).double()
        return (counts / 16, "digits/16") if self.gaussian else ((counts >= 8).double(), "digits, black from 8 of 16")

    # What deviates from J

    def faults(self) -> list[str]:
        kinds = self.signs, self.meanings, self.batches, self.reductions, self.factors, self.overall, self.constant
        return [fault for kind in kinds for fault in kind()]

    def signs(self) -> Iterator[str]:
        if not self.form.a:
            yield "It has no reconstruction term: nothing asks the decoder for x, and the KL goes to 0."
        elif not self.form.b:
            yield "It has no KL: a plain autoencoder, whose z need not look like the prior, so that samples are bad."
        elif self.turned and self.form.b > 0:
            yield "It is the ELBO and not J = −ELBO: a minimiser makes both terms worse; return its negative."
        elif self.turned:
            yield "The sign of the reconstruction is wrong: minimising drives x_hat away from x."
        elif self.form.b < 0:
            yield "The sign of the KL is wrong: minimising drives q away from the prior, and the loss falls endlessly."

    def meanings(self) -> Iterator[str]:
        """Of x_hat and of the fourth argument."""
        fourth = self.form.latents.fourth
        if self.form.pixels.fault:
            yield self.form.pixels.fault
        if fourth == SIGMA_FOR_VAR:
            yield "Its KL has σ where σ² belongs: ½ Σ (μ² + σ − 1 − log σ), the KL of a Gaussian whose variance is σ."
        elif fourth != LATENT_TERMS[0].fourth:
            given = "log σ², which may be negative, it can be NaN" if fourth in ("σ²", "σ") else "log σ², it is wrong"
            yield (
                f"Its KL takes the fourth argument for {fourth}: right only if your encoder returns {fourth} and z"
                f" is drawn from it. With {given}."
            )

    def batches(self) -> Iterator[str]:
        a, b = self.a_powers[0], self.b_powers[0]
        if self.form.a and self.form.b and a != b:
            yield "The two terms are reduced differently over the batch: their balance changes with the batch size."
        elif 1 in (a, b):
            yield (
                "The sum over the batch leaves the optimum where it is, but value and gradient grow with the batch:"
                " divide by len(x) to read nats an image."
            )
        if any(power % 1 for power in (*self.a_powers, *self.b_powers)):
            yield "Its weights change with the sizes in a way that no sum and no mean explains."

    @property
    def share(self) -> float:
        """What the reductions over pixels and latents make of the KL's weight in J."""
        pairs = list(zip(self.sizes, self.a_powers, self.b_powers, strict=True))[1:]
        return math.prod(size ** (b - a) for size, a, b in pairs) if self.form.a and self.form.b else 1.0

    def reductions(self) -> Iterator[str]:
        """Over pixels and latents."""
        (_, a_pixels, _), (_, b_pixels, b_latents) = self.a_powers, self.b_powers
        a = f"averaged over the {self.setting.pixels} pixels" if a_pixels == -1 else "summed over the pixels"
        b = f"averaged over the {self.setting.latent} latents" if b_latents == -1 else "summed over the latents"
        b += f" and divided by the {self.setting.pixels} pixels" if b_pixels == -1 else ""
        if not close(self.share, 1):
            change = f"multiplied by {num(self.share)}" if self.share > 1 else f"divided by {num(1 / self.share)}"
            yield f"The reconstruction is {a} and the KL is {b}: the KL's weight in J is {change}."
        elif a_pixels == -1:
            yield f"The whole is divided by the {self.setting.pixels} pixels: the same optimum, but not nats an image."

    def factors(self) -> Iterator[str]:
        """Written into the loss besides its reductions."""
        a, b, weight = self.a_factor, abs(self.b_factor), abs(self.own_weight)
        if not a or not b:
            return
        if self.gaussian and self.scale == abs(self.form.b):
            if not close(b, 1):
                yield (
                    f"The KL has the factor {num(b)}: with a squared error this chooses a σ_x², and the loss is that"
                    f" J times {num(b)}."
                )
            return
        if not close(weight, 1):
            hint = {2: " (or is its ½ missing?)", 0.5: " (or is its ½ there twice?)"}.get(round(weight, 3), "")
            yield f"The KL has the factor {num(weight)}{hint}: this is the β-objective, not the ELBO."
        if not close(b, weight):
            yield f"The whole has the factor {num(b / weight)}: the same optimum, but not nats an image."

    @property
    def own_weight(self) -> float:
        """The KL's weight but for the reductions."""
        if self.gaussian and self.scale == abs(self.form.b):
            return self.b_factor
        return self.b_factor / (self.scale * self.a_factor / self.form.a)

    def overall(self) -> Iterator[str]:
        """What a KL does that weighs more, or less, than in J."""
        if self.well_formed and not close(self.share * self.own_weight, 1):
            if self.share * self.own_weight > 1:
                yield "Typical of a heavy KL: few nats or none pass the latent, and the reconstructions look alike."
            else:
                yield "Typical of a light KL: good reconstructions, and bad samples from the prior."

    def constant(self) -> Iterator[str]:
        _, constant, kl_constant = self.explained
        if constant == "unknown":
            yield f"Its constant {num(self.form.c)} is not −log p(x|z)'s: no gradient changes, but the number does."
        elif constant not in ("", "left out"):
            yield f"In its constant {constant}: no gradient changes while σ_x is fixed, but the number does."
        if kl_constant:
            high = num(self.form.b * KL_CONSTANTS[kl_constant](self.setting.latent))
            yield f"The −1 of the KL is {kl_constant}: no gradient changes, but the number is {high} too high."

    def remarks(self) -> Iterator[str]:
        """What a right loss may do too."""
        if not self.gaussian or not self.well_formed or not close(self.scale, 1):
            return
        if close(self.noise_var, 0.5) and close(self.a_factor, 1):
            yield "Without a ½ before the squared error σ_x² is ½ and not 1."
        if self.explained[1] == "left out":
            constant = num(self.setting.pixels / 2 * math.log(2 * math.pi * self.noise_var))
            yield f"The constant D/2 log(2πσ_x²) = {constant} is left out: add it to compare nats."
