"""Chapter 10: what a countable z tells about x, I(x; z), exactly: under q, or under the true posterior."""

import math

from torch import Tensor

from vae_lib.networks import describe


def information(probs: Tensor) -> float:
    """I(x; z) in nats, of rows x that are equally likely: the mean of KL(q(z|x) ‖ q̄(z)), q̄ their average (chapter 10).

    `probs` is `[states, batch]`: q(z|x), `enumerate_states(model, x).log_q.exp()`, or `.posterior`, p(z|x). It is never
    negative, and never above the log of the number of states or of rows: these rows' information, and no estimate of
    that of others. Computed in float64, of columns divided by their sums, which rounding may leave 1e-4 off 1. Raises
    ValueError for columns that do not sum to 1.
    """
    q = probs.detach().double()
    if q.ndim != 2 or not ((q >= 0).all() and q.numel() and ((q.sum(0) - 1).abs() < 1e-4).all()):
        raise ValueError(f"expected probabilities [states, batch] whose columns sum to 1, got {describe(probs)}")
    q = q / q.sum(0)
    told = q.xlogy(q).sum(0).mean() - q.mean(1).xlogy(q.mean(1)).sum()
    return min(max(told.item(), 0.0), math.log(min(q.shape)))  # what rounding adds is cut off


def of_labels(probs: Tensor, labels: Tensor) -> Tensor:
    """q(z|label) for each row's own label, the average over the rows with that label: `[states, batch]` (chapter 10).

    Its `information` is I(label; z), what z tells of a letter or a length: at most I(x; z), and at most the labels'
    entropy. Of few rows it is too high by chance, by about (states − 1)(labels − 1) / 2n nats. `probs` is `[states,
    batch]`, `labels` `[batch]`, whole numbers. Raises ValueError for labels of another length.
    """
    if labels.shape != probs.shape[1:]:
        raise ValueError(f"expected labels [{probs.shape[-1]}], got {describe(labels)}")
    same = (labels[:, None] == labels).to(probs)
    return probs @ (same / same.sum(0))
