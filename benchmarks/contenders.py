"""What `bench.py` measures: one VAE, 784-400-20-400-784, trained in several ways on the same images."""

import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from faster import faster, matmul_precision
from measuring import BATCH, DATA, HIDDEN, LATENT
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits, relu
from torch.utils.data import DataLoader, Dataset, TensorDataset

from vae_lib.distributions import kl_to_standard_normal
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.training import fit

SIDE = math.isqrt(DATA)

# The usual tutorial


class TutorialVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(DATA, HIDDEN)
        self.fc21, self.fc22 = nn.Linear(HIDDEN, LATENT), nn.Linear(HIDDEN, LATENT)
        self.fc3, self.fc4 = nn.Linear(LATENT, HIDDEN), nn.Linear(HIDDEN, DATA)

    def forward(self, x):
        h = relu(self.fc1(x))
        mu, log_var = self.fc21(h), self.fc22(h)
        z = mu + torch.randn_like(log_var) * torch.exp(0.5 * log_var)
        return torch.sigmoid(self.fc4(relu(self.fc3(z)))), mu, log_var


class Pictures(Dataset):
    """torchvision's MNIST with ToTensor, step by step: each time it is used an image becomes a picture, then a tensor.

    torchvision itself cannot be imported beside torch's build for the CPU.
    """

    def __init__(self, x: Tensor):
        self.data, self.targets = (255 * x).view(-1, SIDE, SIDE), torch.zeros(len(x), dtype=torch.long)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture, target = Image.fromarray(self.data[index].numpy()), int(self.targets[index])
        pixels = torch.from_numpy(np.array(picture)).view(SIDE, SIDE, 1).permute(2, 0, 1).contiguous()
        return pixels.float().div(255), target


def in_one_tensor(x: Tensor) -> TensorDataset:
    return TensorDataset(x.float(), torch.zeros(len(x)))


def tutorial(x: Tensor, num_epochs: int, *, dataset: Callable[[Tensor], Dataset] = Pictures) -> list[float]:
    """The loop of most tutorials, in the way of https://github.com/pytorch/examples/blob/main/vae/main.py."""
    loader = DataLoader(dataset(x), batch_size=BATCH, shuffle=True)
    model = TutorialVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    history = []
    for _ in range(num_epochs):
        total = 0.0
        for batch, _ in loader:
            optimizer.zero_grad()
            batch = batch.view(-1, DATA)
            probs, mu, log_var = model(batch)
            cross_entropy = binary_cross_entropy(probs, batch, reduction="sum")
            loss = cross_entropy - 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
            loss.backward()
            total += loss.item()
            optimizer.step()
        history.append(-total / len(x))
    return history


# Ours


def make_model() -> VAE:
    return VAE(GaussianEncoder(DATA, LATENT, HIDDEN), BernoulliDecoder(LATENT, DATA, HIDDEN), LATENT)


def ours(x: Tensor, num_epochs: int, *, compile: bool = False, precision: str = "highest") -> list[float]:
    model, settings = make_model(), {"num_epochs": num_epochs, "batch_size": BATCH, "prepare": Tensor.float}
    objective = faster(elbo, model, batch_size=BATCH, compile=compile, precision=precision)
    with matmul_precision(precision):
        return fit(model, x, objective=objective, **settings)["train"]


# The floor


