"""The form of a case: a loss as people write it, and which −log p(x|z) + β·KL it is, worked out by hand beforehand."""

from collections.abc import Callable
from typing import NamedTuple


class Case(NamedTuple):
    """A loss and the answer that `diagnose_loss` owes to whoever wrote it."""

    loss: Callable  # your own minimal code, in the style of the source, torch only; 3 to 20 lines
    family: str | None  # of p(x|z), see below; None: "not one of ours" (the tool then must claim no β)
    beta: float | None = 1.0  # see below; None: not told, or not of this form
    noise_var: float | None = None  # σ_x² of a Gaussian (or of a Huber inside its δ)
    scale: float | None = None  # the Laplace's scale; Huber's δ goes into `delta`
    delta: float | None = None
    total_count: int | None = None  # n of a Binomial
    batch: tuple[str, str] = ("mean", "mean")  # of the reconstruction, of the KL: "sum", "per example", "divided twice"
    pixels: str = "sum"  # of the reconstruction over the pixels: "sum", "mean", "mean over the last axis", …
    latents: str = "sum"  # of the KL over the latents: "sum", "mean"; " / D" where it is also divided by the pixels
    per_batch: int = 0  # β (or σ_x² where β = 1 by convention) goes with B to this power: 1 means β = `beta`·B
    right: bool = False  # is it J exactly, −ELBO in nats an image (a Gaussian's may lack its constant)?
    settings: dict = {}  # noqa: RUF012  # what the reader passes beside: data_dim=, latent_dim=, x_data=, batch_size=
    floor: tuple[str, float] | None = None  # ("free bits per latent" | "… per image" | … | "capacity", nats)
    prior_var: float = 1.0
    fourth: str = "log σ²"  # what the KL takes the fourth argument for: "log σ", "σ²", "σ", "softplus⁻¹(σ)", …
    says: tuple[str, ...] = ()  # kinds of warning that a careful teacher would want beside; in plain words
    source: str = ""  # repository, file, commit (REAL only)
    by_hand: str = ""  # the arithmetic, one or two lines: a = …, b = …, hence …
