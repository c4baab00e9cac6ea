"""Chapters 4 and 5: which argument of a homework's loss is which: by its name where that tells, else by its place.

What cannot be known is asked for, with the line to paste.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import replace

from vae_lib.diagnose.loss_calls import FOUR, OUTPUT, Call, called, role_of, signature_of
from vae_lib.diagnose.loss_inputs import Sizes
from vae_lib.diagnose.words import Wrong


def ways(loss: Callable) -> list[Call]:
    """How the loss may be called, likeliest first; none where that cannot be known."""
    try:
        parameters = signature_of(loss).parameters.values()
    except (TypeError, ValueError):  # a built-in
        return [Call(loss)]
    asked = wanted(parameters)
    at = [role_of(one.name) for one in asked if one.kind is not one.KEYWORD_ONLY]
    by_key = tuple((one.name, role_of(one.name)) for one in asked if one.kind is one.KEYWORD_ONLY)
    if None in dict(by_key).values():
        return []
    takes = next((one.name for one in asked if role_of(one.name) == "log_var"), "")
    if is_clear([*at, *dict(by_key).values()]):
        return [Call(loss, tuple(at), by_key, takes=takes)]
    if len(at) < 4 and any(one.kind is one.VAR_POSITIONAL for one in parameters):
        return [Call(loss, keywords=by_key)]
    if not asked and any(one.kind is one.VAR_KEYWORD for one in parameters):
        return [Call(loss, (), ())]
    if len(at) in (2, 3) and not by_key:
        two = ("x_hat", "x") if at == ["x", "x"] else tuple(at)  # torch calls them input and target
        return [*packed(loss, at), *([Call(loss, two)] if set(two) <= set(FOUR) else [])]
    if len(at) < 4 or None in at[4:] or set(at[4:]) & set(FOUR) or len({*at[:4]} - {None}) < 4 - at[:4].count(None):
        return []
    orders = ORDERS if not any(at[:4]) else [the_rest_in_order(at[:4])]
    return [Call(loss, (*order, *at[4:]), by_key, takes=takes) for order in orders if set(order) == set(FOUR)]


ORDERS = (FOUR, ("mu", "log_var", "x_hat", "x"), ("x", "mu", "log_var", "x_hat"), ("x_hat", "mu", "log_var", "x"))


def the_rest_in_order(known: list) -> tuple:
    """What a name tells stands; the others are what is left, in the usual order."""
    left = iter(role for role in FOUR if role not in known)
    return tuple(role or next(left) for role in known)


def wanted(parameters) -> list[inspect.Parameter]:
    """What has no default."""
    return [
        one for one in parameters if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]


def is_clear(roles: list) -> bool:
    """Whether the names say it all: x_hat and x, and mu and log_var or a q, each once."""
    alone = None not in roles and len(set(roles)) == len(roles)
    return alone and {"x_hat", "x"} <= set(roles) and ({"mu", "log_var"} <= set(roles) or "q" in roles)


def packed(loss: Callable, known: list) -> list[Call]:
    """Two or three arguments, some of them tuples, or a dict, of what the model returns."""
    if len(known) == 3:
        code = ("mu", "log_var")
        return [
            Call(loss, order) for order in (("x_hat", "x", code), ("x", "x_hat", code), (("x_hat", "z"), "x", code))
        ]
    packs = [OUTPUT, ("x_hat", "mu", "log_var"), FOUR, (*FOUR, "z"), ("x_hat", "z", "mu", "log_var")]
    orders = [("x", pack) for pack in packs], [(pack, "x") for pack in packs]
    if "x" in known:
        return [Call(loss, order) for order in orders[known.index("x")]]
    return [Call(loss, order) for order in (*orders[1], *orders[0])]


def keyworded(way: Call, error: Wrong) -> Call | None:
    """The way with the keyword besides for which a loss that takes only `**kwargs` asks."""
    name = re.search(r"KeyError: '(\w+)'", str(error))
    role = role_of(name[1]) if name and not way.order else None
    taken = {key for key, _ in way.keywords}
    return replace(way, keywords=(*way.keywords, (name[1], role))) if role and name[1] not in taken else None


def line_to_paste(loss: Callable, error: Wrong, sizes: Sizes) -> str:
    """What a loss asks for that is not known here, and the line that gives it; else how it was called."""
    name, key = called(loss), re.search(r"KeyError: '(\w+)'", str(error))
    x, mu = ([sizes.batch, *shape] for shape in (sizes.data, sizes.latent))
    helps = re.search(r"shape|size|dim|mat1|index|broadcast|channel|Assert", str(error))
    sizes_told = f" At first x was {x}, mu {mu}: data_dim=, latent_dim= and batch_size= give it others."
    as_called = f"{error}{sizes_told if helps else ''}"
    if key:
        line = f"diagnose_loss(lambda *args, **more: {name}(*args, {key[1]}=…, **more))"
        return f"{error} Paste `{line}`, with your value in the place of …."
    try:
        names = [one.name for one in wanted(signature_of(loss).parameters.values())]
    except (TypeError, ValueError):
        return as_called
    if names[:1] == ["self"]:
        return f"{error} It is a method without its object: hand in `my_model.{name}`."
    roles = [role_of(one) for one in names]
    if len(names) < 2 or is_clear(roles) or (len(names) > 3 and ways(loss)):
        return as_called
    roles = [None if role in roles[:i] else role for i, role in enumerate(roles)]
    if len(names) >= 4 and not any(roles[:4]):
        roles[:4] = FOUR
    given = ", ".join(f"{one}={GIVEN.get(role, '…')}" for one, role in zip(names, roles, strict=True))
    more = ", with what it wants in the place of each …" if "…" in given else ""
    line = f"diagnose_loss(lambda x_hat, x, mu, log_var: {name}({given}))"
    return f"{error} It takes {', '.join(names)}. Paste `{line}`{more}."


GIVEN = {one: one for one in FOUR} | {"noise": "torch.zeros(())", "q": "Normal(mu, (log_var / 2).exp())"}
GIVEN["z"] = "mu + (log_var / 2).exp() * torch.randn_like(mu)"
