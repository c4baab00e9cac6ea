"""Chapter 3: the variance lab draws gradients by both estimators, a batch at a time, and shows how they scatter."""

import html
import math
from collections.abc import Callable, Iterator
from functools import partial

import ipywidgets as widgets
import torch
from matplotlib.figure import Figure
from torch import Tensor

from vae_lib.data import digits
from vae_lib.gradients import pathwise_gradient, score_function_gradient
from vae_lib.labs.panel import Lab, Step, picture, steps_to_the_end, table, table_of_runs, thousands
from vae_lib.page.palette import LIGHT
from vae_lib.shipped.weights import asset, digits_vae

CHUNK = 2**14  # draws between two moments at which the kernel listens
NODES_PER_UNIT, REACH = 2048, 9  # of the quadrature over ε; 2e-19 of its mass lies beyond
TYPED = "typed below"
SEVEN = "log p(x|z) of a 7"
NONE, EXPECTED, BATCH, OTHERS = "none", "E[f]", "mean of the batch", "mean of the others"
WAYS = {"pathwise": ("q", "-"), "score function": ("ink", "--")}  # colour and line
SHOWN_RUNS = 6
TINY = 1e-4  # what is smaller is written with a power of ten
START = {"f": SEVEN, "typed": "tanh(5 * z)", "mu": -1.7, "sigma": 0.2, "batch": 64, "baseline": NONE, "repeats": 10**4}
RECORDED = [{"sigma": 1.0}, {"mu": 0.0, "sigma": 0.1, "baseline": OTHERS}, {"baseline": OTHERS}, {}]


def variance_lab(functions: dict[str, Callable] | None = None) -> Lab:
    """A panel that estimates ∂E[f(z)]/∂μ for z ~ N(μ, σ²) by both estimators, many times (chapter 3).

    One gradient is the mean over a batch of draws. `functions` adds to the menu of f: torch functions that act on each
    element of a float64 tensor alone. Shown are the running mean with its standard error, the scatter of single
    gradients, and the exact values by quadrature, or a dash where two grids disagree.
    """
    menu = chapter_functions() | (functions or {})
    style, once = {"description_width": "110px"}, {"continuous_update": False}  # a run when the slider is let go
    settings = {
        "f": widgets.Dropdown(options=[*menu, TYPED], description="f(z)", style=style),
        "typed": widgets.Text(description="typed f(z)", style=style, **once),
        "mu": widgets.FloatSlider(min=-3, max=3, step=0.1, description="μ", style=style, **once),
        "sigma": widgets.FloatSlider(min=0.05, max=2, step=0.05, description="σ", style=style, **once),
        "batch": widgets.Dropdown(options=[1, 2, 8, 64], description="draws a gradient", style=style),
        "baseline": widgets.Dropdown(options=[NONE, EXPECTED, BATCH, OTHERS], description="baseline b", style=style),
        "repeats": widgets.Dropdown(
            options=[(thousands(10**k), 10**k) for k in (3, 4, 5, 6)], description="gradients", style=style
        ),
    }
    for name, value in START.items():
        settings[name].value = value
    settings["typed"].observe(lambda _: settings["f"].set_trait("value", TYPED), "value")
    return Lab("gradients", settings, partial(run, functions=menu), show, asset("labs.json")["variance"])


def chapter_functions() -> dict[str, Callable]:
    """The f's of chapter 3; the last is log p(x|z) of its 7 under the decoder that ships, trained, over z₁.

    There z₂ stays at the encoder's μ₂ for that 7.
    """
    model = digits_vae().double()
    seven = (digits()[0][5] >= 8).double()
    z_2 = model.encoder(seven).mean[1].detach()
    return {
        "z²": torch.square,
        "z² + 100": lambda z: z**2 + 100,
        "z + sin 10z": lambda z: z + torch.sin(10 * z),
        "step: 1 if z > 0, else 0": lambda z: (z > 0).to(z.dtype),
        SEVEN: lambda z: model.decoder(torch.stack([z, z_2.expand_as(z)], -1)).log_prob(seven),
    }


