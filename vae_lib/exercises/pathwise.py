r"""# The pathwise gradient

Write `my_pathwise(f, mu, sigma, eps)`: the pathwise estimates of the gradient of $\mathrm{E}[f(z)]$, $z \sim \mathcal{N}(\mu, \sigma^2)$, as a pair (`d_mu`, `d_sigma`). Here $z$ is a single number: `mu` and `sigma` are Python numbers, `eps` is `[draws]`, and so are both results, with one estimate for each $\varepsilon$. `f` is a torch function that acts on each element alone.

The chapter let autograd find both derivatives. Try it the other way: ask autograd for the slope of $f$ alone, and do the rest by (3.8). The check accepts both.

## Hint: where to look
The two right-hand sides of [(3.8)](#is-it-the-right-gradient-deeper), without their expectations.

## Hint: the idea
Compute all $z$, and make them the place where autograd starts: $f'(z)$ is the derivative of $f(z)$ by $z$. As $f$ acts on each $z$ alone, the gradient of the *sum* of all $f(z)$ holds each $f'(z)$ in its place.

## Hint: nearly the code
`z = (mu + sigma * eps).requires_grad_()`, then `torch.autograd.grad` of `f(z).sum()` by $z$: a tuple with one tensor, `slope`. One of the two results is `slope`; the other is `slope` times something that you have.
"""  # noqa: E501

import torch

from vae_lib.exercises.engine import swap, whole
from vae_lib.exercises.families import same, scaled, swaps
from vae_lib.exercises.families.estimators import TYPED, OfFunction, elsewhere, f_and_draws, given, slope_of, through

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


def one(z, mu, sigma, eps):
    return 1


def parts(f, mu, sigma, eps, *, at=scaled, path=scaled, slope=slope_of, by_mu=one, by_sigma=one, give=same):
    z = through(at, mu, sigma, eps)[0]
    _, to_mu, to_sigma = through(path, mu, sigma, eps)
    g, of = slope(f, z), (z, mu, sigma, eps)
    return give((g * to_mu * by_mu(*of), g * to_sigma * by_sigma(*of)))


def score_function(f, mu, sigma, eps):
    height = f(mu + sigma * eps)
    return height * eps / sigma, height * (eps**2 - 1) / sigma


SLOPES = {
    "height": ("f itself is used in place of its slope", lambda f, z: f(z)),
    "slope-zero": ("z depends neither on mu nor on sigma any more, as after detach", lambda f, z: 0 * z),
    "slope-typed": (
        "the slope of 5 − 3z + 2z³ is hard-coded, whatever f is passed",
        lambda f, z: sum(n * c * z ** (n - 1) for n, c in enumerate(TYPED) if n),
    ),
    "slope-of-square": ("the slope of z² is hard-coded, whatever f is passed", lambda f, z: 2 * z),
}
BY_MU = {
    "times-sigma": ("d_mu is multiplied by σ: ∂z/∂mu is 1, see (3.4)", lambda z, m, s, e: s),
    "over-sigma": ("d_mu is divided by σ: ∂z/∂mu is 1, see (3.4)", lambda z, m, s, e: 1 / s),
    "times-eps": ("d_mu is multiplied by ε: ∂z/∂mu is 1, see (3.4)", lambda z, m, s, e: e),
    "zero": ("z does not depend on mu any more, as after detach", lambda z, m, s, e: 0),
}
BY_SIGMA = {
    "no-eps": ("the factor ε is forgotten: ∂z/∂σ is ε, see (3.4)", lambda z, m, s, e: 1 / e),
    "sigma-for-eps": ("the slope of f is multiplied by σ in place of ε", lambda z, m, s, e: s / e),
    "z-for-eps": ("the slope of f is multiplied by z in place of ε", lambda z, m, s, e: z / e),
    "mu-for-eps": ("the slope of f is multiplied by mu in place of ε", lambda z, m, s, e: m / e),
    "log-sigma": ("there is a σ too many: that is ∂/∂log σ, or z − mu in place of ε", lambda z, m, s, e: s),
    "log-variance": ("there is a ½σ too many: the derivative is by log σ²", lambda z, m, s, e: s / 2),
    "variance": ("there is a 1/(2σ) too many: the derivative is by the variance σ²", lambda z, m, s, e: 0.5 / s),
    "over-sigma": ("d_sigma is divided by σ: ∂z/∂σ is ε, see (3.4)", lambda z, m, s, e: 1 / s),
    "eps-twice": ("ε is multiplied twice: ∂z/∂σ is ε, see (3.4)", lambda z, m, s, e: e),
    "eps-absolute": ("ε loses its sign: ∂z/∂σ is ε, see (3.4)", lambda z, m, s, e: e.sign()),
    "zero": ("z does not depend on sigma any more, as after detach", lambda z, m, s, e: 0),
}
BOTH = {
    "times-sigma": "the slope of f is multiplied by σ: ∂z/∂mu is 1, see (3.4)",
    "over-sigma": "both results are divided by σ",
}

check_pathwise = OfFunction(
    name="pathwise",
    solution=solution,
    parts=parts,
    quiet=False,  # an answer may take gradients of its own
    inputs=f_and_draws,
    steps=("d_mu, d_sigma = my_pathwise(f, mu, sigma, eps)",),
    asked={
        "again": "the same d_sigma from a second call: the difference",
        "d_mu": "the pathwise estimates of ∂E[f(z)]/∂mu, one per ε",
        "d_sigma": "the pathwise estimates of ∂E[f(z)]/∂sigma, one per ε",
    },
    right="Both pathwise gradients, one estimate for each ε.",
    axes=("draws",),
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **elsewhere("at", "the slope of f is taken at {} instead of at z: {}", "at"),
        **elsewhere("through", "z is made as {}, and differentiated so: {}", "at", "path", but=("noise",)),
        **swaps("slope", SLOPES),
        **swaps("by_mu", BY_MU, "d-mu-"),
        **swaps("by_sigma", BY_SIGMA, "d-sigma-"),
        **{f"both-{k}": swap(words, by_mu=BY_MU[k][1], by_sigma=BY_MU[k][1]) for k, words in BOTH.items()},
        **given("give"),
        "score": whole("the score function is used: the path needs the slope of f, see (3.8)", score_function),
        "d-sigma-score": whole(
            "d_sigma is the score function's: the path needs the slope of f, see (3.8)",
            lambda *given: (solution(*given)[0], score_function(*given)[1]),
        ),
    },
)
