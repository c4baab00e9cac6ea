"""Chapter 5: the only training loop. Tensors in memory, batches by index, one minus sign, no wait inside an epoch."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from numbers import Real

import torch
from torch import Tensor, nn
from torch.distributions import Distribution
from torch.optim import Adam, Optimizer

from vae_lib.networks import check_positive, check_rows, describe, tensors
from vae_lib.objectives import elbo, elbo_terms, has_terms

Data = Tensor | tuple[Tensor, ...]  # one row a datum; the tensors of a tuple, say (x, labels), are cut alike
CHECK_ROWS = 1024  # rows of data looked at together before training


def fit(
    model: nn.Module,
    x_train: Data,
    *,
    objective: Callable[[nn.Module, Data], Tensor] = elbo,
    num_epochs: int,
    batch_size: int,
    lr: float | Optimizer = 1e-3,
    x_test: Data | None = None,
    prepare: Callable[[Data], Data] | None = None,
) -> dict[str, list[float]]:
    """Train `model` in place to maximise `objective(model, x)`: the loss's one minus sign stands here (chapter 5).

    `model` is any torch module, `objective` gives one value a row, `[batch]`, higher is better. `x_train` is
    `[n, …]`, of any rank and dtype, or a tuple of such tensors, for example (x, labels): then `prepare` and `objective`
    get a tuple of their rows. Data move to the model's device. `prepare` maps a batch of rows to the x that the model
    sees (uint8 to float, binarise), afresh each time. `lr` is Adam's learning rate; an optimizer of the model's
    parameters in its place is used as it is, so that a second call goes on where the first one stopped. Seed before the
    call: one seed, one history.

    Returns the history, one number per epoch, in nats per row. `train` is the mean objective over the epoch, taken
    while the parameters move; with `x_test` there is also `test`, the same after the epoch. A model with `encoder`,
    `decoder` and `prior`, as `elbo` takes it, adds the two terms of the ELBO on `x_test`, `reconstruction` and `kl`,
    never weighted and from the same draws of z: elbo(beta=4) logs test = reconstruction − 4 kl. Evaluation uses up no
    random numbers of torch's own, so training is the same without it; a generator that `prepare` brings goes on.

    Before the first epoch the objective scores one batch, and the likelihood, if there is one, every row, with argument
    validation on; during the epochs it is off. Raises ValueError for settings, a model or data that do not fit, and
    RuntimeError at the end of an epoch with a mean that is not finite.
    """
    check_positive(num_epochs=num_epochs, batch_size=batch_size)
    optimizer = _optimizer(model, lr)
    prepare = prepare or (lambda rows: rows)
    x_train, terms = _checked("x_train", x_train, model, objective, prepare, batch_size)
    if x_test is not None:
        x_test, _ = _checked("x_test", x_test, model, objective, prepare, batch_size)
    epochs = []
    with in_mode(model, train=True, validate=False):
        for epoch in range(1, num_epochs + 1):
            total = 0.0
            for rows in _batches(x_train, batch_size, shuffle=True):
                loss = -objective(model, prepare(rows)).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total -= loss.detach() * _num_rows(rows)
            means = {"train": total / _num_rows(x_train)}
            if x_test is not None:
                means |= _evaluate(model, x_test, objective, terms, prepare, batch_size)
            epochs.append(_finite(means, epoch))
    return {name: [means[name] for means in epochs] for name in epochs[0]}


def _batches(data: Data, batch_size: int, *, shuffle: bool) -> Iterator[Data]:
    """Copies of all rows in batches, in a fresh order or in their own."""
    ordered = torch.randperm if shuffle else torch.arange
    for index in ordered(_num_rows(data), device=tensors(data)[0].device).split(int(batch_size)):
        rows = tuple(tensor.index_select(0, index) for tensor in tensors(data))
        yield rows if isinstance(data, tuple) else rows[0]


def _evaluate(model, x_test: Data, objective, terms, prepare, batch_size: int) -> dict[str, Tensor]:
    """Means over `x_test` of the objective and, from the same draws of z, of the two terms of the ELBO, if any."""
    totals = 0.0
    with torch.no_grad(), in_mode(model, train=False, validate=False), random_numbers_kept(model):
        for x in map(prepare, _batches(x_test, batch_size, shuffle=False)):
            with random_numbers_kept(model):  # the terms draw the same once more
                values = objective(model, x)
            totals += torch.stack([values, *terms(model, x)]).sum(1)
    return dict(zip(("test", "reconstruction", "kl"), totals / _num_rows(x_test), strict=False))


def _finite(means: dict[str, Tensor], epoch: int) -> dict[str, float]:
    """The means as numbers: the one moment of an epoch at which the loop waits for the device."""
    means = {name: mean.item() for name, mean in means.items()}
    if not all(map(math.isfinite, means.values())):
        advice = "try a smaller lr, or x on a scale of 1; outside fit, torch.distributions checks its arguments"
        raise RuntimeError(f"expected finite means, got {means} in epoch {epoch}: {advice}")
    return means


def _optimizer(model: nn.Module, lr: float | Optimizer) -> Optimizer:
    """The reader's own; or Adam, in one fused kernel where torch has one for these parameters."""
    if not isinstance(model, nn.Module) or not any(weight.requires_grad for weight in model.parameters()):
        raise ValueError(f"expected model to be a torch module with parameters that can learn, got {describe(model)}")
    if isinstance(lr, Optimizer):
        held = {id(p) for group in lr.param_groups for p in group["params"]}
        if held.isdisjoint(map(id, model.parameters())):
            raise ValueError(f"expected an optimizer of the model's parameters, got {describe(lr)} without them")
        return lr
    if not (isinstance(lr, Real) and 0 < lr < math.inf):
        raise ValueError(f"expected lr to be a finite number above 0, or an optimizer, got {lr!r}")
    try:
        return Adam(model.parameters(), lr=lr, fused=True)
    except RuntimeError:
        return Adam(model.parameters(), lr=lr)


