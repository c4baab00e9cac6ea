"""The answers to one coordinate step, as students give them: one entry wrong where those before it are right."""

import numpy as np
import torch

A, SEEN = np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([0.2, 0.6])
Q_1, Q_3 = np.array([0.6, 0.4]), np.array([0.25, 0.75])
FIRST, THIRD = [-0.544801, -1.524221], [-1.753279, -0.568499]


def bound(logits):
    """The mean-field bound as a function of q of year 2, without what does not depend on it."""
    q = torch.softmax(logits, 0)
    log_a, seen = torch.tensor(np.log(A)), torch.tensor(np.log(SEEN))
    neighbours = torch.tensor(Q_1) @ log_a @ q + q @ log_a @ torch.tensor(Q_3)
    return neighbours + q @ seen - (q * q.log()).sum()


def oracle():
    """The new q by climbing the bound; the messages as its slopes."""
    logits = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [logits], max_iter=300, tolerance_grad=1e-12, tolerance_change=1e-16, line_search_fn="strong_wolfe"
    )

    def loss():
        optimizer.zero_grad()
        value = -bound(logits)
        value.backward()
        return value

    optimizer.step(loss)
    return {
        "from_year_1": [sum(Q_1[j] * np.log(A[j, k]) for j in (0, 1)) for k in (0, 1)],
        "from_year_3": [sum(Q_3[j] * np.log(A[k, j]) for j in (0, 1)) for k in (0, 1)],
        "q": torch.softmax(logits, 0).detach(),
    }


def with_a_calculator():
    return {"from_year_1": [-0.5448, -1.5242], "from_year_3": [-1.7533, -0.5685], "q": [0.2135, 0.7865]}


def entry(**wrong):
    """The right answer with one entry changed."""
    return with_a_calculator() | wrong


def shares(weights):
    return weights / weights.sum()


NEIGHBOURS = np.array(FIRST) + np.array(THIRD)
ANSWERS = [
    (with_a_calculator(), "with a calculator", ""),
    (oracle, "the bound, climbed", ""),
    ({"from_year_1": ["0.6 ln(0.9) + 0.4 ln(0.3)", "0.6 ln(0.1) + 0.4 ln(0.7)"]}, "one of three", "open"),
    (entry(from_year_1=np.log(A) @ Q_1), "transposed", "from-year-1-transposed"),
    (entry(from_year_1=np.log(Q_1 @ A)), "log of the mean", "from-year-1-log-of-mean"),
    (entry(from_year_1=[0.66, 0.34]), "no logarithms", "from-year-1-mean"),
    (entry(from_year_1=np.log(A[0])), "the likelier state", "from-year-1-likelier"),
    (entry(from_year_1=np.log(A).sum(0)), "not weighted", "from-year-1-not-weighted"),
    (entry(from_year_3=Q_3 @ np.log(A)), "transposed", "from-year-3-transposed"),
    (entry(from_year_3=np.log(A @ Q_3)), "log of the mean", "from-year-3-log-of-mean"),
    (entry(from_year_3=A @ Q_3), "no logarithms", "from-year-3-mean"),
    (entry(from_year_3=np.log(A) @ Q_1), "the other q", "from-year-3-year-1"),
    (entry(q=shares(np.exp(NEIGHBOURS))), "nothing seen", "q-seen-missing"),
    (entry(q=shares(SEEN * np.exp(FIRST))), "no year 3", "q-year-3-missing"),
    (entry(q=shares(SEEN * np.exp(THIRD))), "no year 1", "q-year-1-missing"),
    (entry(q=[0.25, 0.75]), "no neighbours", "q-seen-alone"),
    (entry(q=SEEN * np.exp(NEIGHBOURS)), "not normalised", "q-not-normalised"),
    (entry(q=np.log(SEEN) + NEIGHBOURS), "scores", "q-scores"),
    (entry(q=shares(SEEN * (Q_1 @ A) * (A @ Q_3))), "belief propagation", "q-sums-and-products"),
    (entry(q=[0.7865, 0.2135]), "states swapped", "q-swapped"),
    ("q", "no dict", "no-dict"),
]
