r"""# A q with neighbours

Write `my_log_prob(z, mu, diagonal, below)`: $\log q(z)$ of a Gaussian with mean $\mu$ and the tridiagonal precision $\Lambda = L_\Lambda L_\Lambda^\top$. $L_\Lambda$ is lower triangular and has two diagonals: `diagonal` `[batch, steps]`, all positive, and `below` `[batch, steps − 1]`, the one under it. `z` and `mu` are `[batch, steps]`. The result is `[batch]`, in nats. Gradients must reach `mu`, `diagonal` and `below`. No matrix is needed, and no solve.

## Hint: where to look
[(9.5)](#a-q-that-knows-its-neighbours), and [chapter 3](03_reparameterization.ipynb), whose Cholesky factor $L$ is one of the *covariance*.

## Hint: the idea
$(z - \mu)^\top \Lambda\, (z - \mu)$ is the squared length of $L_\Lambda^\top (z - \mu)$. And $\log \det \Lambda$ is twice the sum of the logarithms of `diagonal`.

## Hint: nearly the code
`off = z - mu`; $L_\Lambda^\top$ takes each step and the one *after* it: `white = diagonal * off`, and `below * off[:, 1:]` is added to all of `white` but its last column. Then the sum of $\log$ `diagonal` $- \tfrac12$ `white`$^2 - \tfrac12 \log 2\pi$ over the steps.
"""  # noqa: E501

import torch
from torch import Tensor
from torch.nn import functional

from vae_lib.exercises.engine import Exercise, swap
from vae_lib.exercises.families import alone, last_axis, of_whole, reduction, same, swaps
from vae_lib.exercises.families.basics import LOG_2PI, term

ANSWER = "my_log_prob"


def solution(z, mu, diagonal, below):
    """log q(z) under a tridiagonal precision: [batch], in nats."""
    off = z - mu
    after = torch.cat([below * off[:, 1:], torch.zeros_like(off[:, :1])], dim=1)
    white = diagonal * off + after  # Lᵀ(z − μ)
    return (diagonal.log() - 0.5 * white**2 - 0.5 * torch.log(torch.tensor(2 * torch.pi))).sum(1)


def later(below: Tensor, off: Tensor) -> Tensor:
    """What each step gets from the one after it."""
    return functional.pad(below * off[:, 1:], (0, 1))


def earlier(below: Tensor, off: Tensor) -> Tensor:
    return functional.pad(below * off[:, :-1], (1, 0))


def half_square(white: Tensor) -> Tensor:
    return -0.5 * white**2


def log_root(diagonal: Tensor) -> Tensor:
    return diagonal.log()


def constant(off: Tensor) -> Tensor:
    return torch.full_like(off, -0.5 * LOG_2PI)


def whitened(off: Tensor, diagonal: Tensor, below: Tensor, link=later) -> Tensor:
    return diagonal * off + link(below, off)


def solved(off: Tensor, diagonal: Tensor, below: Tensor) -> Tensor:
    """L⁻¹(z − μ), as for a covariance LLᵀ."""
    found = [off[:, 0] / diagonal[:, 0]]
    for t in range(1, off.shape[1]):
        found.append((off[:, t] - below[:, t - 1] * found[-1]) / diagonal[:, t])
    return torch.stack(found, 1)


def parts(
    z, mu, diagonal, below, *, between=torch.sub, link=later, white=whitened, square=half_square, log_det=log_root,
    pi=constant, over=last_axis, read=same,
):  # fmt: skip
    off = between(z, mu)
    scale = read(diagonal)
    made = white(off, scale, below, link) if white is whitened else white(off, scale, below)
    return over(square(made) + log_det(scale) + pi(off))


def inputs(rng):
    """[3, 5] by hand, and [4, 7]."""
    calls = []
    for batch, steps in ((3, 5), (4, 7)):
        calls.append(
            {
                "z": rng.normal(0, 1.5, (batch, steps)).round(1),
                "mu": rng.normal(0, 1, (batch, steps)).round(1) + 0.05,
                "diagonal": rng.uniform(0.4, 2.2, (batch, steps)).round(2),
                "below": rng.uniform(-1.6, 1.6, (batch, steps - 1)).round(2),
            }
        )
    return calls


LINKS = {
    "transposed": ("L is used in place of its transpose: Lᵀ takes each step and the one after it", earlier),
    "missing": (
        "the neighbours are left out: `below` is not used, and q is mean field",
        lambda b, off: 0 * off + 0 * b.sum(),
    ),
    "sign": ("`below` has the wrong sign", lambda b, off: -later(b, off)),
    "twice": ("`below` is counted twice", lambda b, off: 2 * later(b, off)),
    "both-sides": ("L and its transpose are added up", lambda b, off: later(b, off) + earlier(b, off)),
}


def as_precision(off, diagonal, below):
    """A white z whose squared length is (z − μ)ᵀ L_sym (z − μ): the two diagonals taken for those of Λ."""
    return diagonal * off**2 + 2 * later(below * off[:, :-1], off)


check_chain_log_prob = Exercise(
    name="chain_log_prob",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("mu", "diagonal", "below"),
    asked={
        "value": "log q(z), one number a series, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of mu": "the gradient of their sum with respect to mu",
        "gradient of diagonal": "the gradient of their sum with respect to diagonal",
        "gradient of below": "the gradient of their sum with respect to below",
    },
    right="A density with neighbours, at the cost of two diagonals.",
    axes=("batch", "steps"),
    effort="deeper · ●●○ · 7 minutes",
    mistakes={
        **swaps("link", LINKS, "link-"),
        **{key: swap(sentence, **slots) for key, (sentence, slots) in {
            **term("square", "the squared length", half_square, but=("half", "twice")),
            **term("log_det", "log det L", log_root),
            **term("pi", "½ log 2π", constant),
        }.items()},
        "square-half-missing": swap("the ½ before the squared length is missing", square=lambda w: -(w**2)),
        "square-quarter": swap("the squared length has a ¼ in place of the ½", square=lambda w: -0.25 * w**2),
        "length": swap("the length is not squared", square=lambda w: -0.5 * w.abs()),
        "covariance-factor": swap(
            "L is taken for the factor of the covariance, as in chapter 3: here LLᵀ is the precision",
            white=solved,
            log_det=lambda d: -d.log(),
        ),
        "solved": swap(
            "L is divided out, and not multiplied: that is right for a covariance LLᵀ, and this is a precision",
            white=solved,
        ),
        "precision-itself": swap(
            "the two diagonals are taken for those of Λ, and not of its factor L",
            white=as_precision,
            square=lambda w: -0.5 * w,
        ),
        "mu-missing": swap("mu is not subtracted", between=lambda z, mu: z + 0 * mu),
        "mu-added": swap("mu is added", between=torch.add),
        "diagonal-logged": swap("`diagonal` is taken for a logarithm", read=torch.exp),
        "diagonal-root": swap("the root of `diagonal` is taken", read=torch.sqrt),
        **alone(reduction("over", "steps", "series")),
        **of_whole("the sign is wrong: − log q(z)"),
    },
)  # fmt: skip
