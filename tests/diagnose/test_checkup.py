"""A check-up measures what it says, changes nothing, says all it found, and refuses what is no VAE."""

import json
import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Independent, Normal
from torch.distributions.kl import register_kl

from readers import READERS
from vae_lib.adapter import adapt
from vae_lib.data import digits
from vae_lib.diagnose import checkup
from vae_lib.diagnose.model_facts import Estimate, K
from vae_lib.diagnose.model_page import pictures_of
from vae_lib.diagnose.no_latents import coins, without_latents
from vae_lib.evaluation import active_units, kl_per_dimension
from vae_lib.exact import LinearGaussianVAE, expected_elbo, log_likelihood
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, BetaBinomialDecoder, BinomialDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.shipped import digits_vae, independent_pixels


@pytest.fixture(scope="module")
def black() -> tuple[Tensor, Tensor]:
    return tuple((counts >= 8).float() for counts in digits())


@pytest.fixture(scope="module")
def page(black):
    return checkup(digits_vae(), *black)


@pytest.fixture
def three() -> VAE:
    """Three latents, untrained: no quadrature, so it is quick."""
    torch.manual_seed(0)
    return VAE(GaussianEncoder(64, 3, 16), BernoulliDecoder(3, 64, 16), 3)


def near(estimate: Estimate, value: float, errors: float = 4.0) -> bool:
    return abs(estimate.value - value) < errors * estimate.error + 1e-6


def test_its_numbers_are_those_of_quadrature(page, black):
    model, x = digits_vae(), black[1][:120]
    exact_loss, exact = -expected_elbo(model, x, tol=1e-2), -log_likelihood(model, x, tol=1e-2)
    assert near(page.facts.test.loss, exact_loss.mean().item())
    assert near(page.facts.minus_log_p, exact.mean().item())
    gap = (exact_loss - exact).mean().item()
    assert near(page.facts.exact_gap, gap)
    assert page.facts.test.gap.value < gap + 4 * page.facts.test.gap.error


def test_its_yardsticks_are_those_of_chapter_5(page, black):
    assert page.facts.coins == pytest.approx(64 * math.log(2), rel=1e-6)
    assert page.facts.test.no_latents.value == pytest.approx(independent_pixels(*black), rel=1e-5)


def test_its_latents_are_those_of_chapter_6(page, black):
    assert page.facts.kl_per_latent == pytest.approx(kl_per_dimension(digits_vae(), black[1]).tolist(), rel=1e-5)
    assert sum(page.facts.kl_per_latent) == pytest.approx(page.facts.test.kl.value, rel=1e-5)
    assert [variance > 0.01 for variance in page.facts.variance_of_mean] == active_units(
        digits_vae(), black[1]
    ).tolist()


def test_the_mean_kl_is_information_and_a_mismatch_that_is_at_least_the_gaussian_one(page):
    told = page.facts.information
    assert page.facts.test.kl.value > told.value + page.facts.prior_mismatch - 4 * told.error


def test_on_a_true_model_nothing_is_found_and_the_numbers_are_its_own():
    torch.manual_seed(0)
    model = LinearGaussianVAE.from_pca(torch.cat(digits()).double() / 16, 2)
    with torch.no_grad():
        z = torch.randn(700, 2, dtype=torch.float64)
        x = model.decoder(z).sample()
    found = checkup(model, x[:350], x[350:])
    assert [finding.key for finding in found.findings if finding.rank != "a choice"] == []
    assert near(found.facts.test.loss, -model.expected_elbo(x[350:]).mean().item())
    assert found.facts.exact_gap.value == pytest.approx(0, abs=1e-3)  # its q is the posterior
    assert found.facts.residuals == pytest.approx(1, abs=0.05)
    assert found.facts.pareto_k < 0.5


def test_it_leaves_the_model_and_the_random_numbers_as_they_were(black, three):
    model = three.train()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    torch.manual_seed(3)
    checkup(model, black[0][:40], black[1][:40])
    drawn = torch.rand(3)
    torch.manual_seed(3)
    assert torch.equal(drawn, torch.rand(3))
    assert all(part.training for part in model.modules())
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_same_seed_gives_the_same_page(black, three):
    few = [x[:40] for x in black]
    one, other = checkup(three, *few), checkup(three, *few)
    assert one._repr_html_() == other._repr_html_()
    assert one._repr_html_() != checkup(three, *few, seed=1)._repr_html_()


def test_text_and_page_have_the_same_rungs(page):
    text, html = repr(page), page._repr_html_()
    for rung in ("fair coins", "no latents", "you, −ELBO", f"−L, K = {4 * K}", "−log p(x), by an integral"):
        assert rung in text
        assert rung in html
    assert html.index("Impossible: none.") < html.index("fair coins") < html.index("from the prior")
    assert html.index("from the prior") < html.index("KL of each latent") < html.index("Train beside test")
    assert html.index("Train beside test") < html.index("<details>") < html.index("diagnose_loss")
    assert "diagnose_loss" in text


