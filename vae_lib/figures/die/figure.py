"""Chapter 8: *A die inside the net*, the live figure in which four ways to guess a slope stand beside the true one."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg

# Logits of the pixels, a row for each face, and the picture x that is to be drawn.
DECODER = {"table": [[3, 2, -1, -3], [-2, 2, 3, -2], [2, -3, 1, 2]], "x": [1, 1, 1, 0]}
COIN = {"table": [[3, -3], [-2, 4]], "x": [1, 1]}  # tails, heads
Q, THROWS, SHOWN = [0.2, 0.6, 0.2], 40, [1.0, 0.1]
CORNERS = torch.tensor([[0.0, 1.0], [-0.866, -0.5], [0.866, -0.5]])
STEPS = (
    "A coin's loss over its logit, for eight frozen throws: eight steps, each from the loss {tails:.2f} nats of tails "
    "down to {heads:.2f} of heads, at another logit. A vertical line marks the coin as it is, at the logit 1.2. There "
    "all eight are flat."
)
DRAWS = (
    "Two triangles whose corners are the faces of a die, with q = ({q}) as a ring. Dots: forty throws from the same "
    "noise, relaxed. Left, at τ = 1, they are spread over the triangle; right, at τ = 0.1, most lie in the corners. "
    "An arrow from q is the exact gradient of E[f] by the logits, ({g}) nats: away from face 3."
)


def die(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Cool a relaxed die, and see each estimator's arrow, bias and variance beside the true gradient (chapter 8).

    One die of three faces, and f(z) = log p(x|z) of a Bernoulli decoder with 2 × 2 pixels whose logits are the shares'
    mixture of the faces'; the KL, closed in form, is left out. All means and variances are exact, by enumeration or
    quadrature. `control` "opening" reduces it to a coin, a guess, and the temperature. `state` is what it shows first,
    any of: `tau`, a value of its slider; `q`, three whole percents from 5 that add up to 100; `way`, "score", "left",
    "gumbel" or "straight"; `seed`, 0 for the stored noise. Raises ValueError at another control.
    """
    title = "A die inside the net: the true slope, and four guesses"
    data = {"coin": COIN} if control == "opening" else {"decoder": DECODER, "noises": noises().tolist()}
    options = {"control": control, "controls": ("opening",), "state": state}
    figure, alt = _steps() if control == "opening" else _draws()
    return explorable("die", title, shortened(as_svg(figure).data), alt, data, **options)


def noises() -> Tensor:
    """The Gumbel noise of the stored throws, `[throws, 3]`, rounded to two digits."""
    generator = torch.Generator().manual_seed(0)  # its own: the notebook's draws stay as they are
    uniform = torch.rand(THROWS, 3, dtype=torch.float64, generator=generator)
    return (-(-uniform.log()).log()).round(decimals=2)


def log_likelihood(z: Tensor, decoder: dict) -> Tensor:
    """f(z) = log p(x|z), nats, `[...]`, of shares z, `[..., faces]`, soft or not."""
    table, x = (torch.tensor(decoder[name], dtype=z.dtype) for name in ("table", "x"))
    return torch.distributions.Bernoulli(logits=z @ table).log_prob(x).sum(-1)


def _draws() -> tuple[plt.Figure, str]:
    q = torch.tensor(Q, dtype=torch.float64)
    f = log_likelihood(torch.eye(3, dtype=torch.float64), DECODER)
    gradient = q * (f - q @ f)
    figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.0))
    for axes, tau in zip(panels, SHOWN, strict=True):
        _triangle(axes, torch.softmax((q.log() + noises()) / tau, dim=1), q, gradient)
        axes.set_title(f"relaxed throws, τ = {tau:g}")
    said = {name: ", ".join(f"{value:.2f}" for value in values) for name, values in (("q", q), ("g", gradient))}
    return figure, DRAWS.format(**said).replace("-", "−")


def _triangle(axes: Axes, z: Tensor, q: Tensor, gradient: Tensor) -> None:
    corners = CORNERS.double()
    axes.fill(*corners.T, facecolor="none", edgecolor=LIGHT["ink"])
    axes.plot(*(z @ corners).T, "o", color=LIGHT["q"], alpha=0.6, markersize=4)
    at, way = q @ corners, gradient @ corners
    axes.annotate("", at + way, at, arrowprops={"arrowstyle": "-|>", "color": LIGHT["ink"], "linewidth": 2})
    axes.plot(*at, "o", markerfacecolor=LIGHT["ground"], markeredgecolor=LIGHT["q"], markersize=9)
    for face, (place, anchor) in enumerate(zip(corners, ["bottom", "top", "top"], strict=True), 1):
        axes.text(*(1.05 * place), f"face {face}", ha="center", va=anchor)
    axes.set(aspect="equal", xlim=(-1.2, 1.2), ylim=(-0.8, 1.25))
    axes.axis("off")


def _steps() -> tuple[plt.Figure, str]:
    tails, heads = (-log_likelihood(torch.eye(2, dtype=torch.float64), COIN)).tolist()
    figure, axes = plt.subplots(figsize=(6.0, 2.8))
    share = (torch.arange(8, dtype=torch.float64) + 0.5) / 8
    for jump in torch.logit(share).tolist():
        axes.plot([-4, -jump, -jump, 4], [tails, tails, heads, heads], color=LIGHT["decoder"], linewidth=1)
    axes.axvline(1.2, color=LIGHT["data"], linestyle=":", linewidth=1)
    axes.set(
        xlabel="logit of the coin: tails ← → heads", ylabel="loss, nats", xlim=(-4, 4), ylim=(0, 4), yticks=[0, 2, 4]
    )
    return figure, STEPS.format(tails=tails, heads=heads)
