"""Every symptom is provoked and told by the page's own test; the page and the short tables are what the table gives."""

import math
import re
from contextlib import nullcontext, redirect_stdout, suppress
from io import StringIO
from itertools import accumulate
from pathlib import Path

import nbformat
import pytest
import symptom_tables
import torch
from provoked import (
    PROVOKED,
    Homework,
    Probabilities,
    Situation,
    broadcast,
    cross_entropy,
    data,
    examples,
    fresh,
    kl,
    learned_noise,
    loss_of,
    of_squares,
    on_pixels,
    program,
    squares,
)
from torch import nn
from torch.distributions import Bernoulli

from vae_lib.diagnose import symptoms
from vae_lib.diagnose.model_findings import RULES
from vae_lib.diagnose.symptoms import FROM_EXAMPLES, NAMES, SYMPTOMS, symptom
from vae_lib.shipped import independent_pixels
from vae_lib.shipped.weights import asset

BOOK = Path(__file__).parents[2] / "book"
PAGE = (BOOK / "i_see.md").read_text()
SECTIONS = {row.key: PAGE.split(f"\n## {row.title}\n")[1].split("\n## ")[0] for row in SYMPTOMS}
EACH = [(key, place, make) for key, cases in PROVOKED.items() for place, make in cases]


@pytest.fixture(autouse=True)
def _one_thread_again():
    yield
    torch.set_num_threads(1)


FILLED_IN = (("printed = ...", "printed = 0.69"), ("mine, paper = ..., ...", "mine, paper = 97.0, 86.8"))


def run(key: str, situation: Situation) -> dict:
    """The names, after the page's own code: the names' block, then the symptom's test with what the reader edits."""
    names, block, test = dict(situation.names), NAMES, symptom(key).test
    for old, new in situation.edits + FILLED_IN:
        test = test.replace(old, new)
    torch.manual_seed(1)
    with redirect_stdout(StringIO()):
        with may_stop(key):
            exec("" if key == "colab" else block, names)
        exec(test, names)
    return names


def may_stop(key: str):
    """The names themselves stop with an error about values; its test goes on from there."""
    return suppress(RuntimeError, AssertionError) if key == "values-error" else nullcontext()


def told(key: str, names: dict) -> int:
    """The place of the first line that is true."""
    return next(k for k, cause in enumerate(symptom(key).causes) if eval(cause.shows or "True", names))


# Symptom → whether it is there, by the names of its test; "no fault" lines are told where it is not
SEEN = {
    "kl-zero": lambda names, place: place == 0 or (names["kl"] < 2) == (place != 2),
    "same-picture": lambda names, place: place < 2 or (min(names["spread"], names["kl"]) < 0.1) == (place > 2),
    "thousands": lambda names, place: names["J"] > 1000,
    "jumps": lambda names, place: (largest_rise(names["seen"]) > 0.15) == (place < 3),
    "negative": lambda names, place: names["J"] < 0,
    "kl-explodes": lambda names, place: (names["kl"] > 10) == (place < 4),
    "test-loss": lambda names, place: (names["scores"][1] > 1.2 * names["scores"][0]) == (place < 2),
    "worse-than-pca": lambda names, place: names["at_z"] > names["pca"],
    "nan": lambda names, place: any(map(never_finite, trained_on(names))) == (place < 5),
}


def trained_on(names: dict) -> list[float]:
    return [one_step(names["train_step"], batch) for _ in range(15) for batch in names["x_train"].split(64)]


def one_step(train_step, batch) -> float:
    try:
        return train_step(batch)
    except RuntimeError:  # binary_cross_entropy's, of NaN
        return math.nan


def largest_rise(seen: list[float]) -> float:
    return max(later / lowest - 1 for later, lowest in zip(seen[1:], accumulate(seen, min), strict=False))


def never_finite(value: float) -> bool:
    return not math.isfinite(value)


@pytest.mark.parametrize(("key", "place", "make"), EACH, ids=[f"{key}-{place}" for key, place, _ in EACH])
def test_the_pages_own_test_tells_what_was_provoked(key, place, make, monkeypatch):
    situation = make()
    for patch in situation.world:
        monkeypatch.setattr(*patch)
    names = run(key, situation)
    assert told(key, names) == place
    assert names.get("squared", situation.squared) == situation.squared
    assert key not in SEEN or SEEN[key](names, place)


