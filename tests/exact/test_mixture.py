"""Chapter 8: EM and k-means, held to loops, to enumeration of the same model as a VAE, and to scikit-learn."""

import math

import pytest
import torch
from sklearn.cluster import KMeans
from torch.distributions import kl_divergence

from vae_lib.data import digits
from vae_lib.estimators import vector_quantise
from vae_lib.exact.enumeration import enumerate_states
from vae_lib.exact.mixture import (
    BernoulliMixture,
    em,
    em_step,
    lloyd,
    mixture_log_joint,
    mixture_vae,
    nearest,
    random_mixture,
)

X = (digits()[0][:300] >= 8).double()


def started(num_components=4, seed=0):
    torch.manual_seed(seed)
    return random_mixture(X, num_components)


def test_the_joint_is_that_of_a_loop():
    mixture, x = BernoulliMixture(torch.tensor([0.3, 0.7]), torch.tensor([[0.2, 0.9], [0.5, 0.1]])), [[1, 0], [1, 1]]
    expected = [
        [math.log(0.3 * 0.2 * 0.1), math.log(0.3 * 0.2 * 0.9)],
        [math.log(0.7 * 0.5 * 0.9), math.log(0.7 * 0.5 * 0.1)],
    ]
    torch.testing.assert_close(mixture_log_joint(mixture, torch.tensor(x).float()), torch.tensor(expected))


def test_a_sure_pixel_makes_the_other_impossible_and_nothing_nan():
    mixture = BernoulliMixture(torch.tensor([1.0]), torch.tensor([[0.0, 1.0]]))
    sure, other = mixture_log_joint(mixture, torch.tensor([[0.0, 1.0], [1.0, 1.0]]))[0].tolist()
    assert sure == 0
    assert other < -1e29


@pytest.mark.parametrize("pseudo_count", [0.0, 1.0])
@pytest.mark.parametrize("learn_weights", [True, False])
def test_no_step_of_em_lowers_its_objective(pseudo_count, learn_weights):
    mixture, climbed = em(X, started(), 25, pseudo_count=pseudo_count, learn_weights=learn_weights)
    steps = torch.tensor(climbed).diff()
    assert (steps > -1e-9).all()
    assert climbed[-1] > climbed[0] + 5
    assert len(climbed) == 26
    assert mixture.weights.sum().item() == pytest.approx(1)
    assert (mixture.weights.std() > 0.01) == learn_weights
    added = (mixture.probs * (1 - mixture.probs)).log().sum() * pseudo_count / len(X) if pseudo_count else 0.0
    assert climbed[-1] == pytest.approx(float(mixture_log_joint(mixture, X).logsumexp(0).mean() + added))


def test_a_step_is_the_mean_image_under_the_responsibilities():
    mixture = started(2)
    shares = mixture_log_joint(mixture, X).softmax(0)
    found = em_step(mixture, X, pseudo_count=0.0)
    for k in range(2):
        by_hand = sum(share * row for share, row in zip(shares[k], X, strict=True)) / shares[k].sum()
        torch.testing.assert_close(found.probs[k], by_hand)
        assert found.weights[k].item() == pytest.approx(shares[k].mean().item())


def test_where_em_stands_still_the_slope_is_0():
    mixture, _ = em(X, started(), 300)
    logits = torch.logit(mixture.probs).requires_grad_()
    log_weights = mixture.weights.log().requires_grad_()
    found = BernoulliMixture(log_weights.softmax(0), logits.sigmoid())
    objective = mixture_log_joint(found, X).logsumexp(0).sum() + (found.probs.log() + torch.log1p(-found.probs)).sum()
    for slope in torch.autograd.grad(objective, (logits, log_weights)):
        assert slope.abs().max() < 1e-4


def test_the_same_model_as_a_vae_has_the_mixtures_posterior_and_no_gap():
    mixture, _ = em(X, started(), 10)
    states = enumerate_states(mixture_vae(mixture), X[:20])
    joint = mixture_log_joint(mixture, X[:20])
    torch.testing.assert_close(states.log_joint, joint)
    torch.testing.assert_close(states.log_q.exp(), joint.softmax(0))
    assert states.gap.abs().max() < 1e-10


def test_the_kl_to_a_uniform_prior_is_log_k_less_the_entropy_and_at_most_log_k():
    mixture, _ = em(X, started(), 25, learn_weights=False)
    model = mixture_vae(mixture)
    with torch.no_grad():
        qz_x = model.encoder(X)
        kl = kl_divergence(qz_x, model.prior)
    torch.testing.assert_close(kl, math.log(4) - qz_x.entropy())
    assert math.log(4) - 0.2 < kl.mean() <= math.log(4)


@pytest.mark.parametrize("x", [X[:, :5], X / 2])
def test_what_is_no_such_image_is_refused(x):
    with pytest.raises(ValueError, match=r"expected x with 64 features|expected pixels that are 0 or 1"):
        em_step(started(), x)


def test_a_start_is_half_an_image_and_half_grey():
    start = started(3)
    assert start.weights.tolist() == [pytest.approx(1 / 3)] * 3
    images = 2 * start.probs - 0.5
    assert all((image == X).all(1).any() for image in images)


def test_a_run_is_its_steps_with_one_image_of_each_colour_added_if_nothing_is_said():
    start = started(3)
    for settings in ({}, {"pseudo_count": 0.0}, {"learn_weights": False}):
        found, _ = em(X, start, 1, **settings)
        expected = em_step(start, X, **{"pseudo_count": 1.0} | settings)
        torch.testing.assert_close(found, expected)
        torch.testing.assert_close(em_step(start, X, **settings), expected)