def run(
    *, f: str, typed: str, mu: float, sigma: float, batch: int, baseline: str, repeats: int, functions: dict
) -> Iterator[Step]:
    """Draw `repeats` gradients by either estimator, with a generator of its own: the same noise for all settings."""
    function = typed_function(typed) if f == TYPED else functions[f]
    exact = exact_values(function, mu, sigma, batch, baseline)
    settings = {"f": typed if f == TYPED else f, "mu": mu, "sigma": sigma, "batch": batch, "baseline": baseline}
    generator = torch.Generator().manual_seed(0)
    drawn = {way: [] for way in WAYS}
    chunk = CHUNK // batch
    for start in range(0, repeats, chunk):
        eps = torch.randn(min(chunk, repeats - start), batch, dtype=torch.float64, generator=generator)
        for way, values in gradients(function, mu, sigma, eps, baseline, exact["E[f]"]).items():
            drawn[way].append(values)
        yield start + len(eps), repeats, partial(summary, settings, exact, drawn)


def gradients(
    f: Callable, mu: float, sigma: float, eps: Tensor, baseline: str, expected_f: float | None
) -> dict[str, Tensor]:
    """Both estimates of ∂E[f]/∂μ from each row of `eps` `[gradients, batch]`: two of `[gradients]`."""
    with torch.no_grad():
        b = _baseline(baseline, f(mu + sigma * eps).to(eps.dtype), expected_f)
        by_score, _ = score_function_gradient(f, mu, sigma, eps, baseline=b)
    by_path, _ = pathwise_gradient(f, mu, sigma, eps)
    return {"pathwise": by_path.mean(1), "score function": by_score.mean(1)}


def _baseline(baseline: str, heights: Tensor, expected_f: float | None) -> Tensor | float:
    if baseline == NONE:
        return 0.0
    if baseline == BATCH:
        return heights.mean(1, keepdim=True)
    if baseline == OTHERS:
        if heights.shape[1] == 1:
            raise ValueError("expected at least 2 draws a gradient for the mean of the others, got 1")
        return (heights.sum(1, keepdim=True) - heights) / (heights.shape[1] - 1)
    if expected_f is None:
        raise ValueError("expected an f whose E[f] two grids agree on, got one on which they disagree")
    return expected_f


def typed_function(expression: str) -> Callable:
    """What the student typed, as a function of z: torch's functions by name, `torch` itself, and Python."""
    code = compile(expression.strip(), "f(z)", "eval")

    def f(z: Tensor) -> Tensor:
        value = eval(code, {**vars(torch), "torch": torch, "z": z})
        return value if isinstance(value, Tensor) else torch.full_like(z, value)

    return f


def exact_values(f: Callable, mu: float, sigma: float, batch: int, baseline: str) -> dict:
    """The gradient, E[f], and mean and variance of either estimate, by quadrature; None where two grids disagree."""
    steps = torch.arange(-REACH * NODES_PER_UNIT, REACH * NODES_PER_UNIT + 1, dtype=torch.float64)
    on, between = (_moments(f, mu, sigma, batch, baseline, (steps + shift) / NODES_PER_UNIT) for shift in (0.0, 0.5))
    settled = {
        name: (on[name] + between[name]) / 2
        if math.isclose(on[name], between[name], rel_tol=1e-3, abs_tol=1e-9)
        else None
        for name in on
    }
    return {
        "gradient": settled["gradient"],
        "E[f]": settled["E[f]"],
        "pathwise": [settled["path mean"], settled["path variance"]],
        "score function": [settled["score mean"], settled["score variance"]],
    }


