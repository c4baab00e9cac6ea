"""Statistics of draws of N(mu, exp(log_var)): what they are, what is said of each, and which say most."""

import numpy as np

from vae_lib.exercises.engine import Call, Seen, Statistic, mean_of, spread_of


def of_draws(seen: Seen, call: Call) -> dict[str, Statistic]:
    """Statistics of draws of N(mu, exp(log_var)) and of their gradients."""
    z, mu, sigma = seen.values["value"], call.inputs["mu"], np.exp(call.inputs["log_var"] / 2)
    with np.errstate(all="ignore"):
        calls, off, slopes = len(z), z - mu, len(next(iter(seen.gradients.values()), ""))
        eps = standardised(z)
        own, independent = (off / sigma).reshape(calls, -1), correlations(eps)[1]
        found = {
            "repeats": repeats(z[slopes:] if slopes < calls else z),
            "calls": mean_of((eps[1:] * eps[:-1]).mean(1)),
            "correlations": pairwise(eps),
            "sizes": pairwise(standardised(np.abs(eps))),
            "mean": mean_of(z)._replace(independent=independent),
            "pooled mean": mean_of(own.mean(1)),
            "spread": spread_of(z)._replace(independent=independent),
            "pooled spread": mean_of(np.square(own).mean(1)),
            "noise": mean_of(np.stack([np.abs(eps).mean(1), (eps**3).mean(1), (np.abs(eps) > 1.5).mean(1)], 1)),
        }
        if slopes:
            few = off[:slopes]
            slope = (seen.gradients["log_var"] * few).sum(0) / np.square(few).sum(0).clip(1e-12)
            found |= {
                "gradient of mu": Statistic(seen.gradients["mu"].mean(0)),
                "gradient of log_var": Statistic(slope),
            }
    return found


OF_DRAWS = {
    "repeats": "do all calls give the same numbers?",
    "calls": "new noise in every call: the correlation of one call with the next",
    "correlations": "noise of its own for each number of z: the correlations of any two",
    "mean": "the mean of each number of z, over many calls",
    "pooled mean": "the mean of (z − mu) / σ, over all numbers and calls",
    "spread": "the standard deviation of each number of z, over many calls",
    "pooled spread": "the mean of ((z − mu) / σ)², over all numbers and calls",
    "sizes": "noise of its own for each number of z: the correlations of the sizes of any two",
    "noise": "Gaussian noise: the means of |ε|, of ε³ and of |ε| > 1.5, over all numbers and calls",
    "gradient of mu": "∂z/∂mu",
    "gradient of log_var": "∂z/∂log_var divided by z − mu",
}
CLAIMS_OF_DRAWS = ("repeats", "mean", "spread", "correlations", "noise")
SEEDED = "seeded", "Every call gives the same numbers: no noise gets in, a seed is set, or a result is kept, inside."
OTHERWISE_OF_DRAWS = {
    "repeats": SEEDED,
    "calls": ("calls-alike", "One call's noise tells the next one's: it is kept, or used again, between calls."),
    "correlations": ("correlated", "Some numbers share their noise, or part of it: each needs an ε of its own."),
    "sizes": ("sizes-alike", "The size of one number's noise tells another's: each needs an ε of its own."),
    "noise": ("not-gaussian", "Mean and standard deviation are right, but the noise is not Gaussian."),
}


def repeats(draws: np.ndarray) -> Statistic:
    return Statistic(np.array((draws.std(0) < 1e-6 * (1 + np.abs(draws).max())).all()))


def standardised(draws: np.ndarray) -> np.ndarray:
    """[calls, numbers] with mean 0 and standard deviation 1; 0 where nothing scatters but rounding."""
    std = draws.std(0)
    scatters = std > 1e-5 * np.abs(draws).max(0) + 1e-9
    eps = np.where(scatters, (draws - draws.mean(0)) / np.where(scatters, std, 1), 0)
    return np.nan_to_num(eps).reshape(len(draws), -1)


def mean_of_alike(draws: np.ndarray) -> Statistic:
    """The mean over the first axis of numbers that move together, of which fewer are independent."""
    return mean_of(draws)._replace(independent=correlations(standardised(draws))[1])


def correlations(eps: np.ndarray) -> tuple[np.ndarray, float]:
    """Of any two columns; and how many of the columns are independent."""
    count = eps.shape[1]
    correlation = (eps.T @ eps / len(eps))[np.triu_indices(count, 1)]
    return correlation, count**2 / (count + 2 * np.square(correlation).sum())


def pairwise(eps: np.ndarray) -> Statistic:
    """The correlations of any two columns: 0 where they are independent."""
    correlation, _ = correlations(eps)
    return Statistic(correlation, (1 - correlation**2).clip(0) / np.sqrt(len(eps)))
