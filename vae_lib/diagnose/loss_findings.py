"""Chapters 4 and 5: what the facts of a loss mean: a table, one entry a sentence. Words only; nothing is measured."""

import math
from collections.abc import Callable

from vae_lib.diagnose.loss_facts import LEFT_OUT, UNKNOWN, LossFacts, close
from vae_lib.diagnose.loss_families import FOURTH, HALF_SIGMA, LOG_VAR, LOGITS, PROBABILITIES, SIGMA_FOR_VAR

ON_0_TO_1 = ("bernoulli", "continuous bernoulli")
Table = dict[str, Callable[[LossFacts], object]]  # a sentence, and when it is said; `{names}` are those of WORDS


def report(facts: LossFacts) -> tuple[bool, str]:
    """Whether the loss is J, and what is said of it, line by line."""
    words = Words(facts)
    first, faults, remarks = (
        [says.format_map(words) for says, when in table.items() if when(facts)] for table in (FIRST, FAULTS, REMARKS)
    )
    text = "\n  ".join([*first, headline(facts, words), *faults, *remarks])
    return facts.is_ours and not faults and not on_data_outside(facts), text


class Words(dict):
    """The words of a loss's facts, each made when a sentence asks for it."""

    def __init__(self, facts: LossFacts):
        super().__init__()
        self.facts = facts

    def __missing__(self, name: str) -> str:
        word = WORDS[name](self.facts)
        return num(word) if isinstance(word, int | float) else word


def num(value: float) -> str:
    return f"{value:.4g}".replace("-", "−") if abs(value) > 1e-14 else "0"


# The headline

NAMES = {
    "gaussian": "β = {beta}, σ_x² = {width} ({reads})",
    "gaussian, optimal σ_x": "β = {beta}, σ_x² the best for each call: its mean squared error ({reads})",
    "bernoulli": "β = {beta} with Bernoulli pixels{divided} ({reads})",
    "continuous bernoulli": "β = {beta} with continuous Bernoulli pixels ({reads})",
    "binomial": "β = {beta} with Binomial pixels, n = {parameter} ({reads})",
    "categorical": "β = {beta} with categorical pixels{classes} ({reads})",
    "laplace": "β = {beta}, a Laplace with scale {width} ({reads})",
    "huber": "β = {beta}, a Huber with δ = {parameter}, within it a Gaussian with σ_x² = {width} ({reads})",
    "no KL": "β = 0 with {error} ({reads})",
    "no reconstruction": "the KL alone",
}
ERRORS = {"gaussian": "a squared error", "bernoulli": "a cross-entropy", "laplace": "an absolute error"}
COSTS = {"gaussian": "total variance", "bernoulli": "entropy of the pixels"}


def headline(facts: LossFacts, words: Words) -> str:
    if not facts.is_ours:
        found = "; ".join(strange(facts))
        return f"Not one of ours: a·(reconstruction) + b·KL + c does not fit, or fits a part only: {found}."
    kind = "no reconstruction" if not facts.a else facts.pixels.family if facts.b else "no KL"
    return ("This is " + NAMES[kind] + "{floor}{prior}, {over_the_batch}{budget}.").format_map(words)


def by_batch(facts: LossFacts, value: float, moves: bool) -> str:
    """A number, with its power of the batch size B where the two terms are reduced differently; else with its error."""
    power = facts.per_batch if moves else 0
    each = value / facts.sizes.batch**power
    if not power:
        return num(value) + (f" ± {facts.error * value:.1g}" if facts.error and moves else "")
    if facts.batch_size:
        return f"{num(each * facts.batch_size**power)} with your batches of {facts.batch_size}"
    sign = {1: "·B", -1: "/B"}.get(power, f"·B^{num(power)}")
    return f"{num(each)}{sign} with batches of B"


def with_floor(facts: LossFacts) -> str:
    if not facts.floor:
        return ""
    kind, nats = facts.floor
    each = num(nats / facts.sizes.latents if "per latent" in kind else nats)
    if "capacity" in kind:
        return f", its KL as γ|KL − C| with γ = {num(abs(facts.b))}, C = {each} nats ({kind})"
    return f", its KL with a floor of {each} nats ({kind})"


