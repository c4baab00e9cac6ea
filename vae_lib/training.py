"""Chapter 5: the only training loop. Tensors in memory, batches by index, one minus sign, no wait inside an epoch."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from numbers import Real

import torch
from torch import Tensor, nn
from torch.distributions import Distribution
from torch.optim import Adam, Optimizer

from vae_lib.networks import check_positive
from vae_lib.objectives import elbo, elbo_terms

PRECISIONS = ("highest", "high", "medium", "bfloat16")
CHECK_ROWS = 1024  # rows of data looked at together before training


# Long: the whole loop in one place, as chapter 5 shows it.
def fit(
    model: nn.Module,
    x_train: Tensor,
    *,
    objective: Callable[[nn.Module, Tensor], Tensor] = elbo,
    num_epochs: int,
    batch_size: int,
    lr: float = 1e-3,
    x_test: Tensor | None = None,
    prepare: Callable[[Tensor], Tensor] | None = None,
    optimizer: Optimizer | None = None,
    compile: bool = False,
    precision: str = "highest",
    progress: bool = False,
) -> dict[str, list[float]]:
    """Train `model` in place to maximise `objective(model, x)`; returns the history, one number an epoch (chapter 5).

    `x_train` is `[n, data]`. `prepare` maps a batch of its rows to the x that the model sees (uint8 to float,
    binarise), afresh each time. An `optimizer` replaces Adam with `lr`. `compile` compiles the loss: it needs a C++
    compiler and some seconds. `precision` is that of float32 matrix products: "highest" or, faster where the
    processor can, "high" and "medium", whose factors may keep 10 and 7 bits after the point
    (torch.set_float32_matmul_precision), and "bfloat16", where factors and results of the training's products keep 7
    (torch.autocast) and all else stays float32: about twice as fast as full precision on a processor with bfloat16
    units, slow without. `progress` prints a line an epoch. Seed before the call: one seed, one history.

    The history, in nats an image: `train`, the mean objective over the epoch, taken while the parameters move, higher
    is better; with `x_test` `[m, data]` also `test`, the same after the epoch, and the two terms of the ELBO,
    `reconstruction` and `kl`, never weighted and from the same draws of z: elbo(beta=4) logs test = reconstruction −
    4 kl. Evaluating uses up no random numbers, so that training is the same without it.

    Before the first epoch every row is scored once with argument validation on; during the epochs it is off. Raises
    ValueError for settings or data that do not fit, RuntimeError at the end of an epoch with a mean that is not finite.
    """
    _check_settings(num_epochs, batch_size, lr, precision)
    optimizer = _adam(model, lr) if optimizer is None else _checked_optimizer(optimizer, model)
    prepare = prepare or (lambda rows: rows)
    x_train = _checked("x_train", x_train, model, objective, prepare, batch_size)
    if x_test is not None:
        x_test = _checked("x_test", x_test, model, objective, prepare, batch_size)

    def loss_of(rows: Tensor) -> Tensor:
        with torch.autocast(x_train.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            return -objective(model, prepare(rows)).mean()

    epochs = []
    with _training(model), _matmul_precision(model, precision):
        step_loss = _compiled(loss_of, batch_size, x_train.device) if compile else loss_of
        for epoch in range(1, num_epochs + 1):
            total = 0.0
            for index in torch.randperm(len(x_train), device=x_train.device).split(int(batch_size)):
                loss = step_loss(x_train.index_select(0, index))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total -= loss.detach() * len(index)
            means = {"train": total / len(x_train)}
            if x_test is not None:
                means |= _evaluate(model, x_test, objective, prepare, batch_size)
            epochs.append(_finite(means, epoch))
            if progress:
                print(f"epoch {epoch}/{num_epochs}:", ", ".join(f"{k} {v:.2f}" for k, v in epochs[-1].items()))
    return {name: [means[name] for means in epochs] for name in epochs[0]}


def _evaluate(model, x_test: Tensor, objective, prepare, batch_size: int) -> dict[str, Tensor]:
    """Means over `x_test` of the objective and of the two terms of the ELBO, all from the same draws of z."""
    model.eval()
    totals = 0.0
    with torch.no_grad(), _random_numbers_kept(x_test.device):
        for rows in x_test.split(int(batch_size)):
            x = prepare(rows.clone())
            with _random_numbers_kept(x.device):
                values = objective(model, x)
            totals += torch.stack([values, *elbo_terms(model, x)]).sum(1)
    model.train()
    return dict(zip(("test", "reconstruction", "kl"), totals / len(x_test), strict=True))


def _finite(means: dict[str, Tensor], epoch: int) -> dict[str, float]:
    """The means as numbers: the one moment of an epoch at which the loop waits for the device."""
    means = {name: mean.item() for name, mean in means.items()}
    if not all(map(math.isfinite, means.values())):
        advice = "try a smaller lr, or call the objective outside fit, where torch.distributions validates arguments"
        raise RuntimeError(f"expected finite means, got {means} in epoch {epoch}: {advice}")
    return means


def _adam(model: nn.Module, lr: float) -> Adam:
    """Adam in one fused kernel, or in many where torch has no fused one for these parameters."""
    try:
        return Adam(model.parameters(), lr=lr, fused=True)
    except RuntimeError:
        return Adam(model.parameters(), lr=lr)


def _compiled(loss_of: Callable[[Tensor], Tensor], batch_size: int, device: torch.device) -> Callable[[Tensor], Tensor]:
    """The loss compiled for full batches only: a last, smaller one would cost another compilation.

    On a GPU its kernels are also recorded, and replayed together (CUDA graphs): to launch those of a small net one by
    one takes longer than to run them.
    """
    compiled = torch.compile(loss_of, dynamic=False, mode="reduce-overhead" if device.type == "cuda" else None)
    return lambda rows: (compiled if len(rows) == batch_size else loss_of)(rows)


@contextmanager
def _training(model: nn.Module) -> Iterator[None]:
    """The model in train mode and argument validation off; all as it was afterwards, part by part, whatever happens."""
    modes = [(part, part.training) for part in model.modules()]
    try:
        with _argument_validation(False):
            model.train()
            yield
    finally:
        for part, was_training in modes:
            part.training = was_training


@contextmanager
def _argument_validation(on: bool) -> Iterator[None]:
    """torch.distributions' argument validation, one switch for the whole process, on or off for a while."""
    before = Distribution._validate_args
    Distribution.set_default_validate_args(on)
    try:
        yield
    finally:
        Distribution.set_default_validate_args(before)