def test_the_dict_is_json_and_says_how_it_was_made(page):
    found = json.loads(json.dumps(page.as_dict()))
    facts = found["facts"]
    assert facts["test"]["loss"] == [page.facts.test.loss.value, page.facts.test.loss.error]
    assert (facts["num_weights"], facts["seed"], facts["test"]["num_images"]) == (4 * K, 0, 360)
    assert facts["seconds"] > 0
    assert facts["versions"]["torch"] == torch.__version__
    assert found["findings"] == []


def test_a_bug_stops_a_ci_job_and_nothing_else_does(black, page):
    page.raise_if_impossible()
    grey = [counts.float() / 16 for counts in digits()]
    with pytest.raises(ValueError, match=r"expected a sound model, got: .* under the decoder's Bernoulli"):
        checkup(digits_vae(), *grey).raise_if_impossible()


def test_beta_is_only_what_it_is_told(black, three):
    found = checkup(three, *[x[:40] for x in black], beta=4.0)
    assert "β = 4" in next(finding.says for finding in found.findings if finding.key == "beta")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.nn.Linear(2, 2), torch.zeros(30, 2), torch.zeros(30, 2)), r"adapt\(model, likelihood, x_train\)"),
        ((digits_vae(), torch.zeros(30, 64), torch.zeros(9, 64)), "x_test to be a tensor of at least 10 images"),
        ((digits_vae(), torch.zeros(30, 64), torch.zeros(30, 1, 8, 8)), "of one shape"),
        ((digits_vae(), [0.0], torch.zeros(30, 64)), "x_train to be a tensor"),
        ((digits_vae(), torch.zeros(30, 60), torch.zeros(30, 60)), "64 features"),
    ],
)
def test_what_does_not_fit_gets_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        checkup(*arguments)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool])
def test_bytes_are_examined_as_the_numbers_that_they_stand_for(black, three, dtype):
    few = [x[:40] for x in black]
    as_bytes = checkup(three, *(x.to(dtype) for x in few))
    assert as_bytes._repr_html_() == checkup(three, *few)._repr_html_()


def test_rows_under_a_decoder_of_images_have_the_ladder_that_images_have(black):
    torch.manual_seed(0)
    model = READERS["distributions"].model()
    rows = [x[:60] for x in black]
    by_rows = checkup(adapt(model, None, rows[0]), *rows)
    by_images = checkup(adapt(model, None, rows[0].view(-1, 1, 8, 8)), *[x.view(-1, 1, 8, 8) for x in rows])
    assert by_rows.facts.likelihood == by_images.facts.likelihood == "Bernoulli"
    assert by_rows.facts.coins == by_images.facts.coins
    assert by_rows.facts.test.no_latents == by_images.facts.test.no_latents
    assert by_rows.facts.test.loss == pytest.approx(by_images.facts.test.loss, rel=1e-5)


# Impossible, by models that are


class TooNarrow(Normal):
    """Draws with a third of its own σ."""

    def rsample(self, sample_shape=()):
        return self.loc + (super().rsample(sample_shape) - self.loc) / 3

    def sample(self, sample_shape=()):
        with torch.no_grad():
            return self.rsample(sample_shape)


class Negative(Normal):
    """A slip in a formula of one's own: its KL lacks the square of μ and has a constant too many."""


@register_kl(Negative, Normal)
def _negative(q: Normal, p: Normal) -> Tensor:
    return 0.5 * (q.variance - 1 - q.variance.log()) - 1


def with_q(kind: type[Normal], model: VAE) -> VAE:
    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.own = model.encoder

        def forward(self, x):
            qz_x = self.own(x)
            return Independent(kind(qz_x.mean, qz_x.stddev), 1)

    return VAE(Encoder(), model.decoder, len(model.prior.mean))


def impossible(model: VAE, black) -> set[str]:
    return {finding.key for finding in checkup(model, *black).of_rank("impossible")}


def test_draws_from_another_q_than_the_kl_is_of_break_both_inequalities():
    torch.manual_seed(0)
    model = LinearGaussianVAE.from_pca(torch.cat(digits()) / 16, 2).float()  # whose q is the posterior
    x = model.sample(700).sample()
    narrow = with_q(TooNarrow, model)
    assert impossible(narrow, (x[:350], x[350:])) == {"kl_below_information", "elbo_above_evidence"}


def test_a_kl_below_0_is_impossible(black, three):
    assert "kl_negative" in impossible(with_q(Negative, three), black)


@pytest.mark.parametrize("place", [0, 700])
def test_one_nan_among_all_images_is_found(black, three, place):
    x_train = black[0].clone()
    x_train[place, 3] = torch.nan
    assert impossible(three, (x_train, black[1])) == {"not_finite"}


def test_counts_off_a_binomials_support_are_found_whatever_torch_compares():
    model = VAE(GaussianEncoder(5, 3, 4, total_count=16), BinomialDecoder(3, 5, 4, 16), 3)
    x = torch.randint(0, 17, (40, 5)).float()
    assert impossible(model, (x, x)) == set()
    assert impossible(model, (x + 0.5, x)) == {"off_support"}