def _moments(f: Callable, mu: float, sigma: float, batch: int, baseline: str, eps: Tensor) -> dict[str, float]:
    """Of either estimator, from one grid of ε: one moment after another."""
    mass = torch.exp(-0.5 * eps**2) / (math.sqrt(2 * math.pi) * NODES_PER_UNIT)
    slope, _ = pathwise_gradient(f, mu, sigma, eps)
    heights, score = f(mu + sigma * eps).detach().to(eps.dtype), eps / sigma
    expected_f = mass @ heights
    centred = heights - expected_f
    gradient = mass @ (centred * score)
    kept = 1.0
    if baseline in (BATCH, OTHERS) and batch > 1:
        # (1/B) Σᵢ (fᵢ − mean of the others) sᵢ is the sample covariance of f and the score s, of mean g = Cov(f, s) and
        # variance E[(f−E[f])² s²]/B − (B−2)/(B(B−1)) g² + Var[f] Var[s]/(B(B−1)), with Var[s] = 1/σ². With the mean of
        # the whole batch in place of that of the others, every fᵢ − b shrinks by the factor (B−1)/B, which biases.
        pairs = batch * (batch - 1)
        variance = mass @ (centred * score) ** 2 / batch - (batch - 2) / pairs * gradient**2
        variance = variance + mass @ centred**2 / sigma**2 / pairs
        kept = (batch - 1) / batch if baseline == BATCH else 1.0
    elif baseline == BATCH:  # of one draw, which is its own mean: f − b = 0
        variance, kept = torch.zeros(()), 0.0
    else:
        about = heights if baseline == NONE else centred
        variance = (mass @ (about * score) ** 2 - gradient**2) / batch
    path_mean = mass @ slope
    moments = {
        "gradient": gradient,
        "E[f]": expected_f,
        "path mean": path_mean,
        "path variance": mass @ (slope - path_mean) ** 2 / batch,
        "score mean": kept * gradient,
        "score variance": kept**2 * variance,
    }
    return {name: value.item() for name, value in moments.items()}


def summary(settings: dict, exact: dict, drawn: dict[str, list[Tensor]]) -> dict:
    """What was found so far, in plain numbers: running means, variances with their errors, and histograms."""
    found = {way: torch.cat(chunks) for way, chunks in drawn.items()}
    n = len(found["pathwise"])
    counts = sorted({round(10 ** (k * math.log10(n) / 40)) for k in range(41)} - {1})
    measured = {way: _measured(values, counts) for way, values in found.items()}
    return {"settings": settings | {"n": n}, "exact": exact, "counts": counts, **measured}


def _measured(values: Tensor, counts: list[int]) -> dict:
    mean, at = values.mean(), torch.tensor(counts)
    centred = values - mean  # before the squares, so that they do not cancel
    # Mean and mean square of the first `at` values, for all `at` at once; the standard error is √(variance / (at − 1)).
    running = (centred.cumsum(0)[at - 1]) / at
    squares = centred.square().cumsum(0)[at - 1] / at - running**2
    half_width = max(4 * values.std().item(), 1e-9)
    histogram = torch.histc(values, 31, mean.item() - half_width, mean.item() + half_width)
    return {
        "means": (mean + running).tolist(),
        "errors": (squares.clamp(min=0) / (at - 1)).sqrt().tolist(),
        "variance": values.var().item(),
        # The variance is a mean of squares, so its standard error is that of a mean.
        "variance error": ((centred.square().std()) / len(values) ** 0.5).item(),
        "half width": half_width,
        "histogram": histogram.tolist(),
    }


def show(results: list[dict], picture_format: str = "png") -> str:
    """The newest result as a picture and a table, and the last runs beside it."""
    result = results[-1]
    rows = [[f"<b>{way}</b>", *_mean_and_variance(result, way)] for way in WAYS]
    gradient = _number(result["exact"]["gradient"])
    runs = [(_described(r["settings"]), [_mean_and_variance(r, way)[1] for way in WAYS]) for r in results[-SHOWN_RUNS:]]
    return (
        picture(draw, result, alt(result), picture_format)
        + f"<p>{_described(result['settings'])}; {thousands(result['settings']['n'])} gradients each; "
        f"the exact ∂E[f]/∂μ is {gradient}.</p>"
        + table(["estimator", "mean: exact, measured", "variance: exact, measured"], rows)
        + (
            "<p>The runs, the newest last:</p>" + table_of_runs([f"variance, {way}" for way in WAYS], runs)
            if runs[1:]
            else ""
        )
    )


