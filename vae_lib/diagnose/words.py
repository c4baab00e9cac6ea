"""Every chapter: the words in which an answer or a loss is judged, and what keeps a student's error from being ours."""

import math
import warnings
from collections.abc import Callable

import torch
from torch import Tensor


class NotAttempted(Exception):
    """The answer is still the stub's `...`."""


class Wrong(Exception):
    """Why an answer is wrong, as it is printed."""


def verdict(judge: Callable, answer) -> str:
    """What the check says. Random numbers drawn afterwards are what they would have been without it."""
    with torch.random.fork_rng(devices=[]), torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        try:
            return f"✓ {judge(answer)}"
        except NotAttempted:
            return "Not attempted yet."
        except Wrong as wrong:
            return f"✗ {wrong}"
        except Exception as error:  # whatever else an answer made the check stumble over
            return f"✗ The check could not read your answer: {describe_error(error)}."


def nested(numbers) -> str:
    return f"[{', '.join(map(nested, numbers))}]" if isinstance(numbers, list) else short(numbers)


def describe(value) -> str:
    """A value in a few words: a tensor by its first numbers and shape, other things by what they are."""
    if isinstance(value, Tensor):
        more = ", …" if value.numel() > 6 else ""
        return f"[{', '.join(map(short, value.detach().flatten()[:6].tolist()))}{more}], shape {list(value.shape)}"
    if value is None or isinstance(value, bool | int | float):
        return short(value)
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return describe_error(value) if isinstance(value, BaseException) else f"a {type(value).__name__}"


def short(number) -> str:
    """Five digits, and no minus before a zero."""
    return f"{number + 0:.5g}" if isinstance(number, float) and math.isfinite(number) else str(number)


def describe_error(error: BaseException) -> str:
    """The type and the first line of its message, cut between words."""
    try:
        first = " ".join(str(error).strip().splitlines()[0].split()).rstrip(".")
        return f"{type(error).__name__}: {first if len(first) < 160 else first[:160].rsplit(' ', 1)[0] + ' …'}"
    except Exception:  # an error without a message, or whose message raises
        return type(error).__name__
