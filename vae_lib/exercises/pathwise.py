r"""# The pathwise gradient

Write `my_pathwise(f, mu, sigma, eps)`: the pathwise estimates of the gradient of $\mathrm{E}[f(z)]$, $z \sim \mathcal{N}(\mu, \sigma^2)$, as a pair (`d_mu`, `d_sigma`). Here $z$ is a single number: `mu` and `sigma` are Python numbers, `eps` is `[draws]`, and so are both results, with one estimate for each $\varepsilon$. `f` is a torch function that acts on each element alone.

The chapter let autograd find both derivatives. Try it the other way: ask autograd for the slope of $f$ alone, and do the rest by (3.6). The check accepts both.

## Hint: where to look
The two right-hand sides of (3.6), without their expectations.

## Hint: the idea
Compute all $z$, and make them the place where autograd starts: $f'(z)$ is the derivative of $f(z)$ by $z$. As $f$ acts on each $z$ alone, the gradient of the *sum* of all $f(z)$ holds each $f'(z)$ in its place.

## Hint: nearly the code
`z = (mu + sigma * eps).requires_grad_()`, then `torch.autograd.grad` of `f(z).sum()` by $z$: a tuple with one tensor, `slope`. One of the two results is `slope`; the other is `slope` times something that you have.
"""  # noqa: E501

from functools import partial

import torch

from vae_lib.exercises import families
from vae_lib.exercises.engine import swap, whole
from vae_lib.exercises.families import PLACES, TYPED, OfFunction, in_order, same, slope_of, through

STUB = '''\
def my_pathwise(f, mu, sigma, eps):
    """Pathwise estimates of the gradient: (d_mu, d_sigma), each like eps."""
    return ..., ...
'''


def solution(f, mu, sigma, eps):
    """Pathwise estimates of the gradient: (d_mu, d_sigma), each like eps."""
    z = (mu + sigma * eps).requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


def along(mu, sigma, eps):
    """z, ∂z/∂mu and ∂z/∂sigma."""
    return mu + sigma * eps, torch.ones_like(eps), eps


def by_hand(z):
    """Another z, with the derivatives of the right one."""
    return lambda mu, sigma, eps: (through(z, mu, sigma, eps)[0], torch.ones_like(eps), eps)


def unchanged(way, z, mu, sigma, eps):
    return way


def times_sigma(way, z, mu, sigma, eps):
    return way * sigma


def over_sigma(way, z, mu, sigma, eps):
    return way / sigma


def parts(
    f, mu, sigma, eps, *, path=along, slope=slope_of, by_mu=unchanged, by_sigma=unchanged, order=in_order, give=same
):
    z, to_mu, to_sigma = path(mu, sigma, eps)
    g, of = slope(f, z), (z, mu, sigma, eps)
    d_mu, d_sigma = order(g * by_mu(to_mu, *of), g * by_sigma(to_sigma, *of))
    return give(d_mu), give(d_sigma)


def score_function(f, mu, sigma, eps):
    height = f(mu + sigma * eps)
    return height * eps / sigma, height * (eps**2 - 1) / sigma


def second_slope(f, z):
    z = z.detach().requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z, create_graph=True)
    return torch.autograd.grad(slope.sum(), z)[0]


def slope_of_the_first(f, z):
    return sum(n * c * z ** (n - 1) for n, c in enumerate(TYPED) if n)


