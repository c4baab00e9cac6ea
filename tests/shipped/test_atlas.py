"""The decoder of the first page: what it is trained on, how its weights are kept, and that its units suit the prior."""

import atlas_run
import numpy as np
import torch

from vae_lib.data import digits
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo_terms
from vae_lib.shipped.atlas import HIDDEN, SIDE, atlas_decoder, packed, unpacked
from vae_lib.shipped.weights import asset


def test_a_digit_drawn_larger_is_black_or_white_and_keeps_its_place():
    counts = torch.zeros(1, 64)
    counts[0, 8 * 2 + 5] = 16  # row 2, column 5
    larger = atlas_run.drawn_larger(counts).reshape(SIDE, SIDE)
    assert larger.unique().tolist() == [0, 1]
    black = larger.nonzero().double().mean(0)  # of ten pixels with the frame, the middle of row 3, column 6
    np.testing.assert_allclose(black, [2.8 * 3.5 - 0.5, 2.8 * 6.5 - 0.5], atol=0.5)


def test_weights_are_kept_to_half_of_their_scale():
    values = torch.linspace(-1, 1, 101, dtype=torch.float64)
    assert (unpacked(packed(values, 1 / 127), 1 / 127) - values).abs().max() <= 0.5001 / 127


def test_other_units_of_z_leave_the_reconstruction_and_lower_the_kl_to_second_moments_of_1():
    torch.manual_seed(0)
    x = atlas_run.drawn_larger(digits()[0][:200])
    model = VAE(GaussianEncoder(SIDE**2, 2, 32), BernoulliDecoder(2, SIDE**2, HIDDEN), 2)
    model.encoder.net[-1].bias.data[:2] += 3.0
    before = terms(model, x)
    atlas_run.settle_units(model, x)
    after = terms(model, x)
    torch.testing.assert_close(after[0], before[0], rtol=1e-4, atol=1e-3)
    assert after[1].mean() < before[1].mean()
    with torch.no_grad():
        q = model.encoder(x)
    torch.testing.assert_close((q.mean.square() + q.variance).mean(0), torch.ones(2), rtol=0, atol=1e-4)


def terms(model, x):
    torch.manual_seed(1)
    with torch.no_grad():
        return elbo_terms(model, x)


def test_at_the_code_of_a_picture_the_decoder_draws_that_picture():
    record = asset("atlas.json")
    codes = torch.tensor(record["codes"], dtype=torch.float64)
    x = atlas_run.drawn_larger(digits()[0][: len(codes)]).double()
    with torch.no_grad():
        wrong = (atlas_decoder()(codes).mean.round() - x).abs().mean(1)
    blank = x.mean()  # the share of wrong pixels of a white picture
    assert wrong.mean() < blank / 3  # another picture of the same digit is wrong in half as many as a white one
    assert len(record["labels"]) == len(codes) == atlas_run.SHOWN


def test_loading_it_uses_up_no_random_numbers():
    torch.manual_seed(0)
    atlas_decoder()
    after = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(after, torch.rand(3))
