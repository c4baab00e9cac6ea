"""4.8's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import numpy as np
import torch
from torch.nn import functional


def marginal_mean_of_logs(log_w):
    return log_w.mean(0)


def marginal_log_sum(log_w):
    return torch.logsumexp(log_w, dim=0)


def marginal_naive(log_w):
    return torch.log(torch.mean(torch.exp(log_w), dim=0))


def marginal_one_maximum(log_w):
    top = log_w.max()
    return top + torch.log(torch.exp(log_w - top).mean(0))


def marginal_maximum_lost(log_w):
    return torch.log(torch.exp(log_w - log_w.max(0).values).mean(0))


def marginal_wrong_axis(log_w):
    return torch.logsumexp(log_w, dim=1) - math.log(log_w.shape[1])


def marginal_wrong_count(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log(log_w.shape[1])


def marginal_of_four(log_w):
    return torch.logsumexp(log_w, 0) - math.log(4)


def marginal_by_the_mean(log_w):
    middle = log_w.mean(0)
    return middle + torch.log(torch.exp(log_w - middle).mean(0))


def marginal_detached(log_w):
    return torch.logsumexp(log_w.detach(), 0) - math.log(len(log_w)) + 0 * log_w.sum(0)


def marginal_without_log(log_w):
    return log_w.exp().mean(0)


def marginal_divided(log_w):
    return log_w.logsumexp(0) / len(log_w)


def marginal_of_everything(log_w):
    return torch.logsumexp(log_w.flatten(), 0) - math.log(log_w.numel())


def marginal_batch_mean(log_w):
    return (torch.logsumexp(log_w, 0) - math.log(len(log_w))).mean()


def marginal_in_numpy_and_back(log_w):
    return torch.as_tensor(np.logaddexp.reduce(log_w.detach().numpy(), axis=0) - math.log(len(log_w)))


def marginal_by_logsumexp(log_w):
    return torch.logsumexp(log_w - math.log(len(log_w)), dim=0)


def marginal_by_maximum(log_w):
    top = log_w.max(dim=0, keepdim=True).values
    return top[0] + (log_w - top).exp().mean(0).log()


def marginal_by_logaddexp(log_w):
    total = log_w[0]
    for row in log_w[1:]:
        total = torch.logaddexp(total, row)
    return total.double() - math.log(len(log_w))


def weights_wrong_axis(log_w):
    return torch.softmax(log_w, dim=1)


def weights_last_axis_divided(log_w):
    w = torch.exp(log_w)
    return w / w.sum()


def weights_not_normalised(log_w):
    return log_w.exp()


def weights_divided_by_the_largest(log_w):
    return torch.exp(log_w - log_w.max(0).values)


def weights_divided_by_the_mean(log_w):
    return len(log_w) * torch.softmax(log_w, 0)


def weights_of_logs(log_w):
    return log_w / log_w.sum(0)


def weights_as_logs(log_w):
    return functional.log_softmax(log_w, dim=0)


def weights_naive(log_w):
    w = torch.exp(log_w)
    return w / w.sum(0, keepdim=True)


def weights_one_maximum(log_w):
    w = torch.exp(log_w - log_w.max())
    return w / w.sum(0)


def weights_by_the_mean(log_w):
    w = torch.exp(log_w - log_w.mean(0))
    return w / w.sum(0)


def weights_inverted(log_w):
    return functional.softmin(log_w, dim=0)


def weights_summed(log_w):
    return torch.softmax(log_w, 0).sum(0)


def weights_by_logsumexp(log_w):
    return torch.exp(log_w - log_w.logsumexp(0, keepdim=True))


def weights_by_maximum(log_w):
    w = torch.exp(log_w.double() - log_w.double().max(0).values)
    return w / w.sum(0)


def weights_by_columns(log_w):
    return torch.stack([functional.softmax(column, dim=0) for column in log_w.T], dim=1)


def both(marginal=marginal_by_logsumexp, weights=weights_by_logsumexp):
    return lambda log_w: (marginal(log_w), weights(log_w))


def oracle(log_w):
    top = log_w.amax(0)
    w = torch.exp(log_w - top)
    return top + w.mean(0).log(), w / w.sum(0)


ANSWERS = [
    (both(marginal=marginal_mean_of_logs), "log p(x): mean of logs", "marginal-mean-of-logs"),
    (both(marginal=marginal_log_sum), "log p(x): mean forgotten", "marginal-sum"),
    (both(marginal=marginal_naive), "log p(x): log-mean-exp without max", "marginal-naive"),
    (both(marginal=marginal_one_maximum), "log p(x): one maximum for the batch", "marginal-one-maximum"),
    (both(marginal=marginal_maximum_lost), "log p(x): maximum not added again", "marginal-maximum-lost"),
    (both(marginal=marginal_wrong_axis), "log p(x): wrong axis", "marginal-over-batch"),
    (both(marginal=marginal_wrong_count), "log p(x): divided by the batch size", "marginal-batch-size"),
    (both(marginal=marginal_without_log), "log p(x): log forgotten", "marginal-no-log"),
    (both(marginal=marginal_divided), "log p(x): log of the sum divided by S", "marginal-divided"),
    (both(marginal=marginal_of_everything), "log p(x): mean over everything", "marginal-of-everything"),
    (both(marginal=marginal_batch_mean), "log p(x): mean over the batch", "marginal-batch-mean"),
    (both(marginal=marginal_by_the_mean), "log p(x): mean for max", "marginal-middle"),
    (both(marginal=marginal_detached), "log p(x): detached", "marginal-detached"),
    (both(marginal=marginal_of_four), "log p(x): divided by 4", "what-is"),
    (both(marginal=marginal_in_numpy_and_back), "log p(x): by numpy", "no-gradient"),
    (both(weights=weights_wrong_axis), "weights: wrong axis", "weights-over-batch"),
    (both(weights=weights_last_axis_divided), "weights: one sum for all", "weights-naive+weights-of-everything"),
    (both(weights=weights_not_normalised), "weights: not normalised", "weights-not-normalised"),
    (both(weights=weights_divided_by_the_largest), "weights: divided by the largest", "weights-over-largest"),
    (both(weights=weights_divided_by_the_mean), "weights: divided by the mean", "weights-over-mean"),
    (both(weights=weights_of_logs), "weights: logs divided by their sum", "weights-of-logs"),
    (both(weights=weights_as_logs), "weights: log-softmax", "weights-logs"),
    (both(weights=weights_naive), "weights: without max", "weights-naive"),
    (both(weights=weights_one_maximum), "weights: one maximum for the batch", "weights-one-maximum"),
    (both(weights=weights_by_the_mean), "weights: mean for max", "weights-middle"),
    (both(weights=weights_inverted), "weights: sign", "weights-inverted"),
    (both(weights=weights_summed), "weights: summed", "weights-summed"),
    (lambda log_w: list(both()(log_w)), "logsumexp, a list", ""),
    (both(marginal_by_maximum, weights_by_maximum), "maxima by hand, float64", ""),
    (both(marginal_by_logaddexp, weights_by_columns), "logaddexp, column by column", ""),
]