SLOPES = {
    "height": ("f itself is used in place of its slope", lambda f, z: f(z)),
    "slope-zero": ("z depends neither on mu nor on sigma any more, for example because of detach", lambda f, z: 0 * z),
    "slope-typed": ("the slope of 5 − 3z + 2z³ is hard-coded, whatever f is passed", slope_of_the_first),
    "slope-of-square": ("the slope of z² is hard-coded, whatever f is passed", lambda f, z: 2 * z),
    "second-slope": ("f is differentiated twice", second_slope),
    "times-height": ("f multiplies its slope: that is the slope of ½ f²", lambda f, z: f(z) * slope_of(f, z)),
    "slope-absolute": ("the absolute value of the slope is taken", lambda f, z: slope_of(f, z).abs()),
}
BY_MU = {
    "times-sigma": ("d_mu is multiplied by σ: ∂z/∂mu is 1, see (3.4)", times_sigma),
    "over-sigma": ("d_mu is divided by σ: ∂z/∂mu is 1, see (3.4)", over_sigma),
    "times-eps": ("d_mu is multiplied by ε: ∂z/∂mu is 1, see (3.4)", lambda w, z, m, s, e: w * e),
    "times-z": ("d_mu is multiplied by z: ∂z/∂mu is 1, see (3.4)", lambda w, z, m, s, e: w * z),
    "times-mu": ("d_mu is multiplied by mu: ∂z/∂mu is 1, see (3.4)", lambda w, z, m, s, e: w * m),
    "zero": ("z does not depend on mu any more, for example because of detach", lambda w, z, m, s, e: 0 * w),
    "sign": ("d_mu has the wrong sign", lambda w, z, m, s, e: -w),
}
BY_SIGMA = {
    "no-eps": ("the factor ε is forgotten: ∂z/∂σ is ε, see (3.4)", lambda w, z, m, s, e: w / e),
    "sigma-for-eps": ("the slope of f is multiplied by σ in place of ε", lambda w, z, m, s, e: w / e * s),
    "z-for-eps": ("the slope of f is multiplied by z in place of ε", lambda w, z, m, s, e: w / e * z),
    "mu-for-eps": ("the slope of f is multiplied by mu in place of ε", lambda w, z, m, s, e: w / e * m),
    "log-sigma": (
        "there is one factor σ too many: that is the derivative by log σ, or z − mu in place of ε",
        times_sigma,
    ),
    "log-variance": ("there is a factor ½σ too many: the derivative is by log σ²", lambda w, z, m, s, e: w * s / 2),
    "variance": (
        "there is a factor 1/(2σ) too many: the derivative is by the variance σ²",
        lambda w, z, m, s, e: w / (2 * s),
    ),
    "two-sigma": ("there is one factor 2σ too many: that is ∂z/∂σ of z = mu + σ²ε", lambda w, z, m, s, e: 2 * s * w),
    "over-sigma": ("d_sigma is divided by σ", over_sigma),
    "over-variance": ("d_sigma is divided by σ²", lambda w, z, m, s, e: w / s**2),
    "eps-twice": ("ε is multiplied twice: ∂z/∂σ is ε, see (3.4)", lambda w, z, m, s, e: w * e),
    "eps-absolute": ("ε loses its sign: ∂z/∂σ is ε, see (3.4)", lambda w, z, m, s, e: w.abs()),
    "one-added": ("∂z/∂mu and ∂z/∂sigma are added up: 1 + ε in place of ε", lambda w, z, m, s, e: w / e + w),
    "zero": ("z does not depend on sigma any more, for example because of detach", lambda w, z, m, s, e: 0 * w),
    "sign": ("d_sigma has the wrong sign", lambda w, z, m, s, e: -w),
}

check_pathwise = OfFunction(
    name="pathwise",
    solution=solution,
    parts=parts,
    quiet=False,  # an answer may take gradients of its own
    inputs=families.function_and_draws,
    steps=("d_mu, d_sigma = my_pathwise(f, mu, sigma, eps)",),
    asked={
        "d_mu": "the pathwise estimates of ∂E[f(z)]/∂mu, one per ε",
        "d_sigma": "the pathwise estimates of ∂E[f(z)]/∂sigma, one per ε",
        "again": "the same d_sigma from a second call: the difference",
    },
    remark=families.drawn,
    right="Both pathwise gradients, one estimate for each ε.",
    axes=("draws",),
    level="deeper",
    dots=2,
    minutes=8,
    mistakes={
        **families.elsewhere("path", "the slope of f", by_hand),
        **{
            f"through-{key}": swap(f"z is made as {place}, and differentiated so: {why}", path=partial(through, z))
            for key, (place, why, z) in PLACES.items()
            if key != "noise"
        },
        **{key: swap(sentence, slope=function) for key, (sentence, function) in SLOPES.items()},
        **{f"d-mu-{key}": swap(sentence, by_mu=function) for key, (sentence, function) in BY_MU.items()},
        **{f"d-sigma-{key}": swap(sentence, by_sigma=function) for key, (sentence, function) in BY_SIGMA.items()},
        **families.given("give", "order"),
        "both-times-sigma": swap(
            "the slope of f is multiplied by σ: ∂z/∂mu is 1, see (3.4)", by_mu=times_sigma, by_sigma=times_sigma
        ),
        "both-over-sigma": swap("both results are divided by σ", by_mu=over_sigma, by_sigma=over_sigma),
        "score": whole("the score function is used: the path needs the slope of f, see (3.6)", score_function),
    },
)