def over_the_batch(facts: LossFacts) -> str:
    words = {0: "averaged", 1: "summed", -1: "averaged, and divided by B once more,"}
    a, b = (words.get(powers.batch, "weighted anew") for powers in (facts.a_powers, facts.b_powers))
    if facts.per_example or not facts.a or not facts.b or a == b:
        return "one number per example" if facts.per_example else f"{a if facts.a else b} over the batch"
    return f"the reconstruction {a} and the KL {b} over the batch"


def budget(facts: LossFacts) -> str:
    """How many nats at most: what the best answer without z costs, in units of b (5.10)."""
    says = "; at this setting at most {} nats can pass the latent ({})"
    if facts.data and facts.data.budget is not None:
        return says.format(num(facts.data.budget), facts.data.label)
    known = facts.well_formed and not facts.data and facts.pixels.family in COSTS
    known = known and (not facts.per_batch or facts.batch_size)
    times = ((facts.batch_size or 1) / facts.sizes.batch) ** facts.per_batch if facts.per_batch else 1.0
    cost = f"{COSTS[facts.pixels.family]} / {num(facts.b / facts.a * times)}" if known else ""
    return says.format(cost, "pass x_data for the number") if known else ""


def strange(facts: LossFacts) -> list[str]:
    """What was found of a loss that is not ours."""
    family = facts.pixels.family if facts.pixels else ""
    known = {
        "what it does with x_hat and x is no term that is known here": facts.moves[0] and not facts.pixels,
        "what it does with mu and log_var is not a weighted sum of μ², σ² and log σ², as a KL is": (
            facts.moves[1] and not facts.fourth
        ),
        "what x_hat and x contribute changes with mu and log_var": not facts.separate,
        f"what it does with x_hat and x is {ERRORS.get(family, 'a ' + family + ' term')}": family,
        "what it does with mu and log_var is a KL": facts.fourth
        and facts.b
        and not facts.weights_of_kl
        and not facts.departs,
        weights(facts): facts.weights_of_kl and facts.draws == 1,
    }
    return [says for says, holds in known.items() if holds]


def weights(facts: LossFacts) -> str:
    of_mu, of_var, of_log_var, linear = facts.weights_of_kl or (0, 0, 0, 0)
    unit = next((abs(weight) for weight in (of_log_var, of_var, of_mu, linear) if weight), 1)
    ratio = " : ".join(num(weight / unit) for weight in (of_mu, of_var, of_log_var))
    lowest = f", which is smallest at σ² = {num(-of_log_var / of_var)}" if of_var > 0 > of_log_var else ""
    slips = {
        " (μ stands where μ² belongs)": linear and not of_mu,
        " (is an exp missing, or a term?)": not of_var or not of_log_var,
        " (a ½ or a sign on one term only?)": True,
    }
    slip = next(says for says, holds in slips.items() if holds)
    return f"the weights of μ², σ² and log σ² are {ratio}{lowest}; in a KL 1 : 1 : −1{slip}"


# The words


def over_pixels(facts: LossFacts) -> str:
    powers, shape = facts.a_powers.data, facts.sizes.data
    if all(power == -1 for power in powers):
        return f"averaged over the {facts.sizes.pixels} pixels"
    means = [axis(i, shape) for i, power in enumerate(powers) if power == -1 and shape[i] > 1]
    return f"averaged over {' and '.join(means)} of x, summed over the others" if means else "summed over the pixels"


def over_latents(facts: LossFacts) -> str:
    powers, shape = facts.b_powers.latent, facts.sizes.latent
    means = [axis(i, shape) for i, power in enumerate(powers) if power == -1]
    some = f"averaged over {' and '.join(means)} of the latents" if means else "summed over the latents"
    every = f"averaged over the {facts.sizes.latents} latents"
    divided = f" and divided by the {facts.sizes.pixels} pixels"
    of_pixels = divided if all(power == -1 for power in facts.b_powers.data) else ""
    return (every if all(power == -1 for power in powers) else some) + of_pixels


def axis(i: int, shape: tuple[int, ...]) -> str:
    which = "the last axis" if i == len(shape) - 1 else f"the {('first', 'second', 'third')[i]} axis"
    return f"{which} (of size {shape[i]})"


