"""Chapters 1, 5, 9 and 10: the digits are scikit-learn's, each once, the Nile is R's, binarising a Bernoulli draw."""

import pytest
import torch
from sklearn.datasets import load_digits

from vae_lib.data import binarize, digit_labels, digits, first_names, nile


def test_digits_are_counts_split_1437_to_360():
    x_train, x_test = digits()
    assert (x_train.shape, x_test.shape) == ((1437, 64), (360, 64))
    assert x_train.dtype == torch.float32
    assert torch.equal(torch.cat([x_train, x_test]).unique(), torch.arange(17.0))


def test_every_digit_of_scikit_learn_occurs_once_with_its_own_label():
    rows = torch.cat([torch.cat(digits()), torch.cat(digit_labels())[:, None]], dim=1)
    expected = [[*image, label] for image, label in zip(*load_digits(return_X_y=True), strict=True)]
    assert sorted(rows.tolist()) == sorted(expected)


def test_the_split_is_the_same_each_time_and_mixes_the_writers():
    assert torch.equal(digits()[1], digits()[1])
    share = digit_labels()[1].bincount() / 360
    assert share.min() > 0.06
    assert share.max() < 0.14


def test_the_nile_has_the_hundred_years_and_the_moments_that_r_tells():
    """In R: mean(Nile) is 919.35, sd(Nile) 169.2275, range(Nile) 456 and 1370, Nile[43] of 1913 the lowest."""
    years, volumes = nile()
    assert (years[0], years[-1], len(volumes)) == (1871, 1970, 100)
    assert volumes.dtype == torch.float64
    assert volumes.mean().item() == pytest.approx(919.35, abs=1e-9)
    assert volumes.std().item() == pytest.approx(169.2275, abs=5e-5)
    assert (volumes.min(), volumes.max(), years[volumes.argmin()]) == (456, 1370, 1913)


def test_the_names_are_5163_different_ones_of_2_to_11_letters_split_once_and_for_all():
    train, test = first_names()
    assert (len(train), len(test)) == (4388, 775)
    assert len({*train, *test}) == 5163
    assert {len(name) for name in train + test} == set(range(2, 12))
    assert set("".join(train)) == set("abcdefghijklmnopqrstuvwxyz")
    assert (train[:2], test[0]) == (["barbra", "elfriede"], "rick")


def test_binarize_draws_pixels_with_the_given_probability():
    x = torch.tensor([0.0, 0.25, 1.0]).repeat(20_000, 1)
    draws = binarize(x, torch.Generator().manual_seed(0))
    assert set(draws.unique().tolist()) == {0, 1}
    assert draws[:, 0].sum() == 0
    assert draws[:, 2].sum() == 20_000
    assert draws[:, 1].mean().item() == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 20_000) ** 0.5)


def test_binarize_follows_its_generator_alone():
    x = torch.full((5, 4), 0.5)
    first = binarize(x, torch.Generator().manual_seed(1))
    torch.rand(3)
    assert torch.equal(binarize(x, torch.Generator().manual_seed(1)), first)


def test_binarize_keeps_dtype():
    assert binarize(torch.zeros(2, dtype=torch.float64)).dtype == torch.float64


@pytest.mark.parametrize("bad", [torch.ones(2, dtype=torch.uint8), torch.ones(2, dtype=torch.bool), [0.5]])
def test_binarize_refuses_what_is_no_tensor_of_intensities(bad):
    with pytest.raises(ValueError, match=r"expected intensities as a floating-point tensor, got (torch|list)"):
        binarize(bad)


@pytest.mark.parametrize("bad", [16.0, -0.5, torch.nan])
def test_binarize_refuses_counts_negative_values_and_nan(bad):
    with pytest.raises(ValueError, match="expected intensities between 0 and 1, got values from"):
        binarize(torch.tensor([0.5, bad]))