def test_every_cause_of_every_symptom_is_provoked():
    places = {row.key: set(range(len(row.causes))) for row in SYMPTOMS}
    assert {key: {place for place, _ in cases} for key, cases in PROVOKED.items()} == places
    assert all(
        [bool(cause.shows) for cause in row.causes] == [True] * (len(row.causes) - 1) + [False] for row in SYMPTOMS
    )


# What the names' block measures


@pytest.mark.parametrize(
    ("loss", "logits"),
    [
        (loss_of(), True),
        (loss_of(lambda logits, x: squares(logits.sigmoid(), x)), True),
        (loss_of(lambda logits, x: -Bernoulli(logits=logits).log_prob(x).sum(-1)), True),
        (loss_of(on_pixels), False),
        (loss_of(squares), False),
        (loss_of(lambda p, x: -Bernoulli(p).log_prob(x).sum(-1), beta=-3.0), False),
    ],
)
def test_the_names_find_out_whether_a_loss_takes_logits(loss, logits):
    names = run("kl-zero", fresh(Probabilities, loss))
    assert (names["logits"], names["twice"]) == (logits, logits)
    assert run("kl-zero", fresh(Homework))["twice"] is False


@pytest.mark.parametrize("key", [row.key for row in SYMPTOMS])
def test_the_vae_of_pytorch_examples_gets_its_names(key):
    situation = examples()
    with redirect_stdout(StringIO()):
        exec(FROM_EXAMPLES, situation.names)
    situation.names["x_test"] = situation.names["x_train"]
    if key == "slow":
        situation.names["train_loader"] *= 6
    names = run(key, situation)
    assert (names["model"].training, told(key, names) >= 0) == (True, True)
    if key != "colab":
        assert (names["logits"], names["twice"], names["beta"]) == (False, False, pytest.approx(1, rel=1e-3))
        assert names["an_image"] == pytest.approx(784 * math.log(2), rel=0.1)


def test_no_test_leaves_another_mode_behind():
    for key in ("bad-samples", "test-loss"):
        situation = fresh()
        situation.names["model"].eval()
        assert not run(key, situation)["model"].training


def test_a_batch_whose_terms_are_reduced_apart_needs_its_own_size():
    apart = program(loss=lambda x_hat, x, mu, s: cross_entropy(x_hat, x).mean() + kl(mu, s).sum(), epochs=0)
    assert run("kl-zero", apart)["beta"] == pytest.approx(128, rel=1e-3)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: program(loss=loss_of(beta=3.0), epochs=1), 3.0),
        (lambda: program(loss=loss_of(over=64.0), epochs=1), 64.0),
        (lambda: program(loss=lambda *each: 7 * loss_of(beta=0.5)(*each), epochs=1), 0.5),
        (lambda: fresh(loss=loss_of(on_pixels, beta=2.0), model=Probabilities), 2.0),
        (lambda: of_squares(0.3, epochs=1), 0.3**2),
        (lambda: of_squares(5.0, epochs=1), 5.0**2),
    ],
)
def test_beta_is_the_weight_of_the_kl_or_the_variance_of_the_pixels(make, expected):
    assert run("kl-zero", make())["beta"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("beta", [1.0, 1 / 8])
def test_a_noise_that_learns_and_its_constant_leave_beta_exact(beta):
    names = run("kl-zero", learned_noise(beta))
    noise_var = (2 * names["model"].log_sigma_x).exp().item()
    assert names["J"] < 0  # the level of this loss says nothing of its weights
    assert (names["beta"], names["share"]) == (
        pytest.approx(beta * noise_var, rel=1e-3),
        pytest.approx(noise_var, rel=1e-3),
    )


@pytest.mark.parametrize(
    ("reconstruction", "squared"),
    [
        (cross_entropy, False),
        (on_pixels, False),
        (lambda p, x: (p - x).abs().sum(-1), False),
        (squares, True),
        (lambda mean, x: squares(mean, x) / 1568 - 7, True),
        (lambda logits, x: squares(logits.sigmoid(), x), True),
        (lambda mean, x: -squares(mean, x), True),
    ],
)
def test_the_names_find_out_whether_an_error_is_squared(reconstruction, squared):
    assert run("kl-zero", fresh(Probabilities, loss_of(reconstruction)))["squared"] == squared


def test_no_more_latents_pay_than_there_are():
    assert run("kl-zero", of_squares(0.01, epochs=0))["pays"] == 8


def test_the_names_stop_at_shapes_that_broadcast_and_say_where_a_loss_is_not_finite():
    with pytest.raises(AssertionError, match="give both one shape"):
        run("kl-zero", broadcast())
    for loss, says in ((loss_of(), False), (loss_of(beta=math.nan), True)):
        with redirect_stdout(StringIO()) as said:
            exec(NAMES, dict(fresh(loss=loss).names))
        assert (symptom("nan").title in said.getvalue()) == says


def test_a_test_that_wants_a_number_stops_until_it_is_filled_in():
    for key in ("stuck", "another-number"):
        names = run("kl-zero", fresh())
        with pytest.raises(TypeError):
            exec(symptom(key).test, names)


def test_new_z_have_the_shape_of_latents_that_are_images():
    class Maps(Homework):
        def encode(self, x):
            return [half.view(-1, 2, 2, 2) for half in super().encode(x)]

        def decode(self, z):
            return super().decode(z.flatten(1))

    loss = loss_of()
    flat = fresh(Maps, lambda x_hat, x, mu, log_var: loss(x_hat, x, mu.flatten(1), log_var.flatten(1)))
    assert [told(key, run(key, flat)) for key in ("bad-samples", "noise")] == [5, 4]


class Images(nn.Module):
    """Convolutions over RGB images of 8×8, one value of the loss an image."""

    def __init__(self, **sizes):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(128, 16))
        self.decoder = nn.Sequential(
            nn.Linear(8, 128), nn.ReLU(), nn.Unflatten(1, (8, 4, 4)), nn.ConvTranspose2d(8, 3, 4, 2, 1)
        )

    def encode(self, x):
        return self.encoder(x).chunk(2, -1)

    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)

    def decode(self, z):
        return self.decoder(z)