# The next step


def test_where_nothing_is_unusual_the_next_step_is_the_first_choice(black, three):
    page = checkup(three, *black, beta=2.0)
    page.findings = [finding for finding in page.findings if finding.rank == "a choice"]
    assert "Nothing unusual. Your choice: β = 2" in repr(page)
    assert "Nothing unusual. Your choice: β = 2" in page._repr_html_()


def test_latents_that_would_not_pay_may_all_be_unused():
    torch.manual_seed(0)
    model = VAE(GaussianEncoder(20, 3, 8), BernoulliDecoder(3, 20, 8), 3)
    for parameter in model.parameters():
        parameter.data.zero_()
    page = checkup(
        model, *torch.bernoulli(torch.full((2, 300, 20), 0.5))
    )  # coins are what the model says that they are
    assert [finding.key for finding in page.findings] == ["spare_latents"]
    assert "All 3 latents are unused" in page.findings[0].says


# The model without latents


def vae(decoder, data_dim: int = 5) -> VAE:
    return VAE(GaussianEncoder(data_dim, 2, 4), decoder, 2)


def test_a_bernoulli_without_latents_is_independent_pixels(black):
    log_p = without_latents(digits_vae(), black[0])(black[1])
    assert -log_p.mean().item() == pytest.approx(independent_pixels(*black), rel=1e-5)


def test_binomial_coins_and_pixels_are_torchs():
    x = torch.tensor([[0.0, 3.0, 16.0, 8.0, 1.0], [16.0, 5.0, 2.0, 8.0, 0.0]])
    model = vae(BinomialDecoder(2, 5, 4, 16))
    probs = (1 + x.sum(0) / 16) / 4
    expected = torch.distributions.Binomial(16, probs=probs).log_prob(x).sum(1)
    torch.testing.assert_close(without_latents(model, x)(x).float(), expected)
    fair = torch.distributions.Binomial(16, probs=torch.full((5,), 0.5)).log_prob(x).sum(1)
    torch.testing.assert_close(coins(model, x), fair)


@pytest.mark.parametrize("learns", [True, False])
def test_a_gaussian_without_latents_has_the_best_noise_if_the_models_learns_and_the_models_if_not(learns):
    torch.manual_seed(0)
    x = torch.randn(50, 5) * 3 + 1
    decoder = GaussianDecoder(2, 5, 4)
    decoder.log_sigma.requires_grad_(learns)
    mean = x.mean(0)
    noise = (x - mean).square().mean().sqrt() if learns else torch.ones(())
    expected = Normal(mean, noise).log_prob(x).sum(1)
    torch.testing.assert_close(without_latents(vae(decoder), x)(x).float(), expected)
    nudged = Normal(mean, noise * 1.1).log_prob(x).sum(1)
    assert not learns or expected.mean() > nudged.mean()


def test_where_there_is_no_closed_form_nothing_is_made_up():
    torch.manual_seed(0)
    model = VAE(GaussianEncoder(5, 3, 4, total_count=16), BetaBinomialDecoder(3, 5, 4, 16), 3)
    x = torch.randint(0, 17, (30, 5)).float()
    assert without_latents(model, x) is None
    assert coins(model, x) is None
    page = checkup(model, x, x)
    assert "no closed form for BetaBinomial" in " ".join(page.facts.left_out)
    assert "no latents" not in page._repr_html_().split("<details>")[0]


# Pictures


@pytest.mark.parametrize(
    ("shape", "shown"),
    [((64,), (8, 8, 1)), ((8, 8), (8, 8, 1)), ((1, 8, 8), (8, 8, 1)), ((3, 4, 5), (4, 5, 3)), ((4, 5, 3), (4, 5, 3))],
)
def test_what_looks_like_a_picture_is_shown_as_one(shape, shown):
    found = pictures_of({"x": torch.rand(7, *shape)})["x"]
    assert found.shape == (7, *shown)
    assert (found.min(), found.max()) == (0, 1)


@pytest.mark.parametrize("shape", [(1,), (7,), (2, 4, 4), ()])
def test_what_does_not_is_not(shape):
    assert pictures_of({"x": torch.rand(7, *shape)}) == {}


def test_a_decoder_of_probabilities_is_examined_like_one_of_logits(black):
    torch.manual_seed(0)
    logits = VAE(GaussianEncoder(64, 3, 4), BernoulliDecoder(3, 64, 16), 3)

    class Probabilities(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = logits.decoder.net

        def forward(self, z):
            return Independent(Bernoulli(probs=self.net(z).sigmoid()), 1)

    few = [x[:60] for x in black]
    one, other = checkup(logits, *few), checkup(VAE(logits.encoder, Probabilities(), 3), *few)
    assert one.facts.test.loss.value == pytest.approx(other.facts.test.loss.value, rel=1e-4)
    assert one.facts.train.num_images == 60