def share(facts: LossFacts) -> float:
    """What the reductions over pixels and latents make of the KL's weight."""
    return facts.b_powers.of(facts.sizes) / facts.a_powers.of(facts.sizes) / facts.sizes.batch**facts.per_batch


def constant_tells(facts: LossFacts) -> bool:
    """Whether σ_x², or a scale, is known from the constant, so that β is not 1 by convention."""
    return facts.has_width and facts.reading.constant not in (LEFT_OUT, UNKNOWN)


def beta_moves(facts: LossFacts) -> bool:
    """Whether sums, means and their error go into β; else into σ_x², or a scale, and β is 1."""
    return not facts.has_width or constant_tells(facts)


def moving(facts: LossFacts) -> float:
    return facts.reading.beta if beta_moves(facts) else facts.reading.width


def own_beta(facts: LossFacts) -> float:
    """β, up to what sums and means make of it."""
    if facts.has_width:
        return abs(facts.reading.beta) / (share(facts) if constant_tells(facts) else 1)
    return facts.own_b / facts.own_a


def beta_at_yours(facts: LossFacts) -> float:
    """β with batches of the reader's size, if that is known."""
    times = (facts.batch_size or facts.sizes.batch) / facts.sizes.batch
    return abs(facts.reading.beta) * (times**facts.per_batch if beta_moves(facts) else 1)


def scale_an_image(facts: LossFacts) -> float:
    """Of the loss = scale · (−log p(x|z) + β · KL), for a batch of one, or of the reader's size."""
    return abs(facts.reading.scale) * ((facts.batch_size or 1) / facts.sizes.batch) ** scale_power(facts)


def scale_power(facts: LossFacts) -> float:
    """How that scale goes with the batch."""
    powers = facts.b_powers if facts.has_width and facts.is_one(facts.reading.beta) else facts.a_powers
    return powers.batch


def scale(facts: LossFacts) -> str:
    power = 0 if facts.batch_size else scale_power(facts)
    return num(scale_an_image(facts)) + {0: "", 1: "·B", -1: "/B"}.get(power, f"·B^{num(power)}")


def is_at_scale(facts: LossFacts) -> bool:
    """Whether it is 1, or no more than a sum over the batch."""
    unknown = facts.per_batch and not facts.batch_size
    return at_your_batch(facts) or is_summed(facts) or unknown or "capacity" in str(facts.floor)


def at_your_batch(facts: LossFacts) -> bool:
    return facts.is_one(scale_an_image(facts)) and (bool(facts.batch_size) or not scale_power(facts))


def is_summed(facts: LossFacts) -> bool:
    """Whether it is J, or the β-objective, summed over the batch."""
    one = abs(facts.reading.scale) / facts.sizes.batch ** scale_power(facts) if facts.is_ours else 0
    return not facts.per_batch and batch_power(facts) == 1 and facts.is_one(one)


def divided_by_pixels(facts: LossFacts) -> bool:
    return close(scale_an_image(facts) * facts.sizes.pixels, 1) and close(share(facts), 1) and facts.sizes.pixels > 1


def width_name(facts: LossFacts) -> str:
    return "the scale" if facts.pixels.family == "laplace" else "σ_x²"


def of_sums(facts: LossFacts) -> str:
    """β, σ_x² or the scale, were both terms summed over pixels and latents, and averaged over the batch."""
    return num(moving(facts) / share(facts) / facts.sizes.batch**facts.per_batch)


def slip(facts: LossFacts) -> str:
    if facts.fourth is HALF_SIGMA:
        return "½ Σ (μ² + σ − 1 − log σ²), which is smallest at σ = 2"
    return "½ Σ (μ² + σ − 1 − log σ), the KL of a Gaussian whose variance is σ"


def which_weights(facts: LossFacts) -> str:
    if min(list(facts.pixel_weights.values())[1:]) < 1e-9:
        return "A weight of 0 leaves a pixel out."
    if "the heaviest" not in facts.pixel_weights:
        return "No density has weights that go with x."
    one_each = "If you mean a σ_x for each pixel, it is a Gaussian with σ_x² = 1/(2·weight)."
    return one_each if "gaussian" in facts.pixel_weights else ""


