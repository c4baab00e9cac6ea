"""1.1's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import torch
from torch.distributions import Normal
from torch.nn.functional import softplus


def head(sigma_of, mu_of=lambda mu: mu):
    """A head that cuts rightly, and makes σ (and μ) of its halves as it is told."""

    def my_head(output):
        mu, log_var = output.chunk(2, dim=-1)
        return mu_of(mu), sigma_of(log_var)

    return my_head


def head_swapped(output):
    log_var, mu = output.chunk(2, dim=1)
    return mu, torch.exp(0.5 * log_var)


def head_sigma_first(output):
    mu, log_var = output.chunk(2, dim=1)
    return torch.exp(0.5 * log_var), mu


def head_interleaved(output):
    return output[:, 0::2], torch.exp(0.5 * output[:, 1::2])


def head_cut_along_the_batch(output):
    mu, log_var = torch.chunk(output, 2)
    return mu, torch.exp(log_var / 2)


def head_reshaped(output):
    mu, log_var = output.view(2, output.shape[0], -1)
    return mu, torch.exp(0.5 * log_var)


def head_of_two_latents(output):
    return output[:, :2], torch.exp(0.5 * output[:, 2:])


def head_of_three_latents(output):
    return output[:, :3], torch.exp(0.5 * output[:, 3:])


def head_of_the_last_three(output):
    return output[:, : output.shape[1] // 2], torch.exp(0.5 * output[:, -3:])


def head_uncut(output):
    return output, torch.exp(0.5 * output)


def head_sigma_of_mu(output):
    mu, _ = output.chunk(2, dim=1)
    return mu, torch.exp(0.5 * mu)


def head_without_gradient(output):
    with torch.no_grad():
        mu, log_var = output.chunk(2, dim=1)
        return mu, torch.exp(0.5 * log_var)


def head_sigma_detached(output):
    mu, log_var = output.chunk(2, dim=1)
    return mu, torch.exp(0.5 * log_var).detach()


def head_in_place_without_gradient(output):
    mu, log_var = (half.clone() for half in output.chunk(2, dim=1))
    with torch.no_grad():
        log_var.mul_(0.5).exp_()
    return mu, log_var


def head_through_data(output):
    mu, sigma = output.clone().chunk(2, dim=1)
    sigma.data = torch.exp(sigma.data / 2)
    return mu, sigma


def head_overwritten(output):
    mu, log_var = output.chunk(2, dim=1)
    sigma = torch.exp(log_var / 2)
    return mu + 0 * sigma.square(), sigma.add_(1e-9)


def head_one_value(output):
    return torch.exp(0.5 * output.chunk(2, dim=1)[1])


def head_three_values(output):
    mu, log_var = output.chunk(2, dim=1)
    return mu, log_var, torch.exp(0.5 * log_var)


def head_cut_in_pieces_of_two(output):
    mu, log_var = torch.split(output, 2, dim=1)
    return mu, torch.exp(0.5 * log_var)


def head_by_root_of_variance(output):
    d = output.size(1) // 2
    variance = output[:, d:].exp()
    return output[:, :d], variance.sqrt()


def head_by_reshape(output):
    both = output.unflatten(1, (2, -1))
    return [both[:, 0], torch.pow(torch.e, both[:, 1] / 2)]


def head_in_place(output):
    d = output.shape[-1] // 2
    output[:, d:].mul_(0.5).exp_()
    return output[:, :d], output[:, d:]


def head_by_rows(output):
    rows = [row.tensor_split(2) for row in output]
    return torch.stack([mu for mu, _ in rows]), torch.stack([log_var.div(2).exp() for _, log_var in rows])


def head_by_normal(output):
    mu, log_var = output.double().hsplit(2)
    q = Normal(mu, torch.exp(log_var) ** 0.5)
    return q.mean, q.stddev


def oracle(output):
    q = Normal(*head_by_reshape(output))
    return q.mean, q.variance.sqrt()


ANSWERS = [
    (head(lambda log_var: log_var), "log σ² used as σ", "sigma-log-var-for-sigma"),
    (head(torch.exp), "exp(log σ²) as σ (Σε)", "sigma-var-for-sigma"),
    (head(lambda log_var: 0.5 * log_var.exp()), "½ outside of exp", "sigma-half-in-front"),
    (head(lambda log_var: 0.5 * log_var), "½ without exp", "sigma-half-log-var-for-sigma"),
    (head(lambda log_var: torch.exp(2 * log_var)), "log σ² doubled", "sigma-double"),
    (head(lambda log_var: torch.sqrt(torch.exp(0.5 * log_var))), "√σ", "sigma-quarter"),
    (head(lambda log_var: torch.exp(-0.5 * log_var)), "1/σ", "sigma-inverse"),
    (head(torch.sqrt), "√(log σ²)", "sigma-root-of-log"),
    (head(torch.abs), "|log σ²|", "sigma-absolute"),
    (head(torch.relu), "log σ² clamped", "sigma-relu"),
    (head(lambda log_var: log_var.clamp(min=1e-6)), "log σ² clamped at ε", "sigma-relu"),
    (head(softplus), "softplus(log σ²)", "sigma-softplus"),
    (head(lambda v: softplus(0.5 * v)), "softplus(½ log σ²)", "sigma-softplus-half"),
    (head(lambda v: softplus(torch.exp(0.5 * v))), "softplus of exp", "sigma-softplus-exp"),
    (head(lambda v: torch.exp(0.5 * softplus(v))), "exp of softplus, ½", "sigma-exp-softplus"),
    (head(lambda v: torch.exp(softplus(v))), "exp of softplus", "sigma-exp-softplus-no-half"),
    (head(lambda v: softplus(v.exp())), "softplus of exp, no ½", "sigma-softplus-exp-no-half"),
    (head(lambda v: torch.diag_embed(v.exp())), "Σ as a matrix", "sigma-covariance"),
    (head(lambda v: torch.diag_embed((v / 2).exp())), "σ in a matrix", "sigma-matrix"),
    (head(lambda v: torch.exp(v / 2), torch.exp), "μ exponentiated", "mean-exponentiated"),
    (head(lambda v: torch.exp(v / 2), lambda mu: mu / 2), "½ on μ", "mean-halved"),
    (head_swapped, "halves swapped", "cut-halves-swapped"),
    (head_sigma_first, "σ returned first", "sigma-first"),
    (head_interleaved, "even and odd columns", "cut-interleaved"),
    (head_cut_along_the_batch, "cut along the batch", "cut-batch-cut"),
    (head_reshaped, "reshaped through the rows", "cut-reshaped"),
    (head_of_two_latents, "two latents assumed", "cut-typed-in-2"),
    (head_of_three_latents, "three latents assumed", "cut-typed-in-3"),
    (head_of_the_last_three, "last three columns", "cut-last-three"),
    (head_uncut, "output not cut", "cut-not-cut"),
    (head_sigma_of_mu, "σ from μ's half", "cut-both-of-mu"),
    (head_without_gradient, "no_grad", "no-gradient"),
    (head_sigma_detached, "σ detached", "sigma-detached"),
    (head_in_place_without_gradient, "in place under no_grad", "sigma-past-autograd"),
    (head_through_data, "through .data", "sigma-past-autograd"),
    (head_overwritten, "σ overwritten", "no-gradient"),
    (head_one_value, "σ alone", "no-parts"),
    (head_three_values, "three values", "no-parts"),
    (head_cut_in_pieces_of_two, "split in twos", "raised"),
    (head_by_root_of_variance, "root of the variance", ""),
    (head_by_reshape, "a list, by unflatten and pow", ""),
    (head_in_place, "in place", ""),
    (head_by_rows, "row by row", ""),
    (head(lambda v: torch.exp(0.5 * v.clamp(-10, 10)) + 1e-8), "log σ² kept within ±10", ""),
    (head_by_normal, "torch.distributions, float64", ""),
    (head(lambda v: torch.exp(v), lambda mu: mu / 2), "a pair", "sigma-var-for-sigma+mean-halved"),
]
