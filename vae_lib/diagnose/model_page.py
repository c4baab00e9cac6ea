"""Chapter 6: a check-up as a page and as text: the same rows, made once."""

import base64
import html
import io
import math

import torch
from PIL import Image
from torch import Tensor

from vae_lib.diagnose.model_facts import Estimate, Facts, K, difference
from vae_lib.diagnose.model_findings import CHOICE, IMPOSSIBLE, UNUSUAL, Finding, number, scale_name

FAIR = {"Bernoulli": "fair coins", "Binomial": "fair coins, several for each pixel", "Categorical": "fair dice"}
SEEN = {  # the rows of pictures, and what they are for who does not see them
    "x": "A row of {} test images, as the model takes them.",
    "reconstructed": "A row of the same {} images reconstructed: the mean of p(x|z) at z = μ.",
    "from the prior": "A row of {} new images: the mean of p(x|z) for z drawn from the prior.",
}
COLUMNS = 10  # pictures in a row
BARS = 32  # latents that are drawn, the largest KL first
UNSEEN = (
    "This page sees a model and its images, not your loss: a β that you did not name, a KL averaged or without ½ show "
    "by their effects only, or not at all. diagnose_loss(my_loss) looks at the loss (chapter 5)."
)
Row = tuple[str, ...]


def verdict(findings: list[Finding]) -> tuple[str, str]:
    """The first line, and the next step."""
    wrong = [finding for finding in findings if finding.rank == IMPOSSIBLE]
    if wrong:
        return f"Impossible: {wrong[0].says}", wrong[0].do
    unusual = [finding for finding in findings if finding.rank == UNUSUAL]
    if unusual:
        first = f"Impossible: none. Unusual: {len(unusual)}."
        return first, f"{unusual[0].says} That is unusual, and may be meant. {unusual[0].do}"
    if findings:
        return "Impossible: none.", f"Nothing unusual. Your choice: {findings[0].says} {findings[0].do}"
    return "Impossible: none.", "Nothing unusual was seen. Report −ELBO with its images, likelihood and error."


def ladder(facts: Facts) -> list[Row]:
    """Each rung: a name, nats an image of the test set, and of how many images."""
    test, rungs = facts.test, []
    if facts.coins is not None:
        rungs.append((FAIR[facts.likelihood], f"{facts.coins:.2f}", _of(test.num_images)))
    if test.no_latents:
        rungs.append(
            (f"one {facts.likelihood} for each pixel, no latents", number(test.no_latents), _of(test.num_images))
        )
    rungs.append(("you, −ELBO", number(test.loss), _of(test.num_images)))
    if test.minus_bound and not facts.num_states:
        name = f"−L, K = {facts.num_weights} (a bound)"
        rungs.append((name, number(test.minus_bound), f"gap from {_of(test.num_weighed)}"))
    if facts.minus_log_p:
        how = f"a sum over {facts.num_states} codes" if facts.num_states else "an integral"
        rungs.append((f"−log p(x), by {how}", number(facts.minus_log_p), f"gap from {_of(facts.num_exact)}"))
    return rungs


def two_sets(facts: Facts) -> list[Row]:
    """Train beside test: a name, both means with errors, and their difference."""
    train, test = facts.train, facts.test
    names = {
        "loss": "−ELBO",
        "reconstruction": "log p(x|z)",
        "kl": "KL",
        "no_latents": "no latents",
        "gap": _name_of_gap(facts),
    }
    return [
        (name, *_beside(getattr(train, part), getattr(test, part)))
        for part, name in names.items()
        if _both(facts, part)
    ]


def _name_of_gap(facts: Facts) -> str:
    if facts.num_states:
        return "gap"
    return f"gap, {'about' if facts.movement and facts.settled else 'at least'}"


def _both(facts: Facts, part: str) -> bool:
    return getattr(facts.train, part) is not None and getattr(facts.test, part) is not None


def _beside(train: Estimate, test: Estimate) -> Row:
    return number(train), number(test), number(difference(test, train))


def latents(facts: Facts) -> list[tuple[int, float, bool]]:
    """Number, mean KL and whether unused: the largest KL first."""
    order = sorted(range(facts.latent_dim), key=lambda i: -facts.kl_per_latent[i])
    return [(i + 1, facts.kl_per_latent[i], i in facts.unused) for i in order[:BARS]]


def more(facts: Facts) -> list[Row]:
    """What else was measured, under its name."""
    rows = [
        (
            f"I(x; z); {facts.test.num_images} images show {math.log(facts.test.num_images):.2f} at most",
            number(facts.information),
        ),
        ("KL(q(z) ‖ p(z)), at least", facts.prior_mismatch is not None and f"{facts.prior_mismatch:.2f}"),
        ("log p(x|z) with its own z, minus with another image's", facts.told and number(facts.told)),
        ("R (6.9): squared errors by the decoder's variances", facts.residuals and f"{facts.residuals:.2f}"),
        (f"L_K rises from K = {K} to {4 * K} by", facts.movement and number(facts.movement)),
        ("Pareto k̂, the median image's", facts.pareto_k is not None and f"{facts.pareto_k:.2f}".replace("-", "−")),
        ("ELBO − log p(x), ± of the draws of z only", facts.above_evidence and number(facts.above_evidence)),
        (scale_name(facts), facts.noise_std and f"{facts.noise_std:.3g}"),
        (
            "batch norm: −ELBO is lower with the images' own statistics by",
            facts.batch_norm and number(facts.batch_norm),
        ),
        ("draws of z, weights, seed", f"{facts.num_draws}, {facts.num_weights}, {facts.seed}"),
    ]
    return [(name, value) for name, value in rows if value]


