"""Blind answers to exercise 6.6, my_gaps(elbo_of, log_px, mu, log_var) -> (family, amortisation)."""
import math

import torch

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def refine(elbo_of, mu, log_var, steps=200, lr=0.1):
    m, v = mu.detach().clone().requires_grad_(), log_var.detach().clone().requires_grad_()
    opt = torch.optim.Adam([m, v], lr=lr)
    for _ in range(steps):
        opt.zero_grad()
        (-elbo_of(m, v).sum()).backward()
        opt.step()
    return m.detach(), v.detach()


def ends(elbo_of, mu, log_var, m, v):
    """ELBO of the encoder's q, and of the refined one"""
    with torch.no_grad():
        return elbo_of(mu, log_var), elbo_of(m, v)


@a("the two gaps in the wrong order: (amortisation, family)", False)
def w01(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    return best - old, log_px - best


@a("the sign of both: ELBO - log p(x), and the encoder's less the best; both negative", False)
def w02(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    return best - log_px, old - best


@a("stops after 5 steps, far from the best q", False)
def w03(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var, steps=5))
    return log_px - best, best - old


@a("learning rate of 1e-4: 200 steps go nowhere near the best q", False)
def w04(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var, lr=1e-4))
    return log_px - best, best - old


@a("goes downhill: minimises the ELBO (the loss is its sum, without the minus)", False)
def w05(elbo_of, log_px, mu, log_var):
    m, v = refine(lambda p, q: -elbo_of(p, q), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, v)
    return log_px - best, best - old


@a("refines mu only; log_var stays the encoder's", False)
def w06(elbo_of, log_px, mu, log_var):
    m, _ = refine(lambda p, q: elbo_of(p, log_var) + 0 * q.sum(-1), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, log_var)
    return log_px - best, best - old


@a("refines log_var only; mu stays the encoder's", False)
def w07(elbo_of, log_px, mu, log_var):
    _, v = refine(lambda p, q: elbo_of(mu, q) + 0 * p.sum(-1), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, mu, v)
    return log_px - best, best - old


