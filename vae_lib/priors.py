"""Chapter 7: a prior that learns, a mixture of Gaussians, in the place of N(0, I): nothing else changes.

The VampPrior (Tomczak & Welling 2018, https://arxiv.org/abs/1705.07120) is such a mixture, whose components are q(z|u)
of learned pictures u; here their means and σ are learned themselves.
"""

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, register_kl

from vae_lib.distributions import diagonal_gaussian
from vae_lib.model import VAE
from vae_lib.networks import check_positive


class GaussianMixture(MixtureSameFamily):
    """Σₖ πₖ N(mu[k], diag(sigma[k]²)) over `[latent]`, π = softmax(logits).

    `logits` is `[components]`, `mu` and `sigma` are `[components, latent]`.
    """

    def __init__(self, logits: Tensor, mu: Tensor, sigma: Tensor):
        super().__init__(Categorical(logits=logits), diagonal_gaussian(mu, sigma))


@register_kl(Independent, GaussianMixture)
def _kl_by_one_draw(q: Independent, p: GaussianMixture) -> Tensor:
    """log q(z) − log p(z) at one z ~ q, which has no closed form: right on average, and now and then below 0."""
    z = q.rsample()
    return q.log_prob(z) - p.log_prob(z)


class MixturePriorVAE(VAE):
    """A `VAE` whose prior is a mixture of `num_components` Gaussians, which learn with the rest (chapter 7).

    `elbo`, `log_weights` and `fit` take it unchanged; the KL term is an estimate by one draw of z. The components start
    as N(m, I) with means m near 0. Raises ValueError as `VAE`.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent_dim: int, num_components: int):
        super().__init__(encoder, decoder, latent_dim)
        check_positive(num_components=num_components)
        self.prior_logits = nn.Parameter(torch.zeros(num_components))
        self.prior_means = nn.Parameter(0.5 * torch.randn(num_components, latent_dim))
        self.prior_log_vars = nn.Parameter(torch.zeros(num_components, latent_dim))

    @property
    def prior(self) -> GaussianMixture:
        return GaussianMixture(self.prior_logits, self.prior_means, torch.exp(0.5 * self.prior_log_vars))
