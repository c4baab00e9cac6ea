"""Exercise 1.1, head."""
import torch
import torch.nn.functional as F


def _root_of_exp(output):
    mu, log_var = torch.split(output, output.shape[-1] // 2, dim=1)
    return mu, torch.rsqrt(torch.exp(-log_var))


def _columns(output):
    n = output.shape[1] // 2
    mu = torch.stack([output[:, i] for i in range(n)], 1)
    sigma = torch.stack([torch.e ** (output[:, n + i] / 2) for i in range(n)], 1)
    return mu, sigma


def _view_unbind(output):
    mu, log_var = output.view(len(output), 2, -1).unbind(1)
    return [mu, log_var.double().exp().sqrt().to(output.dtype)]


def _variance(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, log_var.exp()


def _log_sigma(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, log_var / 2


def _halves_swapped(output):
    log_var, mu = output.chunk(2, dim=-1)
    return mu, (log_var / 2).exp()


def _interleaved(output):
    return output[:, 0::2], (output[:, 1::2] / 2).exp()


def _three(output):
    return output[:, :3], (output[:, 3:6] / 2).exp()


def _rows(output):
    mu, log_var = output.chunk(2, dim=0)
    return mu, (log_var / 2).exp()


def _reshape(output):
    mu, log_var = output.reshape(2, len(output), -1)
    return mu, (log_var / 2).exp()


def _inverse(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, (-log_var / 2).exp()


def _item(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, torch.tensor((log_var / 2).exp().tolist(), dtype=output.dtype)


def _floor(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, (log_var // 2).exp()


def _clamped(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, (log_var.clamp(min=0) / 2).exp()


def _softplus(output):
    mu, raw = output.chunk(2, dim=-1)
    return mu, F.softplus(raw)


def _sampled(output):
    mu, log_var = output.chunk(2, dim=-1)
    sigma = (log_var / 2).exp()
    return mu + sigma * torch.randn_like(sigma), sigma


def _root_first(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, log_var.sqrt().exp()


def _base_two(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, 2 ** (log_var / 2)


def _in_place(output):
    mu, log_var = output.detach().chunk(2, dim=-1)
    return mu, log_var.div_(2).exp_()


def _matrices(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, torch.diag_embed((log_var / 2).exp())


def _overlap(output):
    n = output.shape[-1] // 2
    return output[:, :n], (output[:, n - 1 : -1] / 2).exp()


def _two_swapped_variance(output):
    log_var, mu = output.chunk(2, dim=-1)
    return mu, log_var.exp()


def _two_interleaved_detach(output):
    return output[:, ::2], (output[:, 1::2] / 2).exp().detach()


def _two_order_log(output):
    mu, log_sigma = output.chunk(2, dim=-1)
    return log_sigma.exp(), mu


@torch.no_grad()
def _two_nograd_inverse(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, (-0.5 * log_var).exp()


def _stacked(output):
    mu, log_var = output.chunk(2, dim=-1)
    return torch.stack([mu, (log_var / 2).exp()])


def _jitter(output):
    mu, log_var = output.chunk(2, dim=-1)
    return mu, (log_var / 2).exp() + 1e-6


def _two_three_variance(output):
    return output[:, :3], output[:, 3:6].exp()


def _two_rows_log(output):
    mu, log_var = output.chunk(2, dim=0)
    return mu, log_var / 2


ANSWERS = [
    (_root_of_exp, "splits at half the width, sigma as one over the root of e to the minus log sigma squared", True),
    (_columns, "column by column, stacked again, e to the half of each log-variance", True),
    (_view_unbind, "views as [batch, 2, latent], unbinds, exp and sqrt in double and back; returns a list of two", True),
    (_variance, "returns the variance exp(log_var) where sigma is asked for: the half, or root, is missing", False),
    (_log_sigma, "returns log sigma: halves the log-variance but never takes the exponential", False),
    (_halves_swapped, "takes the first half of the columns for the log-variance and the second for mu", False),
    (_interleaved, "takes even columns as mu and odd columns as log-variance instead of two halves", False),
    (_three, "three latents typed in: columns 0 to 2 and 3 to 5, whatever the width", False),
    (_rows, "cuts the batch axis (dim 0) in two instead of the last axis", False),
    (_reshape, "reshapes to [2, batch, latent], which mixes the rows of different pictures", False),
    (_inverse, "sign of the exponent wrong: returns 1/sigma", False),
    (_item, "sigma is rebuilt from a Python list (tolist), so no gradient goes through sigma", False),
    (_floor, "halves the log-variance with // (floor division), so the exponent is rounded down and sigma has no gradient", False),
    (_clamped, "clamps the log-variance at 0 from below, so sigma never falls under 1", False),
    (_softplus, "sigma by softplus of the second half instead of exp of its half", False),
    (_sampled, "returns a drawn z = mu + sigma eps in the place of mu", False),
    (_root_first, "root and exponential in the wrong order: exp(sqrt(log_var)), nan where log_var is negative", False),
    (_base_two, "takes 2 to the power of log_var/2: base 2 instead of e", False),
    (_in_place, "overwrites the second half of the given output in place (through detach, so gradients are gone as well)", False),
    (_matrices, "returns sigma as diagonal matrices [batch, latent, latent]", False),
    (_overlap, "log-variance slice starts and ends one column too early: off by one", False),
    (_two_swapped_variance, "TWO: halves swapped (first half taken for log_var), and variance instead of standard deviation", False),
    (_two_interleaved_detach, "TWO: even and odd columns instead of halves, and sigma detached", False),
    (_two_order_log, "TWO: returns (sigma, mu) in the wrong order, and the exponential lacks the half (variance)", False),
    (_two_nograd_inverse, "TWO: works under no_grad, so neither value has a gradient, and the sign of the exponent is wrong (1/sigma)", False),
    (_two_three_variance, "TWO: three latents typed in, and the variance instead of the deviation", False),
    (_two_rows_log, "TWO: cuts the batch axis, and returns log sigma with no exponential", False),
]
BORDERLINE = [
    (_stacked, "right numbers, but one tensor [2, batch, latent] instead of a pair; it unpacks like a pair", None),
    (_jitter, "adds 1e-6 to sigma for safety", None),
]