@contextmanager
def _matmul_precision(model: nn.Module, precision: str) -> Iterator[None]:
    """The precision of float32 matrix products, one switch for the whole process, for a while.

    For bfloat16 it is autocast that rounds; here the networks inside encoder and decoder are told to put out float32,
    so that q(z|x), z, and the likelihood do not round.
    """
    before = torch.get_float32_matmul_precision()
    rounded = [model.encoder, model.decoder] if precision == "bfloat16" else []
    hooks = [net.register_forward_hook(_in_float32) for part in rounded for net in part.children()]
    torch.set_float32_matmul_precision("highest" if rounded else precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
        for hook in hooks:
            hook.remove()


def _in_float32(_module, _inputs, output):
    return output.float() if isinstance(output, Tensor) and output.dtype == torch.bfloat16 else output


def _random_numbers_kept(device: torch.device) -> AbstractContextManager:
    """What is drawn inside is drawn once more after it."""
    return torch.random.fork_rng([device] if device.type == "cuda" else [])


def _check_settings(num_epochs: int, batch_size: int, lr: float, precision: str) -> None:
    check_positive(num_epochs=num_epochs, batch_size=batch_size)
    if precision not in PRECISIONS:
        raise ValueError(f"expected precision to be one of {', '.join(PRECISIONS)}, got {precision!r}")
    if not (isinstance(lr, Real) and 0 < lr < math.inf):
        raise ValueError(f"expected lr to be a finite number above 0, got {lr!r}")


def _checked_optimizer(optimizer: Optimizer, model: nn.Module) -> Optimizer:
    held = {id(p) for group in getattr(optimizer, "param_groups", []) for p in group["params"]}
    if held.isdisjoint(map(id, model.parameters())):
        raise ValueError(f"expected an optimizer of the model's parameters, got {_describe(optimizer)} without them")
    return optimizer


def _checked(name: str, data: Tensor, model, objective, prepare, batch_size: int) -> Tensor:
    """The data on the model's device, once the objective took a batch and the likelihood, under one z, every row."""
    if not isinstance(data, Tensor) or data.ndim == 0 or len(data) == 0:
        raise ValueError(f"expected {name} to be a tensor [n, data] with n of at least 1, got {_describe(data)}")
    parameter = next(model.parameters())
    data = data.detach().to(parameter.device)
    with torch.no_grad(), _random_numbers_kept(data.device), _argument_validation(True):
        batch = prepare(data[:batch_size].clone())
        _check_x(name, batch, len(data[:batch_size]), parameter.dtype)
        _check_values(objective(model, batch), len(batch))
        px_z = model.decoder(model.prior.mean)
        for rows in data.split(CHECK_ROWS):
            x = prepare(rows.clone())
            _check_x(name, x, len(rows), parameter.dtype)
            px_z.log_prob(x)
    return data


def _check_x(name: str, x: Tensor, num_rows: int, dtype: torch.dtype) -> None:
    if not isinstance(x, Tensor) or x.ndim != 2 or len(x) != num_rows or x.dtype != dtype:
        expected = f"{name}, after prepare if there is one, as {dtype} (the model's) of shape ({num_rows}, data)"
        raise ValueError(f"expected {expected}, got {_describe(x)}")
    if not x.isfinite().all():
        raise ValueError(f"expected finite values in {name}, got {(~x.isfinite()).sum()} that are NaN or infinite")


def _check_values(values: Tensor, num_rows: int) -> None:
    if not isinstance(values, Tensor) or values.shape != (num_rows,) or not values.is_floating_point():
        raise ValueError(f"expected objective to give one value a row, shape ({num_rows},), got {_describe(values)}")


def _describe(value) -> str:
    return f"{value.dtype} of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