def test_a_component_with_less_than_an_image_moves_too():
    found = em_step(started(3), X[:1], pseudo_count=0)
    torch.testing.assert_close(found.probs, X[:1].expand(3, -1))


def test_no_more_components_than_images():
    with pytest.raises(ValueError, match="expected at most as many components as the 300 images, got 301"):
        random_mixture(X, 301)
    assert len(random_mixture(X, 300).probs.unique(dim=0)) == len(X.unique(dim=0))


@pytest.mark.parametrize("x", [X * 255, X.long(), X / 16, X.where(X > 0, math.nan)])
def test_a_start_is_made_of_black_and_white_floats(x):
    with pytest.raises(ValueError, match="expected pixels"):
        random_mixture(x, 4)


@pytest.mark.parametrize("pseudo_count", [-5, -0.1, math.nan, math.inf])
def test_a_pseudo_count_is_finite_and_not_negative(pseudo_count):
    for step in (em_step, lambda *given, **settings: em(X, started(), 2, **settings)):
        with pytest.raises(ValueError, match="expected a finite pseudo_count of at least 0, got"):
            step(started(), X, pseudo_count=pseudo_count)


def test_a_component_without_images_stays_where_nothing_is_added():
    start = started(3)
    empty = start._replace(weights=torch.tensor([0.5, 0.5, 0.0], dtype=X.dtype))
    found = em_step(empty, X, pseudo_count=0)
    torch.testing.assert_close(found.probs[2], start.probs[2])
    assert found.weights[2] == 0
    assert found.probs.isfinite().all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weights": torch.ones(1)}, "expected weights .components. and probs"),
        ({"weights": torch.tensor([1.0, 1, 1])}, "that sum to 1"),
        ({"weights": torch.tensor([0.5, 0.5, 0.5])}, "that sum to 1"),
        ({"weights": torch.tensor([-1.0, 1, 1])}, "weights of at least 0"),
        ({"weights": torch.tensor([math.nan, 0.5, 0.5])}, "weights of at least 0"),
        ({"probs": torch.full((3, 64), 1.2)}, "expected probs from 0 to 1"),
        ({"probs": torch.full((3, 64), math.nan)}, "expected probs from 0 to 1"),
    ],
)
def test_what_is_no_mixture_is_refused(wrong, said):
    for use in (lambda mixture: mixture_log_joint(mixture, X), mixture_vae):
        with pytest.raises(ValueError, match=said):
            use(started(3)._replace(**{name: value.double() for name, value in wrong.items()}))


def test_a_vae_is_made_of_a_mixture_whose_logits_are_finite():
    mixture = started(2)
    black, white = (mixture.probs.clone().fill_(value) for value in (1, 0))
    for sure in ({"probs": black}, {"probs": white}, {"weights": torch.tensor([1.0, 0]).double()}):
        with pytest.raises(ValueError, match="expected 0 < p < 1 and positive weights"):
            mixture_vae(mixture._replace(**sure))


# ----- k-means


def test_k_means_refuses_what_is_not_finite_and_another_width():
    with pytest.raises(ValueError, match="expected finite numbers in x, got NaN"):
        lloyd(X.where(X > 0, math.nan), X[:3], 2)
    with pytest.raises(ValueError, match="expected finite numbers in centres"):
        nearest(X, X[:3] / 0)
    with pytest.raises(ValueError, match="expected x with 5 features"):
        nearest(X, X[:3, :5])


def test_lloyd_never_raises_the_inertia_and_ends_where_scikit_learn_stays():
    centres, inertias = lloyd(X, X[:8].clone(), 40)
    assert (torch.tensor(inertias).diff() <= 1e-9).all()
    again = KMeans(8, init=centres.numpy(), n_init=1, max_iter=1).fit(X.numpy())
    torch.testing.assert_close(torch.from_numpy(again.cluster_centers_), centres)
    assert again.inertia_ == pytest.approx(inertias[-1])


def test_from_random_starts_it_is_not_below_the_best_of_twenty_restarts_of_scikit_learn():
    best = KMeans(8, n_init=20, random_state=0).fit(X.numpy())
    for seed in range(5):
        torch.manual_seed(seed)
        _, inertias = lloyd(X, X[torch.randperm(len(X))[:8]], 40)
        assert best.inertia_ < inertias[-1] < 1.1 * best.inertia_
    _, inertias = lloyd(X, torch.from_numpy(best.cluster_centers_), 3)
    assert inertias == pytest.approx([best.inertia_] * 4)


def test_a_centre_without_rows_stays():
    far = torch.full((1, 64), 100.0, dtype=X.dtype)
    centres, _ = lloyd(X, torch.cat([X[:2], far]), 3)
    torch.testing.assert_close(centres[2:], far)


def test_the_codebooks_loss_has_its_minimum_where_lloyd_stands_still():
    centres, inertias = lloyd(X, X[:8].clone(), 40)
    codebook = centres.clone().requires_grad_()
    found = vector_quantise(X, codebook)
    assert found.codebook_loss.sum().item() == pytest.approx(inertias[-1])
    (slope,) = torch.autograd.grad(found.codebook_loss.sum(), codebook)
    assert slope.abs().max() < 1e-9
    assert found.codes.tolist() == nearest(X, centres).tolist()


def test_as_the_variance_vanishes_the_responsibilities_of_equal_gaussians_become_hard():
    centres = X[:8]
    squared = torch.cdist(centres, X).square()
    soft = (-squared / (2 * 1e-4)).softmax(0)
    apart = squared.sort(0).values.diff(dim=0)[0] > 0.01  # no tie
    assert torch.equal(soft.argmax(0)[apart], nearest(X, centres)[apart])
    assert soft.max(0).values[apart].min() > 1 - 1e-9