def from_few(facts: LossFacts) -> str:
    few = facts.data.rows < 5 * facts.sizes.pixels and facts.data.is_yours
    return (
        f" (found from {facts.data.rows} images of {facts.sizes.pixels} pixels: from more of them fewer may pay)"
        if few
        else ""
    )


def who(facts: LossFacts) -> str:
    if facts.has_width or facts.is_one(facts.own_a):
        error = f" ± {facts.error * own_beta(facts):.1g}" if facts.error else ""
        return f"The KL has the factor {num(own_beta(facts))}{error}"
    return f"Factors of {num(facts.own_a)} on the reconstruction and {num(facts.own_b)} on the KL remain"


def hint(facts: LossFacts) -> str:
    if not (facts.has_width or facts.is_one(facts.own_a)):
        return ""
    return {2: " (or is its ½ missing?)", 0.5: " (or is its ½ there twice?)"}.get(round(own_beta(facts), 3), "")


def where(facts: LossFacts) -> str:
    says = {True: "it rises by {}, where it should rise by {}", False: "it is NaN, infinite or an error"}
    each = [
        f"for {WHERE[kind.removeprefix('binary ')]} " + says[math.isfinite(came)].format(num(came), num(due))
        for kind, came, due in apart(facts)
    ]
    return "; ".join(each)


def apart(facts: LossFacts) -> list[tuple[str, float, float]]:
    """Where the loss is not what the headline says, except where the data at hand never go."""
    inside = facts.data and facts.data.is_yours and not facts.data.outside
    return [one for one in facts.departs if not (one[0] == "real" and inside)]


WHERE = {
    "real": "x and x_hat beyond 0 and 1, residuals beyond 1",
    "logits": "x_hat from −12 to 12",
    "edges": "probabilities near 0 and 1",
    "counts": "x above 1",
    "near the prior": "a KL near 0",
    "narrow": "log σ² from −8 to −4",
    "wide": "log σ² from 2.5 to 5",
    "distant": "μ from 4 to 10",
    "data": "your x_data",
    "batch": "batches of your size",
}
ONLY = {
    "binary": "pixels of 0 and 1",
    "grey": "pixels between 0 and 1",
    "counts": "counts",
    "middle": "x and x_hat between 0.3 and 0.7",
    "one-hot": "x that is one-hot",
}
CONSTANTS = {
    "gaussian": ("D/2 log(2πσ_x²)", lambda noise_var: math.log(2 * math.pi * noise_var) / 2),
    "laplace": ("D log(2·scale)", lambda width: math.log(2 * width)),
}


def constant_left_out(facts: LossFacts) -> str:
    name, each = CONSTANTS[facts.pixels.family]
    return f"{name} = {num(facts.sizes.pixels * each(facts.reading.width))}"


def of_128(facts: LossFacts) -> str:
    """What goes with the batch, at a usual size, and where β is 1."""
    value = moving(facts) * facts.sizes.batch**-facts.per_batch
    size = value ** (-1 / facts.per_batch)
    is_one = beta_moves(facts) and size > 1.5 and close(size, round(size)) and not close(size, 128)
    return num(value * 128**facts.per_batch) + (f"; it is 1 with batches of {num(size)}" if is_one else "")


def pixels_in_code(facts: LossFacts) -> int:
    """A usual number of pixels that stands as a factor in the loss; 0 for none."""
    usual = (784, 1024, 3072, 4096, 12288) if facts.is_ours and facts.a and not facts.sizes_are_given else ()
    return next((n for n in usual for half in (1, 0.5) if close(facts.own_a, n * half)), 0)


def curve(points: list[tuple[float, float]]) -> str:
    return "; ".join(f"{num(by)}: {num(value)}" for by, value in points) or "nothing that is finite"


def size(shape: tuple[int, ...]) -> str:
    return str(shape[0] if len(shape) == 1 else shape)


