"""Chapter 9: the check-up of a VAE over a chain: one latent, no bug, and nothing said that holds of products alone."""

import pytest
import torch

from vae_lib.chains import AutoregressivePrior, ChainDecoder, ChainEncoder, ChainVAE, MarkovPrior
from vae_lib.data import digits
from vae_lib.diagnose import checkup
from vae_lib.networks import GaussianEncoder
from vae_lib.training import fit

X, X_TEST = ((part[:100] >= 8).float() for part in digits())


@pytest.mark.parametrize("prior", [AutoregressivePrior(8), MarkovPrior(8, 8)], ids=["linear", "deep"])
@pytest.mark.parametrize("encoder", [ChainEncoder, GaussianEncoder])
def test_a_sound_chain_has_nothing_impossible_and_counts_as_one_latent(prior, encoder):
    torch.manual_seed(0)
    model = ChainVAE(encoder(64, 8, 16), ChainDecoder(8, 64, 8), prior)
    fit(model, X, num_epochs=20, batch_size=20, lr=0.01)
    found = checkup(model, X, X_TEST)
    assert found.of_rank("impossible") == []
    assert found.facts.kl_per_latent == [found.facts.test.kl.value]
    assert found.facts.prior_mismatch is None
    assert (found.facts.lowest_kl is None) == isinstance(prior, MarkovPrior)
    assert "exact log p(x): more than two steps in the chain" in found.facts.left_out
    assert "it is a chain, and counts as one latent" in repr(found)


def test_a_chain_that_is_not_finite_is_told():
    model = ChainVAE(ChainEncoder(64, 8, 16), ChainDecoder(8, 64, 8), MarkovPrior(8, 8))
    torch.nn.init.constant_(model.encoder.net[-1].bias, float("nan"))
    assert "μ of x_train" in checkup(model, X, X_TEST).facts.not_finite
