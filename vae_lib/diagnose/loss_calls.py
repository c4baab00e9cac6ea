"""Chapters 4 and 5: one call of a loss that was written for somebody else's code."""

import inspect
import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Normal

from vae_lib.diagnose.loss_inputs import Sizes
from vae_lib.diagnose.words import Wrong, describe, describe_error

FOUR = ("x_hat", "x", "mu", "log_var")
NAMES = {  # as regular expressions, without underscores and in small letters
    "noise": r"(x|dec\w*|rec\w*|obs\w*)?log(scale|noise\w*|sigmax|varx|stdx)|(x|dec|rec|obs)log(var|sigma|std)",
    "x_hat": r"(x|y|img|image|pixel|dec|px|out)?(hat|recons?\w*|rec|pred\w*|out|outputs?|tilde|prime|decoded\w*)"
    r"|(x|y|img|image|pixel|dec)?logits?|(x|y|img|image|dec)(mu|mean|loc|probs?|gen|dec|r)"
    r"|(mu|mean|loc|probs?)(x|img|image|dec)|generated\w*|probs?",
    "x": r"xs?|inputs?|targets?|data|images?|imgs?|pixels?|batch|orig\w*|[xy]true|(ground)?truth|gt|real|xin|y|xorig"
    r"|tokens?\w*|words|ids|seqs?|sequences?",
    "mu": r"(z|q|qz|latent|enc|post)?(mus?|means?|loc)|m|(mu|mean|loc)(z|q)",
    "log_var": r"(z|q|qz|latent|enc|post)?(log(var\w*|v|sigma\w*|std|sd|scale)|lnvar|lv|stds?|sd|sigmas?|vars?)"
    r"|(z|q|qz|latent|enc|post)?(variances?|scale)|s|(logvar|logsigma|std|sigma|var)(z|q)|logs2|logsigma2",
    "z": r"zs?|zsamples?|samples?|latents?|codes?",
    "mask": r"masks?|pixelmask|xmask",
    "q": r"q|qz|qzx|qzgivenx|posterior|approxposterior|qdist|dist|encdist|zdist|zposterior",
    "p": r"p|pz|prior|priordist|zprior",
}


def signature_of(loss: Callable) -> inspect.Signature:
    """Of a network, that of its forward. Raises TypeError or ValueError where there is none."""
    return inspect.signature(loss.forward if isinstance(loss, nn.Module) else loss)


def role_of(name: str) -> str | None:
    plain = name.lower().replace("_", "")
    return next((role for role, names in NAMES.items() if re.fullmatch(names, plain)), None)


@dataclass(frozen=True)
class Call:
    """One way to call a loss. `order` nests roles as the arguments are nested; `part` picks what is judged."""

    loss: Callable
    order: tuple = FOUR
    keywords: tuple[tuple[str, str], ...] = ()
    part: Callable = lambda came: came
    doubled: bool = False  # x_hat holds log σ_x² of each pixel too, in a second half
    spread: bool = False  # log σ_x is one for each pixel
    with_grad: bool = False  # the inputs carry a gradient, for a loss that takes one itself
    takes: str = ""  # the name of the fourth argument
    opposite: bool = False  # averaged over a z and the opposite one

    def __call__(self, inputs, seed: int = 0, fresh: bool = True):
        """What the loss returns, for copies of the inputs. Raises Wrong where it raises or returns nothing."""
        inputs = [self.copy(one) for one in inputs] if fresh else inputs
        # torch.manual_seed also writes down where it was called from, for other devices: half of all the time
        for seeded in (torch.default_generator.manual_seed, np.random.seed, random.seed):
            seeded(seed)
        roles = self.roles(inputs, seed)
        try:
            came = self.loss(*filled(self.order, roles), **{key: roles[role] for key, role in self.keywords})
        except (Exception, SystemExit) as error:
            raise Wrong(f"It raised {describe_error(error)}.") from error
        if came is None:
            raise Wrong("It returned None: did you forget `return`?")
        return came

    def roles(self, inputs, seed: int) -> dict:
        """What stands for each role; q and p as torch's distributions, `[batch, latent]`."""
        x_hat, x, mu, log_var = inputs
        sigma = deviation(log_var, self.takes)
        roles = {"x_hat": x_hat, "x": x, "mu": mu, "log_var": log_var, "noise": NOISE, "mask": torch.ones_like(x)}
        if self.spread:
            roles["noise"] = NOISE.to(x_hat.dtype).expand_as(x_hat)
        if self.doubled:
            roles["x_hat"] = torch.cat([x_hat, 2 * NOISE.to(x_hat.dtype).expand_as(x_hat)], 1)
        if self.passes_z:
            roles["z"] = mu + sigma * signs(mu.shape, seed).to(mu.dtype)
        if {"q", "p"} & names_in((self.order, self.keywords)):
            roles |= {"q": Normal(mu, sigma), "p": Normal(torch.zeros_like(mu), torch.ones_like(mu))}
        return roles

    @property
    def is_nameless(self) -> bool:
        """Whether its first two parameters' names tell nothing."""
        with suppress(TypeError, ValueError):
            first = list(signature_of(self.loss).parameters)[:2]
            return self.order[:2] == FOUR[:2] and not any(role_of(name) for name in first)
        return False

    @property
    def puts_noise(self) -> bool:
        """Whether log σ_x = 0 was put in, because the loss wants one."""
        return self.doubled or "noise" in names_in((self.order, self.keywords))

    @property
    def passes_z(self) -> bool:
        return "z" in names_in((self.order, self.keywords))

    @property
    def written(self) -> str:
        """As a line of code."""
        arguments = [written(one) for one in self.order] + [f"{key}={role}" for key, role in self.keywords]
        return f"{called(self.loss)}({', '.join(arguments)})"

    def copy(self, one: Tensor) -> Tensor:
        if self.with_grad and one.is_floating_point():
            return (one if one.requires_grad else one.clone().requires_grad_()) * 1  # no leaf: it may be written to
        return one * 1 if one.requires_grad else one.clone()

    def value(self, inputs, sizes: Sizes, seed: int = 0) -> Tensor:
        """What is judged, as one number with its gradient. The loss may write into its arguments."""
        seeds = (seed, seed + 1) if self.opposite else (seed,)
        came = [self(inputs, one) for one in seeds]
        return torch.stack([number(self.part(one), sizes) for one in came]).mean()