WORDS: dict[str, Callable[[LossFacts], object]] = {
    "beta": lambda f: by_batch(f, f.reading.beta, beta_moves(f)),
    "width": lambda f: by_batch(f, f.reading.width, not beta_moves(f)),
    "width_name": width_name,
    "reads": lambda f: f.pixels.reads,
    "error": lambda f: ERRORS.get(f.pixels.family, "a " + f.pixels.family + " term"),
    "parameter": lambda f: f.pixels.parameter,
    "divided": lambda f: f" x/{num(f.pixels.parameter)}" if f.pixels.parameter else "",
    "classes": lambda f: f", {f.sizes.classes} classes" if f.sizes.classes else "",
    "floor": with_floor,
    "prior": lambda f: f", the prior N({num(f.prior[0])}, {num(f.prior[1])})" if f.other_prior else "",
    "over_the_batch": over_the_batch,
    "budget": budget,
    "data": lambda f: f.data.label[0].upper() + f.data.label[1:],
    "label": lambda f: f.data.label,
    "low": lambda f: f.data.smallest,
    "high": lambda f: f.data.largest,
    "grey": lambda f: f"{100 * f.data.grey:.0f}",
    "levels": lambda f: f.data.levels,
    "part": lambda f: f.part,
    "returned": lambda f: f.returned,
    "minus": lambda f: " and ".join(f.flipped),
    "fault": lambda f: f.pixels.fault,
    "fourth": lambda f: f.fourth.name,
    "power": lambda f: batch_power(f),
    "pixels": lambda f: f.sizes.pixels,
    "latents": lambda f: f.sizes.latents,
    "over_pixels": over_pixels,
    "over_latents": over_latents,
    "of": lambda f: "β" if beta_moves(f) else width_name(f),
    "of_sums": of_sums,
    "slip": slip,
    "which": which_weights,
    "from_few": from_few,
    "missing": lambda f: str(f.data.missing),
    "plus_minus": lambda f: "; ± is their error" if f.error else "",
    "in_place": lambda f: " and ".join(f.in_place),
    "who": who,
    "hint": hint,
    "what": lambda f: "J" if f.is_one(beta_at_yours(f)) else "(−log p(x|z) + β · KL)",
    "scale": scale,
    "where": where,
    "only": lambda f: ONLY[f.only_for],
    "below": lambda f: f.below_zero,
    "gradient": lambda f: f.gradient,
    "inverse": lambda f: 1 / f.prior[1],
    "variance": lambda f: f.prior[1],
    "family": lambda f: ERRORS[next(iter(f.pixel_weights))],
    "each": lambda f: ", ".join(f"{num(weight)} for {one}" for one, weight in [*f.pixel_weights.items()][1:]),
    "of_pixels": lambda f: curve(f.curves[0]),
    "of_kl": lambda f: curve(f.curves[1]),
    "c": lambda f: f.c,
    "constant": lambda f: f.reading.constant,
    "changes": lambda f: (
        "no gradient changes, but the number does"
        if f.gradient_agrees and not f.parameters
        else "the number is another"
    ),
    "kl_constant": lambda f: f.reading.kl_constant,
    "too_high": lambda f: f.b / 2 * (f.sizes.latents - (f.reading.kl_constant != "missing")),
    "threshold": lambda f: f.data.threshold,
    "paying": lambda f: f.data.paying,
    "linear": lambda f: f.data.linear_nats,
    "nats": lambda f: f.data.budget,
    "left_out": constant_left_out,
    "breaks": lambda f: f.breaks,
    "times": lambda f: f.own_a,
    "of_128": of_128,
    "draws": lambda f: f.draws,
    "call": lambda f: f.written,
    "data_dim": lambda f: size(f.sizes.data),
    "latent_dim": lambda f: size(f.sizes.latent),
    "in_code": pixels_in_code,
}


# The table


def both(facts: LossFacts) -> bool:
    return bool(facts.is_ours and facts.a and facts.b)


def on_data_outside(facts: LossFacts) -> bool:
    return bool(facts.data and facts.data.outside and facts.pixels and facts.pixels.family in ON_0_TO_1)


def reads(facts: LossFacts) -> str:
    return facts.pixels.reads if both(facts) and facts.pixels.family == "bernoulli" else ""


def is_grey(facts: LossFacts) -> bool:
    data = facts.data
    return bool(data and data.grey and not data.outside and facts.pixels and facts.pixels.family == "bernoulli")


def is_whole(facts: LossFacts) -> bool:
    return facts.a_powers.is_whole and facts.b_powers.is_whole


def batch_power(facts: LossFacts) -> float:
    return max((facts.a_powers.batch, facts.b_powers.batch), key=abs) if facts.is_ours else 0