def matrix_products(
    x: Tensor, num_epochs: int, *, precision: str = "highest", dtype: torch.dtype = torch.float32
) -> list[float]:
    """The products of the training steps and nothing else."""
    torch.set_float32_matmul_precision(precision)
    layers = random_layers(dtype)
    for _ in range(num_epochs * -(-len(x) // BATCH)):
        products_of_a_step(layers)
    return []


def random_layers(dtype: torch.dtype = torch.float32) -> list[list[Tensor]]:
    """For each layer its inputs, its weight, and the gradient of its outputs."""
    sizes = [(DATA, HIDDEN), (HIDDEN, 2 * LATENT), (LATENT, HIDDEN), (HIDDEN, DATA)]
    return [[torch.randn(shape, dtype=dtype) for shape in ((BATCH, i), (o, i), (BATCH, o))] for i, o in sizes]


def products_of_a_step(layers: list[list[Tensor]]) -> None:
    """Forward, by weight, by input (not for the first layer)."""
    for number, (inputs, weight, gradient) in enumerate(layers):
        inputs @ weight.T
        gradient.T @ inputs
        if number > 0:
            gradient @ weight


TUTORIAL, IN_ONE_TENSOR = "pytorch/examples' loop", "… its images in one tensor"
PRODUCTS = "the matrix products alone"
CONTENDERS = {
    TUTORIAL: tutorial,
    IN_ONE_TENSOR: partial(tutorial, dataset=in_one_tensor),
    "fit": ours,
    "fit, compiled": partial(ours, compile=True),
    "fit, medium precision": partial(ours, precision="medium"),
    "fit, compiled, medium precision": partial(ours, compile=True, precision="medium"),
    "fit, bfloat16": partial(ours, precision="bfloat16"),
    "fit, compiled, bfloat16": partial(ours, compile=True, precision="bfloat16"),
    PRODUCTS: matrix_products,
    "the matrix products alone, medium precision": partial(matrix_products, precision="medium"),
    "the matrix products alone, bfloat16": partial(matrix_products, dtype=torch.bfloat16),
}


# One step, part by part


def formulas(model: VAE, x: Tensor) -> Tensor:
    """`elbo` without distribution objects: the same networks, the same numbers."""
    mu, log_var = model.encoder.net(x).chunk(2, dim=-1)
    logits = model.decoder.net(mu + torch.exp(0.5 * log_var) * torch.randn_like(mu))
    cross_entropy = binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
    return -cross_entropy - kl_to_standard_normal(mu, log_var).sum(-1)


def parts(x: Tensor) -> dict[str, float]:
    """Median µs of the parts of a step of `fit`, and of what the tutorial does in the place of some of them."""
    torch.distributions.Distribution.set_default_validate_args(False)
    model, index = make_model(), torch.randperm(len(x))[:BATCH]
    batch, logits = x.index_select(0, index).float(), torch.randn(BATCH, DATA, requires_grad=True)
    by_tensor, by_picture = (batches_without_end(kind(x[: 100 * BATCH])) for kind in (in_one_tensor, Pictures))

    def gradient_of(objective):
        model.zero_grad()
        (-objective(model, batch).mean()).backward()

    def pixels(loss, outputs):
        logits.grad = None
        loss(outputs(logits), batch, reduction="sum").backward()

    gradient_of(elbo)
    times = {
        "the matrix products": partial(products_of_a_step, random_layers()),
        "elbo and its gradient": partial(gradient_of, elbo),
        "… written as formulas, without distributions": partial(gradient_of, formulas),
        "a batch, x.index_select(0, index).float()": lambda: x.index_select(0, index).float(),
        "… by a DataLoader": partial(next, by_tensor),
        "… picture by picture": partial(next, by_picture),
        "a step of Adam, fused": torch.optim.Adam(model.parameters(), fused=True).step,
        "… default": torch.optim.Adam(model.parameters()).step,
        "cross-entropy and its gradient, from logits": partial(pixels, binary_cross_entropy_with_logits, Tensor.clone),
        "… sigmoid first": partial(pixels, binary_cross_entropy, torch.sigmoid),
    }
    repeats = 1 + len(x) // 300
    samples = [{name: microseconds(step) for name, step in times.items()} for _ in range(repeats)]
    return {name: statistics.median(sample[name] for sample in samples) for name in times}


def batches_without_end(dataset: Dataset) -> Iterator[list[Tensor]]:
    return itertools.chain.from_iterable(itertools.repeat(DataLoader(dataset, batch_size=BATCH, shuffle=True)))


def microseconds(step) -> float:
    start = time.perf_counter()
    step()
    return 1e6 * (time.perf_counter() - start)