def deviation(fourth: Tensor, name: str) -> Tensor:
    """σ of a fourth argument that is called so; log σ² unless the name says otherwise."""
    plain = name.lower().replace("_", "")
    if re.search(r"^(z|q|qz)?(stds?|sd|sigmas?|scale)", plain):
        return fourth
    if re.search(r"^(z|q|qz)?vars?", plain):
        return fourth.abs().sqrt()
    return fourth.exp() if re.search(r"log(std|sd|sigma|scale)(?!2)", plain) else (fourth / 2).exp()


def signs(shape: tuple[int, ...], seed: int) -> Tensor:
    """ε for a z that is passed: ±1, and the opposite at the next seed."""
    # Over two such ε the mean is 0 and that of ε² is 1, as it should be, so that the mean of a function of second
    # degree in ε, as log q(z|x) − log p(z) of Gaussians is, is exact.
    generator = torch.Generator().manual_seed(seed // 2)
    return (1 - 2 * (seed % 2)) * (2.0 * torch.randint(2, shape, generator=generator, dtype=torch.float64) - 1)


NOISE = torch.zeros((), dtype=torch.float64, requires_grad=True)  # log σ_x, where a loss wants one to learn


def names_in(order) -> set[str]:
    return {name for one in order for name in names_in(one)} if isinstance(order, tuple) else {order}


def filled(order, roles: dict):
    if order == OUTPUT:
        return Output(roles)
    return tuple(filled(one, roles) for one in order) if isinstance(order, tuple) else roles[order]


class Output:
    """What a model returns, as a dict or an object whose entries have usual names."""

    def __init__(self, roles: dict):
        self._roles = roles

    def __getitem__(self, name):
        if not isinstance(name, str) or role_of(name) not in self._roles:
            raise KeyError(name)
        return self._roles[role_of(name)]

    def __getattr__(self, name):
        if name.startswith("_") or role_of(name) not in self._roles:
            raise AttributeError(name)
        return self._roles[role_of(name)]


OUTPUT = ("x_hat", "mu", "log_var", "z", "by their names")


def written(one) -> str:
    if one == OUTPUT:
        return "{x_hat, mu, log_var, z, by their names}"
    return one if isinstance(one, str) else f"({', '.join(map(written, one))})"


def called(loss: Callable) -> str:
    name = getattr(loss, "__name__", "my_loss")
    return name if name.isidentifier() else "my_loss"


def number(value, sizes: Sizes) -> Tensor:
    """One number: the mean, where there is one for each example. Raises Wrong for other shapes and for NaN."""
    value = tensor(value)
    if value.is_complex() or value.dtype == torch.bool:
        raise Wrong(f"Expected a real number, got {value.dtype}.")
    if value.numel() != 1 and value.shape not in ((sizes.batch,), (sizes.batch, 1)):
        raise Wrong(wrong_shape(list(value.shape), sizes))
    if value.dtype in (torch.float16, torch.bfloat16):
        raise Wrong(f"It computes in {value.dtype}, too coarse to be read: hand it in without the cast to that.")
    if not value.isfinite().all():
        raise Wrong("It is NaN or infinite, although x_hat lies between 0.05 and 0.95 and the others are below 6.")
    return value.double().mean()


def wrong_shape(shape: list[int], sizes: Sizes) -> str:
    batch, data, latent = sizes.batch, list(sizes.data), list(sizes.latent)
    known = {
        "a sum or mean over the pixels is missing": [[batch, *data]],
        "a sum or mean over the latents is missing": [[batch, *latent]],
        "the sum or mean runs over the batch instead of the pixels or latents": [data, latent],
        "a [batch] and a [batch, 1] were added, which broadcasts to a table": [[batch, batch]],
    }
    why = [name for name, shapes in known.items() if shape in shapes]
    return f"Expected a scalar or one number per example, got shape {shape}" + (
        f"{KNOWN_SHAPE}{why[0]}." if why else "."
    )


KNOWN_SHAPE = ", which tells why: "


def tensor(value) -> Tensor:
    """The loss as a tensor; Python's and numpy's numbers are taken too."""
    try:
        return torch.as_tensor(value).to_dense()
    except Exception as error:
        raise Wrong(f"Expected a number, got {describe(value)}.") from error