@a("the family gap is the whole gap, log p(x) less the encoder's ELBO; nothing is taken off for the encoder", False)
def w08(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    return log_px - old, best - old


@a("the amortisation gap is the whole gap, measured to log p(x) instead of to the best q's ELBO", False)
def w09(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    return log_px - best, log_px - old


@a("one correction of mu and log_var shared by all images, [1, latent], instead of a pair for each image", False)
def w10(elbo_of, log_px, mu, log_var):
    zero = torch.zeros_like(mu[:1])
    d, e = refine(lambda p, q: elbo_of(mu + p, log_var + q), zero, zero)
    old, best = ends(elbo_of, mu, log_var, mu + d, log_var + e)
    return log_px - best, best - old


@a("no clone: the optimiser moves the given mu and log_var themselves, so the encoder's ELBO, taken afterwards, is the best one and the amortisation gap 0", False)
def w11(elbo_of, log_px, mu, log_var):
    m, v = mu.detach().requires_grad_(), log_var.detach().requires_grad_()
    opt = torch.optim.Adam([m, v], lr=0.1)
    for _ in range(200):
        opt.zero_grad()
        (-elbo_of(m, v).sum()).backward()
        opt.step()
    old, best = ends(elbo_of, mu, log_var, m, v)
    return log_px - best, best - old


@a("averages both gaps over the images: two numbers instead of two [batch]", False)
def w12(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    return (log_px - best).mean(), (best - old).mean()


@a("the best q with one variance for all latents (isotropic): log_var is replaced by its mean over the latents while refining", False)
def w13(elbo_of, log_px, mu, log_var):
    iso = lambda q: q.mean(-1, keepdim=True).expand_as(q)
    m, v = refine(lambda p, q: elbo_of(p, iso(q)), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, iso(v))
    return log_px - best, best - old


@a("hands exp(log_var) over as elbo_of's log_var in the refinement and at its end: no q with a variance below 1 is reached", False)
def w14(elbo_of, log_px, mu, log_var):
    m, v = refine(lambda p, q: elbo_of(p, q.exp()), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, v.exp())
    return log_px - best, best - old


@a("the gaps as shares of the whole gap (they sum to 1), not in nats", False)
def w15(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    return (log_px - best) / (log_px - old), (best - old) / (log_px - old)


@a("both gaps in bits (divided by log 2)", False)
def w16(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    return (log_px - best) / math.log(2), (best - old) / math.log(2)


@a("random search, not gradient steps: the best of 200 random shifts of standard deviation 0.1 round the encoder's numbers", False)
def w17(elbo_of, log_px, mu, log_var):
    with torch.no_grad():
        old = elbo_of(mu, log_var)
        best = old
        for _ in range(200):
            best = torch.maximum(best, elbo_of(mu + 0.1 * torch.randn_like(mu), log_var + 0.1 * torch.randn_like(mu)))
    return log_px - best, best - old


@a("the best q is taken for the standard normal prior: elbo_of(0, 0), no refinement", False)
def w18(elbo_of, log_px, mu, log_var):
    zero = torch.zeros_like(mu)
    old, best = ends(elbo_of, mu, log_var, zero, zero)
    return log_px - best, best - old


@a("the ELBO of the best image of the batch (max over the batch) taken as the best ELBO of all images", False)
def w19(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var))
    best = best.max().expand_as(best)
    return log_px - best, best - old


@a("refines the first image only (elbo_of(...)[0] is the objective); the others keep the encoder's q", False)
def w20(elbo_of, log_px, mu, log_var):
    m, v = refine(lambda p, q: elbo_of(p, q)[:1], mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, v)
    return log_px - best, best - old


@a("the variance of the refined q is clamped: log_var is kept at -1 or above", False)
def w21(elbo_of, log_px, mu, log_var):
    m, v = refine(lambda p, q: elbo_of(p, q.clamp(min=-1)), mu, log_var.clamp(min=-0.9))
    old, best = ends(elbo_of, mu, log_var, m, v.clamp(min=-1))
    return log_px - best, best - old


@a("one closing average: the best ELBO is the mean of the ELBOs over all 200 steps, the early ones included", False)
def w22(elbo_of, log_px, mu, log_var):
    seen = []
    def note(p, q):
        seen.append(elbo_of(p, q))
        return seen[-1]
    refine(note, mu, log_var)
    best = torch.stack(seen).mean(0).detach()
    return log_px - best, best - elbo_of(mu, log_var).detach()


@a("TWO: order of the results exchanged, and mu only refined (log_var stays)", False)
def w23(elbo_of, log_px, mu, log_var):
    m, _ = refine(lambda p, q: elbo_of(p, log_var) + 0 * q.sum(-1), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, log_var)
    return best - old, log_px - best


@a("TWO: only 5 steps, and the family gap measured from the encoder's ELBO (the whole gap)", False)
def w24(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var, steps=5))
    return log_px - old, best - old


@a("TWO: one correction shared by all images, and both signs reversed", False)
def w25(elbo_of, log_px, mu, log_var):
    zero = torch.zeros_like(mu[:1])
    d, e = refine(lambda p, q: elbo_of(mu + p, log_var + q), zero, zero)
    old, best = ends(elbo_of, mu, log_var, mu + d, log_var + e)
    return best - log_px, old - best


@a("TWO: log_var only refined (mu stays), and both gaps averaged over the batch", False)
def w26(elbo_of, log_px, mu, log_var):
    _, v = refine(lambda p, q: elbo_of(mu, q) + 0 * p.sum(-1), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, mu, v)
    return (log_px - best).mean(), (best - old).mean()


@a("TWO: a learning rate of 1e-4, too small to arrive, and the results in bits", False)
def w27(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, mu, log_var, lr=1e-4))
    return (log_px - best) / math.log(2), (best - old) / math.log(2)


@a("TWO: one variance for all latents (the mean of log_var) in the refinement, and the order of the results exchanged", False)
def w29(elbo_of, log_px, mu, log_var):
    iso = lambda q: q.mean(-1, keepdim=True).expand_as(q)
    m, v = refine(lambda p, q: elbo_of(p, iso(q)), mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, iso(v))
    return best - old, log_px - best


@a("TWO: refines the first image only, and gives the second gap as the whole one (log p(x) less the encoder's ELBO)", False)
def w30(elbo_of, log_px, mu, log_var):
    m, v = refine(lambda p, q: elbo_of(p, q)[:1], mu, log_var)
    old, best = ends(elbo_of, mu, log_var, m, v)
    return log_px - best, log_px - old


@a("right: L-BFGS on a correction added to the encoder's numbers; the amortisation gap as the whole less the family gap", True)
def r1(elbo_of, log_px, mu, log_var):
    d = torch.zeros(2, *mu.shape, dtype=mu.dtype, requires_grad=True)
    opt = torch.optim.LBFGS([d], max_iter=500, history_size=20, line_search_fn="strong_wolfe")
    base, shape = mu.detach(), log_var.detach()
    def closure():
        opt.zero_grad()
        loss = -elbo_of(base + d[0], shape + d[1]).sum()
        loss.backward()
        return loss
    opt.step(closure)
    with torch.no_grad():
        whole = log_px - elbo_of(mu, log_var)
        family = log_px - elbo_of(base + d[0], shape + d[1])
    return family, whole - family


@a("right: Adam with maximize=True on the mean ELBO, 1000 steps with a falling learning rate", True)
def r2(elbo_of, log_px, mu, log_var):
    pair = [mu.detach().clone().requires_grad_(), log_var.detach().clone().requires_grad_()]
    opt = torch.optim.Adam(pair, lr=0.1, maximize=True)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 1000)
    for _ in range(1000):
        opt.zero_grad()
        elbo_of(*pair).mean().backward()
        opt.step()
        fall.step()
    old, best = ends(elbo_of, mu, log_var, *pair)
    return log_px - best, best - old


@a("right: an Adam run of its own for each image; its row is set into the encoder's batch so that elbo_of can be called, and only that row is read", True)
def r3(elbo_of, log_px, mu, log_var):
    family, amort = torch.zeros_like(log_px), torch.zeros_like(log_px)
    for i in range(len(mu)):
        fill = lambda row, all_rows: torch.cat([all_rows[:i], row, all_rows[i + 1:]])
        one = lambda p, q: elbo_of(fill(p, mu.detach()), fill(q, log_var.detach()))[i:i + 1]
        m, v = refine(one, mu[i:i + 1], log_var[i:i + 1])
        with torch.no_grad():
            old, best = elbo_of(mu, log_var)[i], one(m, v)[0]
        family[i], amort[i] = log_px[i] - best, best - old
    return family, amort


@a("right values, but the amortisation gap still carries a gradient to mu and log_var", None)
def b1(elbo_of, log_px, mu, log_var):
    m, v = refine(elbo_of, mu, log_var)
    with torch.no_grad():
        best = elbo_of(m, v)
    return log_px - best, best - elbo_of(mu, log_var)


@a("right procedure, but starts from mu = 0 and log_var = 0 instead of from the encoder's numbers", None)
def b2(elbo_of, log_px, mu, log_var):
    old, best = ends(elbo_of, mu, log_var, *refine(elbo_of, torch.zeros_like(mu), torch.zeros_like(mu)))
    return log_px - best, best - old


@a("no zero_grad: the gradients of all steps add up, so that the refinement overshoots and swings far off", False)
def w28(elbo_of, log_px, mu, log_var):
    m, v = mu.detach().clone().requires_grad_(), log_var.detach().clone().requires_grad_()
    opt = torch.optim.Adam([m, v], lr=0.1)
    for _ in range(200):
        (-elbo_of(m, v).sum()).backward()
        opt.step()
    old, best = ends(elbo_of, mu, log_var, m, v)
    return log_px - best, best - old