def in_mode(model: nn.Module, *, train: bool, validate: bool) -> ExitStack:
    """The model in train or eval mode, and torch.distributions' argument validation, one switch for the whole process,
    on or off. Leaving the context puts both back as they were, part by part, whatever happens."""
    before = ExitStack()
    before.callback(Distribution.set_default_validate_args, Distribution._validate_args)
    for part in model.modules():
        before.callback(setattr, part, "training", part.training)
    Distribution.set_default_validate_args(validate)
    model.train(train)
    return before


def random_numbers_kept(model: nn.Module) -> AbstractContextManager:
    """What is drawn inside is drawn once more after it."""
    return torch.random.fork_rng({parameter.device for parameter in model.parameters() if parameter.is_cuda})


def _checked(name: str, data: Data, model, objective, prepare, batch_size: int) -> tuple[Data, Callable]:
    """Try objective and likelihood on the data; returns the data on the model's device, and what gives their terms."""
    check_rows(name, data)
    moved = tuple(tensor.detach().to(next(model.parameters()).device) for tensor in tensors(data))
    data = moved if isinstance(data, tuple) else moved[0]
    with torch.no_grad(), random_numbers_kept(model), in_mode(model, train=False, validate=True):
        x = _prepared(name, next(_batches(data, batch_size, shuffle=False)), prepare)
        _check_objective(name, objective, model, x)
        in_terms = has_terms(model, x)
        px_z = model.decoder(model.prior.mean[None]) if in_terms else None  # one z will do: the support is the same
        for rows in _batches(data, CHECK_ROWS, shuffle=False):
            x = _prepared(name, rows, prepare)
            if in_terms:
                px_z.log_prob(x)
    return data, elbo_terms if in_terms else lambda model, x: ()


def _prepared(name: str, rows: Data, prepare) -> Data:
    num_rows, x = _num_rows(rows), prepare(rows)  # counted first: prepare may work in place
    check_rows(f"{name}, after prepare if there is one,", x, num_rows)
    if not all(tensor.isfinite().all() for tensor in tensors(x)):
        raise ValueError(f"expected finite values in {name}, got NaN or infinity")
    return x


def _check_objective(name: str, objective, model, x: Data) -> None:
    try:
        values = objective(model, x)
    except (RuntimeError, TypeError, AttributeError, IndexError) as error:  # which do not name the data
        expected = f"{name} as the model takes it, whose weights are {next(model.parameters()).dtype}"
        raise ValueError(f"expected {expected}, got {describe(x)}: {error}") from error
    shape = (_num_rows(x),)
    if not isinstance(values, Tensor) or values.shape != shape or not values.is_floating_point():
        raise ValueError(f"expected objective to give one value a row, shape {shape}, got {describe(values)}")


def _num_rows(data: Data) -> int:
    return len(tensors(data)[0])