def half_left_out(facts: LossFacts) -> bool:
    return facts.is_ours and facts.reading.constant not in ("", LEFT_OUT, UNKNOWN)


def tails(facts: LossFacts) -> bool:
    data = facts.data if facts.data and facts.data.is_yours else None
    return facts.pixels.family == "huber" and not (data and data.largest - data.smallest <= facts.pixels.parameter)


def lacks_constant(facts: LossFacts) -> bool:
    usual = facts.well_formed and facts.pixels.family in CONSTANTS
    return usual and facts.reading.constant == LEFT_OUT and close(facts.reading.scale, 1)


def means_need_sizes(facts: LossFacts) -> bool:
    averaged = facts.has_width and any(facts.a_powers.data)
    return (
        both(facts)
        and not facts.sizes_are_given
        and not pixels_in_code(facts)
        and (averaged or not close(share(facts), 1))
    )


def counts_of(facts: LossFacts) -> bool:
    """Whether n cross-entropies and a KL make the Binomial's β 1."""
    times = facts.own_a
    return times > 1.5 and close(times, round(times)) and close(facts.reading.beta * times, 1)


# Said before the headline.
FIRST: Table = {
    (
        "{data} run from {low} to {high}, and a cross-entropy is one only for x from 0 to 1: outside, it falls"
        " without end or becomes NaN. Bring x onto 0 to 1, or take a squared error."
    ): on_data_outside,
    "It returns no loss but a pair, reconstruction and KL ({part}): judged is their sum, as J has it.": lambda f: (
        f.is_pair
    ),
    (
        "Your x_data have {missing} values that are NaN or infinite: what is said of the data is said of the other"
        " rows."
    ): lambda f: f.data and f.data.missing,
    (
        "Your x_data run from {low} to {high}: at that scale networks train badly (NaN, a KL that explodes). Bring x"
        " onto 0 to 1."
    ): lambda f: f.data and f.data.is_yours and f.gaussian and f.data.largest > 10,
}
# What makes it no J.
FAULTS: Table = {
    "Their sum as it stands is no loss: J takes {minus} with a minus.": lambda f: f.flipped,
    "It has no reconstruction term: nothing asks the decoder for x, and the KL goes to 0.": lambda f: (
        f.is_ours and not f.a and not f.hidden
    ),
    "It has no KL: a plain autoencoder, whose z need not look like the prior, so that samples are bad.": lambda f: (
        f.is_ours and not f.b and not f.hidden
    ),
    "It is the ELBO and not J = −ELBO: a minimiser makes both terms worse; return its negative.": lambda f: (
        both(f) and f.turned and f.b < 0
    ),
    "The sign of the reconstruction is wrong: minimising drives x_hat away from x.": lambda f: (
        both(f) and f.turned and f.b > 0
    ),
    "The sign of the KL is wrong: minimising drives q away from the prior, and the loss falls endlessly.": lambda f: (
        both(f) and not f.turned and f.b < 0
    ),
    "{fault}": lambda f: f.pixels and f.pixels.fault,
    "Its KL has σ where σ² belongs: {slip}.": lambda f: f.is_ours and f.b and f.fourth in (HALF_SIGMA, SIGMA_FOR_VAR),
    (
        "Its KL takes the fourth argument for {fourth}: right only if your encoder returns {fourth} and z is drawn"
        " from it. With log σ², it is wrong."
    ): lambda f: f.is_ours and f.b and f.fourth not in (LOG_VAR, HALF_SIGMA, SIGMA_FOR_VAR, *FOURTH[2:4]),
    (
        "Its KL takes the fourth argument for {fourth}: right only if your encoder returns {fourth} and z is drawn"
        " from it. With log σ², which may be negative, it can be NaN."
    ): lambda f: f.is_ours and f.b and f.fourth in FOURTH[2:4],
    "The two terms are reduced differently over the batch: their balance changes with the batch size.": lambda f: (
        both(f) and f.per_batch
    ),
    (
        "The sum over the batch leaves the optimum where it is, but value and gradient grow with the batch: divide by"
        " len(x) to read nats an image."
    ): lambda f: is_summed(f) and not at_your_batch(f),
    (
        "The whole goes with the batch size as B^{power}, and the learning rate with it (were a [batch, 1] and a"
        " [batch] added, which gives a table, or is it divided by B twice?)."
    ): lambda f: not f.per_batch and batch_power(f) not in (0, 1),
    "Its weights change with the sizes in a way that no sum and no mean explains.": lambda f: (
        f.is_ours and not is_whole(f)
    ),
    (
        "The reconstruction is {over_pixels} and the KL is {over_latents}: summed over pixels and latents, and both"
        " averaged over the batch, the same code would have {of} = {of_sums}."
    ): lambda f: both(f) and not close(share(f), 1) and is_whole(f) and (not f.per_batch or f.is_one(f.own_b)),
    "The whole is divided by the {pixels} pixels: the same optimum, but not nats an image.": lambda f: (
        both(f) and divided_by_pixels(f)
    ),
    "{who}{hint}: this is the β-objective, not the ELBO.": lambda f: (
        both(f) and not f.per_batch and not f.is_one(own_beta(f))
    ),
    "In all it is {scale} times {what}: the same optimum, but not nats an image.": lambda f: (
        both(f) and not is_at_scale(f) and not divided_by_pixels(f)
    ),
    "Not everywhere: {where}.": lambda f: f.is_ours and apart(f),
    "Not everywhere: this holds for {only}; on pixels of 0, 1 and between together it does not.": lambda f: (
        f.is_ours and f.only_for
    ),
    (
        "For a fourth argument below 0 it is no KL: {below} stands in its place. Is there a relu, an abs or a clamp"
        " on log_var?"
    ): lambda f: f.below_zero and "NaN" not in f.below_zero,
    "A residual beyond δ = {parameter} counts as an absolute error: a Gaussian only where none is.": lambda f: (
        f.is_ours and f.pixels and tails(f)
    ),
    "{gradient}": lambda f: f.gradient,
    (
        "Did you mean N(0, I)? Then a factor stands on one term only: the weights of μ², σ² and log σ² are {inverse}"
        " : {inverse} : −1, smallest at σ² = {variance}; in a KL 1 : 1 : −1."
    ): lambda f: f.is_ours and f.other_prior and f.reading.constant == UNKNOWN,
    "With such a floor or target for the KL the loss is no −ELBO: report −ELBO beside it.": lambda f: (
        f.is_ours and f.floor
    ),
    "Its gradient is that of {family} with weights that differ: {each}. {which}": lambda f: f.pixel_weights,
    (
        "Measured: it changes, as all pixels of x_hat leave x by so much, by {of_pixels}; and as mu makes the KL so"
        " many nats, by {of_kl}."
    ): lambda f: not f.is_ours,
    "Its constant {c} is not −log p(x|z)'s: {changes}.": lambda f: f.is_ours and f.reading.constant == UNKNOWN,
    "In its constant {constant}: {changes}.": lambda f: half_left_out(f) and f.parameters != "width",
    "The −1 of the KL is {kl_constant}: no gradient changes, but the number is {too_high} too high.": lambda f: (
        f.is_ours and f.reading.kl_constant
    ),
    (
        "A parameter of the loss changes its terms: what is said here holds for its value now, and it learns."
    ): lambda f: f.is_ours and f.parameters == "weight",
    (
        "A parameter of the loss divides the error, and no logarithm holds it back: without D/2 log σ_x² it grows"
        " without end."
    ): lambda f: f.is_ours and f.parameters == "without its log",
    "A continuous Bernoulli is a density on 0…1: on pixels of 0 and 1 alone it falls without end.": lambda f: (
        f.pixels and f.pixels.family == "continuous bernoulli" and f.data and f.data.is_yours and f.data.levels == 1
    ),
    (
        "{data} are grey ({grey} % of the values lie between 0 and 1): a cross-entropy trains on them, but it is no"
        " −log p(x|z) (chapter 6)."
    ): is_grey,
    "If they are counts out of {levels}, they are a Binomial's: {levels} times this cross-entropy.": lambda f: (
        is_grey(f) and f.data.levels and f.data.levels > 1
    ),
    (
        "A parameter of the loss divides the error, and what holds it back is not D/2 log σ_x²: it learns another σ_x²"
        " than the mean squared error."
    ): lambda f: f.is_ours and f.parameters == "another log",
    "A parameter of the loss weighs the KL, and nothing holds it: minimising drives it to 0.": lambda f: (
        f.is_ours and f.parameters == "weight of the KL"
    ),
}
# What J may have, too.
REMARKS: Table = {
    "With your batches it is J an image; a smaller last batch weighs less.": lambda f: (
        both(f) and f.batch_size and scale_power(f) and at_your_batch(f) and not f.per_batch
    ),
    "It takes x_hat as logits: your decoder must not end in a sigmoid.": lambda f: reads(f) == LOGITS,
    "It takes x_hat as probabilities: your decoder must end in a sigmoid.": lambda f: reads(f) == PROBABILITIES,
    "Its KL is that to another prior than N(0, I): draw new z from that prior.": lambda f: f.is_ours and f.other_prior,
    (
        "No latent pays: no direction of {label} varies by more than βσ_x² = {threshold}, the noise that this loss"
        " assumes. A linear VAE would ignore z; a deep one may do the same. If your reconstructions look alike, make"
        " σ_x² smaller."
    ): lambda f: f.data and f.data.paying == 0,
    (
        "In a linear model {paying} of {latents} latents pay, for the directions of {label} whose variance is above"
        " βσ_x² = {threshold}; {linear} nats would pass{from_few}."
    ): lambda f: f.data and f.data.paying,
    "At most {nats} nats: the latent is as good as dead before any training.": lambda f: (
        f.data and f.data.paying is None and (f.data.budget or 1) < 0.1
    ),
    "Without a ½ before the squared error σ_x² is ½ and not 1.": lambda f: (
        f.gaussian and f.well_formed and close(f.noise_var, 0.5) and close(f.reading.scale, 1) and close(f.own_a, 1)
    ),
    "The constant {left_out} is left out: add it to compare nats.": lacks_constant,
    (
        "The Binomial's coefficient log C(n, x) is left out: add it to compare nats. As Bernoulli pixels it is"
        " {parameter} cross-entropies."
    ): lambda f: f.well_formed and f.pixels.family == "binomial" and not f.pixels.coefficient,
    "It has a parameter: {width_name} = {width} is its value now, and it learns if the optimizer holds it.": lambda f: (
        f.parameters == "width" and not f.puts_noise
    ),
    (
        "Or β = 1 with Binomial pixels, if x is a count of {times} divided by {times}: the same up to its coefficient."
    ): lambda f: both(f) and f.pixels.family == "bernoulli" and counts_of(f),
    "With batches of 128 {of} is {of_128}. Pass batch_size= for yours.": lambda f: (
        both(f) and f.per_batch and not f.batch_size
    ),
    (
        "It breaks at logits of 50, as the log of a sigmoid or a clamp does: use a function that takes logits, and"
        " leave them as they are."
    ): lambda f: f.breaks == "logits of 50",
    "It is NaN or infinite at {breaks}, which a float32 sigmoid reaches from logits of 17 on: use logits.": lambda f: (
        f.breaks and f.breaks != "logits of 50"
    ),
    "It draws random numbers: {draws} seeded calls were averaged{plus_minus}.": lambda f: f.draws > 1,
    "It returns {returned}; this report is about its {part}.": lambda f: f.returned and not f.is_pair,
    "It was called as `{call}`.": lambda f: f.written,
    (
        "Sizes that it takes were found by trying: data_dim={data_dim}, latent_dim={latent_dim}. Pass yours if they"
        " differ."
    ): lambda f: f.sizes_are_found,
    (
        "Does {in_code} stand in your code? If that is your number of pixels, pass data_dim={in_code}: β and σ_x²"
        " change."
    ): pixels_in_code,
    "That is with {pixels} pixels, {latents} latents: pass data_dim=, latent_dim= for yours.": means_need_sizes,
    "In its constant {constant}: add it to compare nats.": lambda f: half_left_out(f) and f.parameters == "width",
    "log σ_x² = 0 was put in for every pixel, since it is wanted: σ_x² is your decoder's, or a parameter.": lambda f: (
        f.puts_noise
    ),
    "It depends on parameters of its own: what is said here holds for their values now.": lambda f: (
        f.is_ours and f.parameters == "others"
    ),
    "It writes into its own {in_place}: what comes after it in your training sees the changed numbers.": lambda f: (
        f.in_place
    ),
}