def loss_an_image(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
    return 50 * (x_hat - x).square().flatten(1).sum(-1) + kl


@pytest.mark.parametrize("key", [row.key for row in SYMPTOMS if row.key != "slow"])
def test_every_test_takes_convolutions_colours_and_a_loss_for_each_image(key):
    colours = tuple(images.view(-1, 1, 8, 8) * torch.rand(len(images), 3, 1, 1) for images in data("grey"))
    situation = program(Images, loss_an_image, colours, epochs=1, squared=True)
    names = run(key, situation)
    assert 0 <= told(key, names) < len(symptom(key).causes)
    assert key == "colab" or names["beta"] == pytest.approx(0.01, rel=1e-3)


def test_softplus_mends_a_sigma_of_zero():
    class Softplus(Homework):
        def encode(self, x):
            mu, raw = super().encode(x)
            return mu, 2 * (nn.functional.softplus(raw - 200) + 1e-6).log()

    assert told("nan", run("nan", fresh(Softplus))) == 5


# The numbers that the table prints


def words(key: str) -> str:
    return " ".join(SECTIONS[key].split())


def untrained_loss(seed: int) -> float:
    torch.manual_seed(seed)
    model, x = Homework(H=128), data()[0][:64]
    mu, log_var = model.encode(x)
    return loss_of()(model.decode(model.reparameterize(mu, log_var)), x, mu, log_var).item()


def test_the_numbers_of_the_table_are_computed():
    x_train, x_test = data()
    assert f"{64 * math.log(2):.1f} for 64" in words("stuck")
    assert f"{784 * math.log(2):.1f} for 784" in words("stuck")
    assert f"0{math.log(2):.2f}"[1:] + " as a mean over the pixels" in words("stuck")
    assert f"{independent_pixels(x_train, x_test):.0f} on this book's digits" in words("stuck")
    assert f"{data('grey')[0].var(0).sum():.1f} on the digits over 16" in words("stuck")
    assert round(64 * run("kl-zero", fresh())["J"].item(), -2) == 2900
    untrained = [64 * untrained_loss(seed) for seed in range(20)]
    assert (round(min(untrained), -2), round(max(untrained) / 50) * 50) == (2800, 2950)
    assert "64 of our digits, untrained, are 2800 to 2950" in words("thousands")
    assert f"3·64·64 values {3 * 64 * 64 * math.log(2):.0f}" in words("thousands")
    assert f"{math.log(2 * math.pi) / 2:.3f}" in words("another-number")
    assert torch.tensor([88.7, 88.8]).exp().isinf().tolist() == [False, True]
    assert "overflows at 89" in words("nan")


def test_the_numbers_of_mnist_are_those_of_the_record():
    static, dynamic = (asset("mnist_yardsticks.json")[name] for name in ("static", "dynamic"))
    pixels = static["independent pixels"]
    assert f"{pixels:.0f} ({pixels / 784:.2f} a pixel) on MNIST" in words("stuck")
    last = [
        round(sum(each[-1] for each in record[name]) / len(record[name]))
        for record in (static, dynamic)
        for name in ("test", "kl")
    ]
    assert f"{last[0]} for the one and {last[2]} for the other" in words("another-number")
    assert f"with 20 to {last[3]} or {last[1]} on MNIST" in words("kl-explodes")
    untrained = sum(each[0] for each in static["test"]) / len(static["test"])
    assert f"128 of MNIST's images {round(128 * untrained, -4):,.0f}" in words("thousands")


def test_the_kl_of_the_digits_is_that_of_chapter_5():
    table = next(
        o
        for c in nbformat.read(BOOK / "05_training.ipynb", 4).cells
        for o in c.get("outputs", [])
        if "β = 1: the ELBO" in str(o)
    )
    kl = re.search(r"β = 1: the ELBO \| (\d+)", table["data"]["text/markdown"])[1]
    assert f"With 8 latents it comes to about {kl} nats on this book's digits" in words("kl-explodes")


# One table, three places


def test_page_quick_reference_and_chapter_5_are_what_the_table_gives():
    assert symptom_tables.page() == PAGE
    quick = symptom_tables.QUICK.read_text()
    assert symptom_tables.table(symptom_tables.IN_QUICK) in quick
    assert symptom_tables.between(quick, symptom_tables.IN_QUICK) == quick
    sources = [cell.source for cell in nbformat.read(symptom_tables.CHAPTER, 4).cells]
    assert sum(symptom_tables.table(symptom_tables.OF_A_TRAINING) in source for source in sources) == 1
    assert [symptom_tables.between(source, symptom_tables.OF_A_TRAINING) for source in sources] == sources


def test_a_findings_symptom_is_a_row_of_the_table():
    assert symptoms.OF_FINDINGS.keys() <= {rule.key for rule in RULES}
    assert symptoms.of_finding("collapsed").key == "kl-zero"
    assert symptoms.of_finding("spare_latents") is None
    for key in symptoms.OF_FINDINGS:
        title = symptoms.of_finding(key).title
        assert f"\n## {title}\n" in PAGE
        assert f"](#{symptoms.address(symptoms.of_finding(key)).split('#')[1]})" in PAGE


# A student's words stand under the heading of their row; the search of the pages is not asked here

SEARCHED = {
    "kl-zero": ["posterior collapse", "KL vanishing", "sequence", "KL is 0"],
    "same-picture": ["same image", "identical", "mode collapse", "all grey", "all 0.5", "does not change"],
    "blurry": ["blurry", "blurred", "convolutional"],
    "bad-samples": ["holes", "batch norm"],
    "noise": ["noise", "dropout", "garbage"],
    "stuck": ["0.69", "0.693", "44", "164", "543", "206", "stuck", "loss stuck"],
    "does-not-move": ["loss stuck", "loss not decreasing", "not learning", "plateau"],
    "jumps": ["diverges", "oscillates", "spikes", "goes up", "unstable", "gradients accumulate", "zero_grad", "rises"],
    "thousands": ["RGB", "sum over the batch"],
    "negative": ["negative loss", "below zero", "standardised"],
    "nan": ["nan", "inf", "logvar", "softplus", "exploding gradients"],
    "kl-explodes": ["KL explodes", "KL too large"],
    "too-good": ["too good", "loss too low"],
    "values-error": [
        "all elements of input should be between 0 and 1",
        "all elements of target should be between 0 and 1",
        "support",
    ],
    "test-loss": ["overfitting", "validation loss"],
    "worse-than-pca": ["PCA"],
    "another-number": ["bits per dimension", "reproduce the paper", "NLL"],
    "slow": ["slow", "GPU", "num_workers"],
    "colab": ["colab", "ModuleNotFoundError", "CUDA"],
}


@pytest.mark.parametrize("key", SEARCHED)
def test_a_students_words_stand_under_their_row(key):
    section = f"{symptom(key).title} {words(key)}".lower()
    assert [word for word in SEARCHED[key] if not re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", section)] == []


def test_every_row_has_words_and_the_opening_has_those_of_no_row():
    assert SEARCHED.keys() == SECTIONS.keys()
    opening = PAGE.split(f"\n## {SYMPTOMS[0].title}\n")[0]
    assert [
        word
        for word in ("Convolutional", "RGB", "CVAE", "logvar", "data_dim=", "latent_dim=", "x_data=")
        if word not in opening
    ] == []
