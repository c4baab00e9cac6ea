"""Chapters 4 and 5: which part of what a homework's loss returns is the loss, or which two are its terms."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from vae_lib.diagnose.loss_calls import Call, number, tensor
from vae_lib.diagnose.loss_inputs import Sizes
from vae_lib.diagnose.words import NotAttempted, Wrong, describe


def parts(came, label: str = "", depth: int = 0) -> list[tuple[str, object]]:
    """What stands in a tuple, list, dict or object with a loss, each with its place."""
    came = vars(came) if hasattr(came, "loss") and hasattr(came, "__dict__") and not isinstance(came, dict) else came
    if depth < 3 and isinstance(came, dict):
        return [part for key, one in came.items() for part in parts(one, f"{key!r}", depth + 1)]
    if depth < 3 and isinstance(came, tuple | list):
        names = getattr(came, "_fields", [label or f"part {i + 1}" for i in range(len(came))])
        return [part for name, one in zip(names, came, strict=True) for part in parts(one, name, depth + 1)]
    return [(label, came)]


TOTALS = r"(total_?|neg_?|vae_?)?(loss|elbo|vae)(_?total)?|total|objective|nelbo|j"


def judged(call: Call, sizes: Sizes, probes: dict) -> tuple[Call, dict]:
    """The call with the part that is judged, and facts on it.

    `probes`: "one"; with other "pixels"; with other "latents"; with a "distant" mu; with a "good" and a "bad" x_hat.
    """
    came = call(probes["one"])
    if any(part is Ellipsis for _, part in parts(came)):
        raise NotAttempted
    if len(parts(came)) == 1 and parts(came)[0][1] is came:
        return call, {"per_example": tensor(came).numel() > 1}
    labels, numbers = [label for label, _ in parts(came)], dict(_numbers(call, sizes, probes))
    of_pixels, of_latents = (
        {i for i, on in numbers.items() if on[name] != on["one"]} for name in ("pixels", "latents")
    )
    named = [i for i in numbers if re.fullmatch(TOTALS, labels[i].strip("'").lower())]
    total = named or sorted(of_pixels & of_latents)
    if not total and of_pixels and of_latents:
        return _pair(call, labels, numbers, min(of_pixels), min(of_latents), describe(came))
    at = (total or list(numbers))[0]
    facts = {"returned": describe(came), "part": labels[at], "per_example": tensor(parts(came)[at][1]).numel() > 1}
    return replace(call, part=lambda came: parts(came)[at][1]), facts


def _numbers(call: Call, sizes: Sizes, probes: dict) -> Iterator[tuple[int, dict]]:
    """The parts that are numbers, at all probes."""
    came = {name: parts(call(probe)) for name, probe in probes.items()}
    for i in range(min(map(len, came.values()))):
        with suppress(Wrong):
            yield i, {name: number(each[i][1], sizes).item() for name, each in came.items()}


def _pair(call: Call, labels: list, numbers: dict, first: int, second: int, returned: str) -> tuple[Call, dict]:
    """Reconstruction and KL, added up as in J: the first falls as x_hat gets better, the second rises with |μ|."""
    signs = {first: 1 if numbers[first]["good"] < numbers[first]["bad"] else -1}
    signs[second] = 1 if numbers[second]["distant"] > numbers[second]["one"] else -1

    def added(came):
        came = parts(came)
        return sum(sign * tensor(came[i][1]).double().mean() for i, sign in signs.items())

    facts = {"returned": returned, "part": f"{labels[first]} and {labels[second]}", "is_pair": True}
    return replace(call, part=added), facts | {"flipped": tuple(labels[i] for i, sign in signs.items() if sign < 0)}
