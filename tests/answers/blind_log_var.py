"""Exercise 1.2, log_var."""
import numpy as np
import torch


def _diag(Sigma):
    return torch.diagonal(Sigma, dim1=-2, dim2=-1)


def _cholesky(Sigma):
    return 2 * torch.linalg.cholesky(Sigma).diagonal(dim1=1, dim2=2).log()


def _einsum(Sigma):
    return -torch.einsum("bii->bi", Sigma).reciprocal().log()


def _loop(Sigma):
    return torch.stack([torch.diag(S).log() for S in Sigma])


def _order_of_axes(Sigma):
    return torch.diagonal(Sigma).log()


def _half(Sigma):
    return 0.5 * _diag(Sigma).log()


def _double(Sigma):
    return (_diag(Sigma) ** 2).log()


def _eigen(Sigma):
    return torch.linalg.eigvalsh(Sigma).log()


def _svd(Sigma):
    return torch.linalg.svdvals(Sigma).log()


def _logdet(Sigma):
    return torch.logdet(Sigma)


def _numpy(Sigma):
    return torch.from_numpy(np.log(np.diagonal(Sigma.detach().numpy(), axis1=1, axis2=2).copy()))


def _no_log(Sigma):
    return _diag(Sigma) + 0


def _sigma(Sigma):
    return _diag(Sigma).sqrt()


def _sign(Sigma):
    return -_diag(Sigma).log()


def _log2(Sigma):
    return _diag(Sigma).log2()


def _log1p(Sigma):
    return _diag(Sigma).log1p()


def _jitter(Sigma):
    return (_diag(Sigma) + 0.01).log()


def _clamp(Sigma):
    return _diag(Sigma).clamp(min=1).log()


def _first(Sigma):
    return Sigma[0].diagonal().log().expand(len(Sigma), -1)


def _matrix(Sigma):
    return torch.diag_embed(_diag(Sigma).log())


def _two_latents(Sigma):
    return torch.stack([Sigma[:, 0, 0], Sigma[:, 1, 1]], dim=1).log()


def _row(Sigma):
    return Sigma[:, 0].log()


def _log_of_mean(Sigma):
    return Sigma.mean(-1).log()


def _two_half_detach(Sigma):
    return _diag(Sigma.detach()).log() / 2


def _two_eigen_square(Sigma):
    return 2 * torch.linalg.eigvalsh(Sigma).log()


def _two_flip_sign(Sigma):
    return _diag(Sigma).flip(-1).reciprocal().log()


def _two_transposed_sigma(Sigma):
    return _diag(Sigma).sqrt().log().T


def _all_logs(Sigma):
    return _diag(Sigma.log())


def _row_sums(Sigma):
    return Sigma.sum(-1).log()


def _two_axes_half(Sigma):
    return torch.diagonal(Sigma).log() / 2


def _two_clamp_log2(Sigma):
    return _diag(Sigma).clamp(min=1).log2()


ANSWERS = [
    (_cholesky, "twice the log of the diagonal of the Cholesky factor", True),
    (_einsum, "diagonal by einsum, minus the log of its reciprocal", True),
    (_loop, "a loop over the batch, torch.diag of each matrix, log, stacked", True),
    (_order_of_axes, "torch.diagonal with its default axes: the diagonal over batch and rows instead of the last two axes", False),
    (_half, "halves the logarithm: log sigma instead of log sigma squared", False),
    (_double, "takes the diagonal for sigma and squares it before the logarithm: twice too large", False),
    (_eigen, "eigenvalues by eigvalsh: they come sorted upwards, the order of the latents is lost", False),
    (_svd, "singular values, sorted downwards, so the order of the latents gets lost", False),
    (_logdet, "log-determinant: one number for each matrix, the sum over the latents", False),
    (_numpy, "goes through numpy (detach), so the result carries no gradient", False),
    (_no_log, "returns the diagonal, the variance itself: no logarithm taken", False),
    (_sigma, "returns sigma, the root of the diagonal, with no logarithm", False),
    (_sign, "wrong sign: minus the logarithm, log of the precision", False),
    (_log2, "logarithm to base 2 instead of the natural one", False),
    (_log1p, "log1p: the logarithm of 1 + sigma squared", False),
    (_jitter, "adds 0.01 to the variances before the logarithm", False),
    (_clamp, "clamps the variances at 1 from below, so no log-variance is negative", False),
    (_first, "uses the first matrix of the batch for all pictures", False),
    (_matrix, "returns matrices [batch, latent, latent] with the log-variances on the diagonal", False),
    (_two_latents, "two latents typed in: takes entries (0,0) and (1,1) only", False),
    (_row, "takes the first row of each matrix instead of its diagonal: minus infinity off the diagonal", False),
    (_log_of_mean, "mean over each row instead of the diagonal entry (or the sum): the variance is divided by the number of latents", False),
    (_two_half_detach, "TWO: log sigma (halved) instead of log sigma squared, and detached, the gradient is lost", False),
    (_two_eigen_square, "TWO: sorted eigenvalues instead of the diagonal, and a factor 2 too much", False),
    (_two_flip_sign, "TWO: latents in reverse order, and minus sign (log of the inverse)", False),
    (_two_transposed_sigma, "TWO: root taken first (log sigma), and the result transposed to [latent, batch]", False),
    (_two_axes_half, "TWO: torch.diagonal over its default axes, and the logarithm halved", False),
    (_two_clamp_log2, "TWO: variances clamped at 1, and base-2 logarithm", False),
]
BORDERLINE = [
    (_all_logs, "takes the log of the whole matrix first (minus infinity off the diagonal), then the diagonal: values right, but the gradient off the diagonal is nan", None),
    (_row_sums, "sums each row, right for diagonal matrices, then log; gradient also reaches the zeros off the diagonal", None),
]
