"""Chapter 10: a VAE given a condition is a VAE like any other, and the condition stands beside x and beside z."""

from functools import partial

import pytest
import torch
from torch.autograd import gradcheck
from torch.nn.functional import one_hot

from vae_lib.conditional import ConditionalVAE
from vae_lib.discrete import CategoricalEncoder, DiscreteVAE
from vae_lib.exact.enumeration import exact_elbo, exact_log_p
from vae_lib.exact.likelihood import log_likelihood
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.sequences import MarkovDecoder, OneHot, RecurrentReader, to_symbols
from vae_lib.training import fit

close = partial(torch.testing.assert_close, atol=1e-10, rtol=1e-10)
X, C = to_symbols(["ab", "b", "abb", "ba"], "ab"), torch.eye(2)[[0, 1, 0, 1]].double()
PIXELS = torch.randint(0, 2, (4, 5), generator=torch.Generator().manual_seed(0)).double()


def of_strings():
    torch.manual_seed(0)
    encoder, decoder = CategoricalEncoder(4 * 3 + 2, 3, 6), MarkovDecoder(3 + 2, 3, 4, 6)
    return ConditionalVAE(encoder, decoder, 2, reader=OneHot(3, 4)).double()


def of_pixels(encoder=GaussianEncoder):
    torch.manual_seed(0)
    return ConditionalVAE(encoder(5 + 2, 2, 6), BernoulliDecoder(2 + 2, 5, 6), 2).double()


@pytest.mark.parametrize(("make", "x"), [(of_strings, X), (partial(of_pixels, CategoricalEncoder), PIXELS)])
def test_given_c_log_p_is_the_sum_over_z_of_the_decoder_that_sees_both(make, x):
    model = make()
    faces = torch.eye(model.encoder.latent_dim).double()
    for row, c in zip(x, C, strict=True):
        z = torch.cat([faces, c.expand(len(faces), -1)], 1)
        wanted = model.decoder(z).log_prob(row).exp().mean().log()
        close(exact_log_p(model.given(C), x)[(x == row).all(1)][0], wanted)
        close(exact_log_p(model.given(c), row[None])[0], wanted)


def test_the_encoder_reads_the_condition_beside_the_string():
    model = of_strings()
    own = torch.cat([one_hot(X, 3).flatten(1).double(), C], 1)
    close(model.given(C).encoder(X).logits, model.encoder(own).logits)
    assert (model.given(1 - C).encoder(X).logits - model.encoder(own).logits).abs().max() > 1e-3


def test_it_is_a_vae_of_the_encoders_kind_with_the_same_weights():
    given = of_strings().given(C)
    assert type(given) is DiscreteVAE
    assert type(of_pixels().given(C)) is VAE
    model = of_strings()
    exact_elbo(model.given(C), X).mean().backward()
    assert all(weight.grad is not None for weight in model.parameters())
    assert given.prior.mean.dtype == torch.float64


def test_the_gradients_by_z_x_and_the_condition_are_the_slopes():
    model, c = of_pixels(), C.clone().requires_grad_()
    z, x = torch.randn(4, 2).double().requires_grad_(), PIXELS.clone().requires_grad_()
    assert gradcheck(lambda z, c: model.given(c).decoder(z).log_prob(PIXELS), (z, c))
    assert gradcheck(lambda x, c: model.given(c).encoder(x).mean, (x, c))


def test_the_readers_gradient_is_that_of_the_encoder_that_reads_it():
    model = read_letter_by_letter()
    ours = model.given(C).encoder(X).logits.square().sum()
    by_hand = model.encoder(torch.cat([model.reader(X), C], 1)).logits.square().sum()
    weights = tuple(model.reader.parameters())
    close(torch.autograd.grad(ours, weights), torch.autograd.grad(by_hand, weights))


def test_it_draws_and_reconstructs_given_one_condition():
    given = of_pixels().given(C[0])
    assert given.sample(7).mean.shape == (7, 5)
    assert given.reconstruct(PIXELS).mean.shape == (4, 5)


def test_quadrature_takes_it_given_one_condition():
    given = of_pixels().given(C[0])
    torch.manual_seed(0)
    draws = torch.stack([elbo(given, PIXELS) for _ in range(200)]).mean(0)
    assert (log_likelihood(given, PIXELS) > draws - 0.2).all()


def test_fit_trains_it_on_rows_of_both():
    model = of_strings().float()
    rows = X.repeat(10, 1), C.float().repeat(10, 1)
    history = fit(model, rows, objective=by_condition, num_epochs=40, batch_size=8, lr=0.03)
    assert history["train"][-1] > history["train"][0] + 0.5


def by_condition(model, rows):
    return exact_elbo(model.given(rows[1]), rows[0])


@pytest.mark.parametrize("c", [torch.zeros(4, 3).double(), torch.zeros(4, 2), torch.zeros(4, 2).long(), C[None]])
def test_another_condition_is_refused(c):
    with pytest.raises(ValueError, match=r"expected c \[batch, 2\] or \[2\] in torch.float64"):
        of_strings().given(c)


@pytest.mark.parametrize("num", [1, 3, 5])
def test_a_condition_of_another_number_of_rows_is_refused_beside_x_and_beside_z(num):
    given, said = of_strings().given(torch.zeros(num, 2).double()), f"{num} rows, one for each of c, got .* of shape"
    with pytest.raises(ValueError, match=said):
        given.encoder(X)
    with pytest.raises(ValueError, match=said):
        given.decoder(torch.zeros(7, 4, 3).double())


def read_letter_by_letter():
    torch.manual_seed(0)
    encoder, decoder = CategoricalEncoder(5 + 2, 3, 6), MarkovDecoder(3 + 2, 3, 4, 6)
    return ConditionalVAE(encoder, decoder, 2, reader=RecurrentReader(3, 5)).double()


def test_one_string_is_read_as_in_a_batch():
    """Through a recurrent reader."""
    model = read_letter_by_letter()
    close(model.given(C[1]).encoder(X[1]).logits, model.given(C).encoder(X).logits[1])


def test_widths_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="a decoder that takes z and c, got latent_dim 3 for 3 and 2"):
        ConditionalVAE(CategoricalEncoder(14, 3, 6), MarkovDecoder(3, 3, 4, 6), 2)
    with pytest.raises(ValueError, match="condition_dim"):
        ConditionalVAE(CategoricalEncoder(14, 3, 6), MarkovDecoder(3, 3, 4, 6), 0)