def as_text(facts: Facts, findings: list[Finding]) -> str:
    """For a terminal."""
    first, step = verdict(findings)
    parts = [first, f"Next: {step}", ""]
    if facts.test:
        parts += ["Nats an image, test:", *_columns(ladder(facts)), "", *_columns([HEADER, *two_sets(facts)]), ""]
        kept = ", ".join(f"{kl:.2f}" for _, kl, _ in latents(facts))
        parts += [f"KL a latent: {kept}; unused: {len(facts.unused)} of {facts.latent_dim}", *_columns(more(facts)), ""]
    others = [finding for finding in findings if finding.says not in first + step]
    parts += [f"{finding.rank}: {finding.says} {finding.do}" for finding in others]
    parts += [f"Left out: {what}." for what in facts.left_out]
    return "\n".join([*parts, UNSEEN])


HEADER = ("", "train", "test", "test − train")


def as_html(facts: Facts, findings: list[Finding], pictures: dict[str, Tensor]) -> str:
    """For a notebook and a page: no script, no style sheet, the colours of its surroundings."""
    first, step = verdict(findings)
    parts = [f"<p><strong>{_(first)}</strong><br>Next: {_(step)}</p>"]
    if facts.test:
        parts += [_table("Nats an image, on test images", ("", "nats", "over"), ladder(facts))]
        parts += [
            _pictures(pictures),
            _bars(facts),
            _table("Train beside test, nats an image", HEADER, two_sets(facts)),
        ]
    parts += [_rest(facts, findings), f"<p><small>{_(UNSEEN)}</small></p>"]
    return f'<div class="checkup">{"".join(parts)}</div>'


def _rest(facts: Facts, findings: list[Finding]) -> str:
    lines = [f"<li>{_(finding.rank)}: {_(finding.says)} <em>{_(finding.do)}</em></li>" for finding in findings]
    lines += [f"<li>left out: {_(what)}</li>" for what in facts.left_out]
    unusual, choices = (sum(f.rank == rank for f in findings) for rank in (UNUSUAL, CHOICE))
    counted = f"unusual {unusual}, choices {choices}"
    table = _table("", ("", ""), more(facts)) if facts.test else ""
    return f"<details><summary>All that was seen: {counted}</summary><ul>{''.join(lines)}</ul>{table}</details>"


def _table(caption: str, header: Row, rows: list[Row]) -> str:
    head = "".join(f"<th{CELL}>{_(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td{CELL}>{_(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    top = f"<thead><tr>{head}</tr></thead>" if any(header) else ""
    return f"<table><caption>{_(caption)}</caption>{top}<tbody>{body}</tbody></table>"


def _bars(facts: Facts) -> str:
    shown = latents(facts)
    top = max(kl for _, kl, _ in shown) or 1
    rows = [
        f'<tr><td{CELL}>{i}</td><td{CELL}><span style="{BAR}width:{200 * max(kl, 0) / top:.0f}px"></span></td>'
        f"<td>{kl:.2f}{' unused' if unused else ''}</td></tr>"
        for i, kl, unused in shown
    ]
    used = f"{facts.latent_dim - len(facts.unused)} of {facts.latent_dim} are used"
    caption = f"KL of each latent, nats, in all {facts.test.kl.value:.2f}: {used}"
    return f"<table><caption>{caption}</caption><tbody>{''.join(rows)}</tbody></table>"


CELL = ' style="padding:0 .6em 0 0;text-align:left"'
BAR = "display:inline-block;height:.6em;background:currentColor;opacity:.6;"


def _pictures(rows: dict[str, Tensor]) -> str:
    if not rows:
        return ""
    lines = [
        f'<tr><td{CELL}>{_(name)}</td><td><img alt="{_(SEEN[name].format(len(images)))}" '
        f'style="image-rendering:pixelated;width:100%;min-width:200px" src="{_png(images)}"></td></tr>'
        for name, images in rows.items()
    ]
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def pictures_of(rows: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rows of images `[n, height, width, 1 or 3]` between 0 and 1, if the data look like pictures; else none."""
    shape = next(iter(rows.values())).shape[1:]
    square = round(shape.numel() ** 0.5)
    if len(shape) == 1 and square**2 == shape[0] and square > 1:
        rows = {name: images.reshape(-1, square, square, 1) for name, images in rows.items()}
    elif len(shape) == 2:
        rows = {name: images[..., None] for name, images in rows.items()}
    elif len(shape) == 3 and shape[0] in (1, 3):
        rows = {name: images.permute(0, 2, 3, 1) for name, images in rows.items()}
    elif len(shape) != 3 or shape[2] not in (1, 3):
        return {}
    data = next(iter(rows.values())).float()
    low, high = data.min(), max(data.max(), data.min() + 1e-6)
    shown = {name: ((images.float() - low) / (high - low)).clamp(0, 1) for name, images in rows.items()}
    return shown if all(images.isfinite().all() for images in shown.values()) else {}


def _png(images: Tensor) -> str:
    """One row of pictures, white at 0 and black at 1 where they are grey, in sixteen shades: rounding shows in none."""
    shades = (images * 15).round() * 17
    grey = images.shape[-1] == 1
    row = torch.nn.functional.pad(255 - shades if grey else shades, (0, 0, 0, 1), value=255)
    pixels = row.transpose(0, 1).flatten(1, 2)[:, :-1].to(torch.uint8).numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] if grey else pixels).save(buffer, "PNG", compress_level=0)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _columns(rows: list[Row]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _of(num: int) -> str:
    return f"{num} images"


def _(text: str) -> str:
    return html.escape(text).replace(" ± ", "&nbsp;±&nbsp;")