def draw(result: dict) -> Figure:
    """Above, the running means with their standard errors; below, the histograms of single gradients."""
    figure = Figure(figsize=(5.0, 4.6), layout="none")
    above, below = figure.add_axes([0.15, 0.58, 0.81, 0.38]), figure.add_axes([0.15, 0.11, 0.81, 0.33])
    counts, gradient = result["counts"], result["exact"]["gradient"]
    for way, (colour, line) in WAYS.items():
        found = result[way]
        low, high = zip(*[(m - e, m + e) for m, e in zip(found["means"], found["errors"], strict=True)], strict=True)
        above.fill_between(counts, low, high, color=LIGHT[colour], alpha=0.2, linewidth=0)
        above.plot(counts, found["means"], line, color=LIGHT[colour], label=way)
        _draw_histogram(below, found, line, LIGHT[colour])
    if gradient is not None:
        above.axhline(gradient, color=LIGHT["ink"], linewidth=0.8)
        below.axvline(gradient, color=LIGHT["ink"], linewidth=0.8)
    centre = result["pathwise"]["means"][-1] if gradient is None else gradient
    reach = max(4 * result[way]["errors"][min(8, len(counts) - 1)] for way in WAYS) or 1.0
    above.set(xscale="log", xlabel="gradients", ylabel="mean ± standard error", ylim=(centre - reach, centre + reach))
    above.legend(loc="lower right", ncols=2)
    below.set(xlabel="one estimate of ∂E[f]/∂μ", ylabel="how often", yticks=[], ylim=(0, 1.08))
    return figure


def _draw_histogram(axes, found: dict, line: str, colour: str) -> None:
    """As a share of the highest bar: the two differ too much in width for one scale."""
    centre, half_width, heights = found["means"][-1], found["half width"], found["histogram"]
    edges = [centre + half_width * (2 * k / len(heights) - 1) for k in range(len(heights) + 1)]
    axes.stairs([h / max(heights) for h in heights], edges, color=colour, linestyle=line, linewidth=1.5)


def alt(result: dict) -> str:
    means = "; ".join(
        f"{way} {_with_error(result[way]['means'][-1], result[way]['errors'][-1])}, variance "
        f"{_number(result[way]['variance'])}"
        for way in WAYS
    )
    return (
        f"Two panels for {_plain(result['settings'])}. Above: the running mean of up to {result['settings']['n']} "
        "estimates of the gradient, in bands of one standard error that narrow. Below: histograms of the single "
        f"estimates, each scaled to its highest bar. At the end: {means}. A thin line marks the exact "
        f"{_number(result['exact']['gradient'])}."
    )


def _mean_and_variance(result: dict, way: str) -> list[str]:
    (mean, variance), found = result["exact"][way], result[way]
    return [
        f"<b>{_number(mean)}</b><br>{_with_error(found['means'][-1], found['errors'][-1])}",
        f"<b>{_number(variance)}</b><br>{_with_error(found['variance'], found['variance error'])}",
    ]


def _described(settings: dict) -> str:
    return html.escape(_plain(settings))


def _plain(settings: dict) -> str:
    mu, sigma, batch = (f"{settings[name]:g}".replace("-", "−") for name in ("mu", "sigma", "batch"))
    return f"f = {settings['f']}, μ = {mu}, σ = {sigma}, {batch} draws a gradient, baseline: {settings['baseline']}"


def _number(value: float | None) -> str:
    """Three significant digits; a dash where there is no number."""
    if value is None:
        return "–"
    return _tiny(value) if 0 < abs(value) < TINY else thousands(value, _decimals(value, 3))


def _with_error(value: float, error: float) -> str:
    if 0 < max(abs(value), error) < TINY:
        return f"{_tiny(value)} ± {_tiny(error)}"
    decimals = _decimals(error, 2) if error else _decimals(value, 4)
    return f"{thousands(value, decimals)} ± {thousands(error, decimals)}"


def _decimals(value: float, digits: int) -> int:
    size = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    return min(max(digits - 1 - size, 0), 8)


def _tiny(value: float) -> str:
    return f"{value:.1e}".replace("-", "−")


def record() -> list[dict]:
    """The runs that ship, for `make assets`; the last is the one that the panel starts with."""
    return [steps_to_the_end(run(**START | changes, functions=chapter_functions())) for changes in RECORDED]
