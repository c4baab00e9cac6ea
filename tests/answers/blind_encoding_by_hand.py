"""Blind answers to exercise 2.3: dicts with h1, mu, log_var, sigma, z.
ANSWERS = [(dict, what the author did, is_right)]; BORDERLINE: judgement calls, same form, is_right = None.

The right values: h1 = (0, 1, 2), mu = (-3/2, 1/2, -1), log_var = (-2 ln2, 2 ln2, -4 ln2), sigma = (1/2, 2, 1/4),
z = (-9/4, -7/2, -7/8).  "followed through" = the author's later numbers are consistent with the slip;
"not followed through" = only the named number is wrong, everything after it is the right value.

Some different slips give the very same dict (the numbers cannot tell them apart; a diagnosis that names another of the
same set is not false): third h1 = 0 (three causes), third h1 = 8 / x reversed, z3 = -9/8 (two causes), z2 = 9/2 (two),
z1 = -3/4 (two), sigma^2 given for sigma with z right (numbers / strings), [sigma = exp(log_var) and z = mu - sigma eps] /
[sigma = exp(log_var) and all signs of eps flipped].  Wrong values are always wrong in at least one of the 15 numbers.
"""
import math

import numpy as np
import torch

_L, _B = [], []
L = math.log(2)

X = [1, -2, 3]
EPS = [-1.5, -2.0, 0.5]
W1 = [[0, 2, 1], [1, 2, 1], [2, -1, -1]]
B1 = [-1, 1, 1]
W2 = [[-1, .5, -.5], [0, -1, 1], [-.5, -.5, -.5], [-2 * L, 2 * L, -2 * L], [-2 * L, 0, 0], [0, 2 * L, -2 * L]]
B2 = [-1, -.5, .5, 0, 2 * L, -2 * L]


def _a(v):
    return np.array(v, dtype=float)


def run(x=X, eps=EPS, w1=W1, b1=B1, w2=W2, b2=B2, relu=lambda t: np.maximum(t, 0), pre=None,
        h1=None, mu=None, log_var=None, sigma=None, z=None):
    """The network by hand; any step can be replaced by a value or by a function of what comes before."""
    x, eps = _a(x), _a(eps)
    h = relu(_a(w1) @ x + _a(b1)) if pre is None else relu(_a(pre))
    h = h if h1 is None else _a(h1)
    out = _a(w2) @ h + _a(b2)
    m, lv = out[:3], out[3:]
    m = m if mu is None else _a(mu(m, lv, h) if callable(mu) else mu)
    lv = lv if log_var is None else _a(log_var(m, lv, h) if callable(log_var) else log_var)
    s = np.exp(lv / 2)
    s = s if sigma is None else _a(sigma(m, lv) if callable(sigma) else sigma)
    zz = m + s * eps
    zz = zz if z is None else _a(z(m, lv, s, eps) if callable(z) else z)
    f = lambda v: [float(t) for t in v]
    return {"h1": f(h), "mu": f(m), "log_var": f(lv), "sigma": f(s), "z": f(zz)}


def right(**kw):
    d = {"h1": [0, 1, 2], "mu": [-1.5, 0.5, -1], "log_var": [-2 * L, 2 * L, -4 * L],
         "sigma": [0.5, 2, 0.25], "z": [-2.25, -3.5, -0.875]}
    d.update(kw)
    return d


def sub(m, i, j, v):
    m = [list(r) for r in m]
    m[i][j] = v
    return m


def subv(v, i, t):
    v = list(v)
    v[i] = t
    return v


def W(d, words):
    _L.append((d, words, False))


def R(d, words):
    _L.append((d, words, True))


def B(d, words):
    _B.append((d, words, None))


T = lambda m: [list(c) for c in zip(*m)]
ident = lambda t: t

# ------------------------------------------------------------------ wrong, one mistake: hidden layer
W(run(relu=ident), "ReLU forgotten: h1 = (-2, 1, 2), followed through")
W(right(h1=[-2, 1, 2]), "wrote down h1 before the ReLU, (-2, 1, 2), but went on with the ReLU: only h1 is wrong")
W(run(relu=np.abs), "absolute value in place of ReLU: h1 = (2, 1, 2), followed through")
W(run(relu=lambda t: np.where(t > 0, t, 0.1 * t)), "leaky ReLU (slope 0.1) in place of ReLU: h1 = (-0.2, 1, 2), followed through")
W(run(relu=np.tanh), "tanh in place of ReLU, followed through")
W(run(relu=lambda t: 1 / (1 + np.exp(-t))), "sigmoid in place of ReLU, followed through")
W(run(relu=lambda t: np.minimum(t, 0)), "ReLU the wrong way round, min(0, .): h1 = (-2, 0, 0), followed through")
W(run(b1=[0, 0, 0]), "bias b1 forgotten: h1 = (0, 0, 1), followed through")
W(run(b1=[1, -1, -1]), "bias b1 subtracted in place of added: h1 = (0, 0, 0), followed through")
W(run(b1=[-2, 2, 2]), "bias b1 added twice: h1 = (0, 2, 3), followed through")
W(run(h1=np.maximum(_a(W1) @ _a(X), 0) + _a(B1)), "ReLU before the bias b1: h1 = relu(W1 x) + b1 = (-1, 1, 2), followed through")
W(run(w1=T(W1)), "W1 transposed (columns times x): h1 = relu(W1^T x + b1), followed through")
W(run(x=[1, 2, 3]), "copied x2 as +2: x = (1, 2, 3), followed through")
W(run(x=[1, -2, -3]), "copied x3 as -3, followed through")
W(run(x=[3, -2, 1]), "x in reverse order (3, -2, 1), followed through")
W(run(x=[1, -3, 2]), "copied x as (1, -3, 2): the digits 2 and 3 exchanged, signs kept; followed through")
W(run(w1=sub(W1, 2, 1, 1)), "copied W1[3,2] as +1 in place of -1: third h1 is 0 in place of 2 (-3 + 1 < 0 before the ReLU), followed through")
W(run(w1=sub(W1, 1, 0, 2)), "copied W1[2,1] as 2 in place of 1: second h1 = 2, followed through")
W(run(b1=[-1, 1, -1]), "copied the third entry of b1 as -1: third h1 = 0, followed through")
W(run(h1=[0, 5, 2]), "slip in one product, 2 * (-2) = 0 in the second row (sum 1 + 0 + 3 + 1 = 5): second h1 = 5, followed through")
W(run(h1=[0, 9, 2]), "sign slip in one product, 2 * (-2) = +4 in the second row: second h1 = 9, followed through")
W(run(h1=[6, 1, 2]), "sign slip in one product, 2 * (-2) = +4 in the first row: first h1 = 6, followed through")
W(run(h1=[0, 1, 0]), "sign slip in one product, (-1)(-2) = -2 in the third row (2 - 2 - 3 + 1 = -2, ReLU 0): third h1 = 0, followed through")
W(run(h1=[0, 1, 8]), "sign slip in one product, (-1)(3) = +3 in the third row: third h1 = 8, followed through")
W(run(h1=[0, 1, 3]), "adding slip in the third row of h1: 3 in place of 2, followed through")
W(right(h1=[0, 1, 1]), "third h1 written without its bias (1 in place of 2), not followed through")
W(right(h1=[2, 1, 0]), "h1 written in reverse order, not followed through")
W(right(h1=[0, 0, 1]), "h1 written without b1, (0, 0, 1), not followed through: the rest is right")

# ------------------------------------------------------------------ wrong: the head
W(run(b2=[0] * 6), "bias b2 forgotten (both halves), followed through")
W(run(b2=[-t for t in B2]), "bias b2 subtracted in place of added, followed through")
W(run(b2=[2 * t for t in B2]), "bias b2 added twice, followed through")
W(run(b2=[0, 0, 0] + B2[3:]), "b2 forgotten for mu only, followed through")
W(run(b2=B2[:3] + [0, 0, 0]), "b2 forgotten for log_var only, followed through")
W(run(b2=B1 + B2[3:]), "used b1 in place of the first half of b2 for mu, followed through")
W(run(w2=W2[3:] + W2[:3], b2=B2[3:] + B2[:3]), "halves of the head swapped: first three taken as log_var, last three as mu, followed through")
W(run(w2=[W2[i] for i in (0, 2, 4, 1, 3, 5)], b2=[B2[i] for i in (0, 2, 4, 1, 3, 5)]), "head read in alternation: rows 1, 3, 5 taken as mu and rows 2, 4, 6 as log_var, followed through")
W(run(w2=T(W2[:3]) + W2[3:]), "mu half of W2 transposed, followed through")
W(run(w2=W2[:3] + T(W2[3:])), "log_var half of W2 transposed, followed through")
W(run(w2=T(W2[:3]) + T(W2[3:])), "both 3x3 halves of W2 transposed, followed through")
W(run(mu=_a(W2)[:3] @ _a(X) + _a(B2)[:3], log_var=_a(W2)[3:] @ _a(X) + _a(B2)[3:], h1=[0, 1, 2]), "head applied to x in place of h1 (hidden layer right but not used), followed through")
W(run(mu=lambda m, lv, h: np.maximum(m, 0)), "ReLU on mu as well: mu = (0, 1/2, 0), followed through")
W(run(log_var=lambda m, lv, h: np.maximum(lv, 0)), "ReLU on log_var as well: log_var = (0, 2 ln2, 0), followed through")
W(run(mu=[-1.5, 2.5, -1]), "sign slip in one product, (-1)(1) = +1 in the second row of mu: mu2 = 5/2, followed through")
W(run(mu=[.5, .5, -1]), "sign slip in one product, (-1/2)(2) = +1 in the first row of mu: mu1 = 1/2, followed through")
W(run(mu=[-1.5, .5, 0]), "sign slip in one product, (-1/2)(1) = +1/2 in the third row of mu: mu3 = 0, followed through")
W(run(mu=[-1.5, .5, -.5]), "slip in one product, (-1/2)(2) = -1/2 in the third row of mu: mu3 = -1/2, followed through")
W(run(mu=[-1.5, 1.5, -1]), "sign of b2 wrong in the second row only: mu2 = 3/2, followed through")
W(run(mu=[-1.5, 1, -1]), "b2 forgotten in the second row of mu only: mu2 = 1, followed through")
W(right(mu=[-1.5, -0.5, -1]), "sign of mu2 miscopied (-1/2), not followed through")
W(right(mu=[-1, 0.5, -1.5]), "first and third mu exchanged when copying, not followed through")
W(run(log_var=[-6 * L, 2 * L, -4 * L]), "sign slip in one product, 2 ln2 * 1 = -2 ln2 in the first row of log_var: -6 ln2, followed through")
W(run(log_var=[6 * L, 2 * L, -4 * L]), "sign slip in one product, -2 ln2 * 2 = +4 ln2 in the first row of log_var: 6 ln2, followed through")
W(run(log_var=[-2 * L, 2 * L, -2 * L]), "b2 forgotten in the third row of log_var: -2 ln2, followed through")
W(run(log_var=[-2 * L, 0, -4 * L]), "b2 forgotten in the second row of log_var: 0, followed through")
W(run(log_var=[-2 * L, 2 * L, 0]), "sign of b2 wrong in the third row of log_var (+2 ln2): 0, followed through")
W(run(log_var=[-2 * L, 2 * L, -8 * L]), "sign slip in one product, 2 ln2 * 1 = -2 ln2 in the third row of log_var: -8 ln2, followed through")
W(run(log_var=[-2 * L, -2 * L, -4 * L]), "sign of b2 wrong in the second row of log_var: -2 ln2, followed through")
W(run(log_var=[0, 2 * L, -4 * L]), "slip in one product, -2 ln2 * 2 = -2 ln2 in the first row of log_var: 0, followed through")
W(run(log_var=lambda m, lv, h: lv / 2), "wrote 'ln 2' for every '2 ln 2' (the log_var half is halved throughout), followed through")
W(run(log_var=lambda m, lv, h: -lv), "sign of all of log_var: -log_var, followed through")
W(run(log_var=[-2 * L, 2 * L, -math.log(8)]), "4 ln2 simplified to ln 8 in place of ln 16: third log_var = -ln 8, followed through")
W(run(log_var=[-1.386, 1.386, -2.079]), "decimal slip: third log_var -2.079 (3 ln2) in place of -2.773, followed through")
W(run(log_var=lambda m, lv, h: lv / L * math.log10(2)), "log10(2) = 0.301 for ln 2, followed through (sigma = e^(log_var/2))")
W(right(log_var=[v / L * math.log10(2) for v in (-2 * L, 2 * L, -4 * L)]), "log_var with log10(2) for ln 2, but sigma and z right")
W(right(log_var=[-2, 2, -4]), "log_var in bits (log2(2) = 1 for ln 2), sigma and z right")
W(run(log_var=[-2, 2, -4]), "ln 2 left out of log_var (-2, 2, -4), followed through: sigma = e^(log_var/2)")
W(right(log_var=[-L, L, -2 * L]), "gave log sigma in place of log sigma^2 (half), sigma and z right")
W(right(log_var=[.25, 4, 1 / 16]), "gave the variance sigma^2 in place of log sigma^2, sigma and z right")
W(right(log_var=[2 * L, 2 * L, 4 * L]), "signs of log_var dropped when copying, sigma and z right")
W(run(log_var=[-1, 1, -3]), "log_var rounded to whole numbers, followed through")

# ------------------------------------------------------------------ wrong: sigma
W(run(sigma=lambda m, lv: np.exp(lv)), "sigma = exp(log sigma^2) = sigma^2 (forgot the 1/2), followed through")
W(right(sigma=[.25, 4, 1 / 16]), "sigma given as sigma^2 but the right sigma used in z: only sigma is wrong")
W(run(sigma=lambda m, lv: lv / 2), "sigma = 1/2 log sigma^2 (exp forgotten), followed through")
W(run(sigma=lambda m, lv: lv), "sigma = log sigma^2, followed through")
W(run(sigma=lambda m, lv: np.exp(-lv / 2)), "sign in the exponent: sigma = exp(-log_var/2) = (2, 1/2, 4), followed through")
W(run(sigma=lambda m, lv: np.exp(lv) / 2), "sigma = 1/2 exp(log_var), followed through")
W(run(sigma=lambda m, lv: np.sqrt(np.abs(lv))), "sigma = sqrt(|log_var|), followed through")
W(run(sigma=lambda m, lv: np.exp(2 * lv)), "sigma = exp(2 log_var), followed through")
W(run(sigma=lambda m, lv: np.exp(np.abs(lv) / 2)), "absolute value in the exponent: sigma = (2, 2, 4), followed through")
W(run(sigma=[.5, 2, 1 / 8]), "slip in the third sigma: 1/8 in place of 1/4, followed through")
W(run(sigma=[.5, 4, .25]), "forgot the 1/2 in the second sigma only: 4 in place of 2, followed through")
W(run(sigma=[-.5, 2, -.25]), "sigma given the sign of log_var: (-1/2, 2, -1/4), followed through")
W(run(sigma=[.5, .5, .25]), "second sigma inverted: 1/2 in place of 2, followed through")
W(right(sigma=[2, .5, .25]), "first two sigmas exchanged when copying, not followed through")
W(run(sigma=[1, 1, 1]), "took sigma = 1 everywhere, followed through")
W(run(sigma=lambda m, lv: 10 ** (lv / 2)), "base 10 in place of e: sigma = 10^(log_var/2), followed through")

# ------------------------------------------------------------------ wrong: z
W(run(z=lambda m, lv, s, e: m - s * e), "sign: z = mu - sigma eps")
W(run(z=lambda m, lv, s, e: m + s ** 2 * e), "variance in z: z = mu + sigma^2 eps, sigma itself right")
W(run(z=lambda m, lv, s, e: m + e), "sigma forgotten in z: z = mu + eps")
W(run(z=lambda m, lv, s, e: m), "noise forgotten: z = mu")
W(run(z=lambda m, lv, s, e: m + s), "eps forgotten: z = mu + sigma")
W(run(z=lambda m, lv, s, e: s * e), "mu forgotten: z = sigma eps")
W(run(z=lambda m, lv, s, e: (m + e) * s), "bracket: z = (mu + eps) sigma")
W(run(z=lambda m, lv, s, e: m * s + e), "sigma on the wrong factor: z = mu sigma + eps")
W(run(z=lambda m, lv, s, e: m + lv * e), "log_var in place of sigma in z: z = mu + log_var eps")
W(run(z=lambda m, lv, s, e: m + lv / 2 * e), "log sigma in place of sigma in z: z = mu + 1/2 log_var eps")
W(run(z=lambda m, lv, s, e: m + s @ e), "dot product in place of the element-wise product: z = mu + (sigma . eps)")
W(run(z=lambda m, lv, s, e: m + e / s), "divided by sigma: z = mu + eps/sigma")
W(run(z=lambda m, lv, s, e: (m + s) * e), "bracket: z = (mu + sigma) eps")
W(run(z=lambda m, lv, s, e: m * e + s), "eps on the wrong factor: z = mu eps + sigma")
W(run(eps=[1.5, -2, .5]), "copied eps1 as +3/2: z1 = -3/4")
W(run(eps=[-1.5, 2, .5]), "copied eps2 as +2: z2 = 9/2")
W(run(eps=[-2, -1.5, .5]), "first two eps exchanged: z1 = -5/2, z2 = -5/2")
W(run(eps=[.5, -2, -1.5]), "eps read in reverse order")
W(run(eps=[-1.5, -2, -.5]), "copied eps3 as -1/2: z3 = -9/8")
W(run(eps=X), "x used in place of eps in z")
W(right(z=[-2.25, -3.5, -1.125]), "sign slip in the third z: -1 - 1/8 = -9/8")
W(right(z=[-2.25, -1.5, -.875]), "slip in one product in z2: 2 * (-2) = -2")
W(right(z=[-2.25, 4.5, -.875]), "sign slip in one product in z2: 2 * (-2) = +4")
W(right(z=[-.75, -3.5, -.875]), "sign slip in one product in z1: 1/2 * (-3/2) = +3/4")
W(right(z=[-2.25, -3.5, -.75]), "slip in one product in z3: 1/4 * 1/2 = 1/4")
W(right(z=[-3, -3.5, -.875]), "sigma forgotten in z1 only: -3/2 - 3/2 = -3")
W(right(z=[2.25, -3.5, -.875]), "minus sign of z1 lost when copying")
W(right(z=[-2.25, -3.5, -8.75]), "decimal point of z3 misplaced: -8.75 in place of -0.875")

# ------------------------------------------------------------------ wrong: form
W({k: v for k, v in right().items() if k != "z"}, "key z missing; the rest right")
W(right(z=...), "z left as ... (the stub); the rest right")
W({"h1": ..., "mu": ..., "log_var": ..., "sigma": ..., "z": ...}, "nothing filled in: the stub as it was")
W(right(h1=[1, 2]), "h1 with two numbers only (the zero after the ReLU dropped)")
W(right(h1=3), "h1 summed to one number (3)")
W(right(z=None), "z is None")
W(right(sigma=[.5, 2, float("nan")]), "third sigma is NaN")
W(right(mu=[-1.5, .5, -1, -2 * L, 2 * L, -4 * L]), "mu holds all six outputs of the head (not split)")
W(right(log_var=["-2*log(2)", "2*log(2)", "-4*log(4)"]), "string slip: third log_var -4 log 4 in place of -4 log 2, not followed through")
W(right(log_var=["-2*log(2)", "2*log(2)", "-4+log(2)"]), "string slip: -4+log(2) (plus in place of times) in the third log_var, not followed through")
W(right(log_var=["-2+log(2)", "2+log(2)", "-4+log(2)"]), "strings with + in place of * in all three log_var, not followed through")
W(right(sigma=["exp(-2*log(2))", "exp(2*log(2))", "exp(-4*log(2))"]), "sigma as strings exp(log_var), that is sigma^2 (1/2 forgotten); z right")
W(right(z=["-9/4", "-7/2", "-8/7"]), "third z as a fraction upside down: -8/7 in place of -7/8")

# ------------------------------------------------------------------ wrong, two mistakes
W(run(b1=[0, 0, 0], b2=[0] * 6), "TWO: both biases b1 and b2 forgotten, followed through")
W(run(relu=ident, sigma=lambda m, lv: np.exp(lv)), "TWO: ReLU forgotten, and sigma = exp(log_var), followed through")
W(run(relu=ident, b2=[0] * 6), "TWO: ReLU forgotten, and b2 forgotten, followed through")
W(run(w1=T(W1), sigma=lambda m, lv: lv / 2), "TWO: W1 transposed, and sigma = 1/2 log_var, followed through")
W(run(b1=[0, 0, 0], z=lambda m, lv, s, e: m - s * e), "TWO: b1 forgotten, and z = mu - sigma eps")
W(run(sigma=lambda m, lv: np.exp(lv), z=lambda m, lv, s, e: m - s * e), "TWO: sigma = exp(log_var), and z = mu - sigma eps")
W(run(sigma=lambda m, lv: np.exp(lv), z=lambda m, lv, s, e: m + s ** 2 * e), "TWO: sigma = exp(log_var), and squared once more in z (mu + sigma_wrong^2 eps)")
W(run(w2=W2[3:] + W2[:3], b2=B2[3:] + B2[:3], relu=ident), "TWO: ReLU forgotten, and halves of the head swapped, followed through")
W(run(w2=W2[3:] + W2[:3], b2=B2[3:] + B2[:3], z=lambda m, lv, s, e: m), "TWO: halves of the head swapped, and noise forgotten (z = mu)")
W(run(x=[1, 2, 3], sigma=lambda m, lv: np.exp(-lv / 2)), "TWO: x2 copied as +2, and sign in the exponent of sigma, followed through")
W(run(h1=[0, 9, 2], mu=[-1.5, .5, -1]), "sign slip in the second row of h1 (9), log_var, sigma and z followed through with it but mu computed from the right h1")
W(right(h1=[-2, 1, 2], z=[-.75, 4.5, -1.125]), "TWO: h1 written before the ReLU (not followed through), and z = mu - sigma eps")
W(right(mu=[-1.5, 2.5, -1], z=[-2.25, -1.5, -.75]), "TWO: sign slip in mu2 (5/2, followed through to z2 = -3/2), and z3 = -3/4 from 1/4 * 1/2 = 1/4")
W(right(log_var=[-2, 2, -4], z=[-1.5, .5, -1]), "TWO: log_var without ln 2 (bits), and z = mu (noise forgotten)")
W(run(b2=[-1, -.5, .5, 0, 0, 0], eps=[1.5, -2, .5]), "TWO: b2 forgotten for log_var (followed through), and eps1 copied as +3/2")
W(run(w2=T(W2[:3]) + T(W2[3:]), relu=ident), "TWO: both halves of W2 transposed, and ReLU forgotten, followed through")
W(right(sigma=[.25, 4, 1 / 16], z=[-3, -1.5, -.5]), "TWO: sigma given as sigma^2, and z = mu + eps (no sigma in z)")
W(run(log_var=lambda m, lv, h: -lv, z=lambda m, lv, s, e: m - s * e), "TWO: sign of log_var flipped, and z = mu - sigma eps, followed through")
W(run(b1=[-2, 2, 2], mu=lambda m, lv, h: np.maximum(m, 0)), "TWO: b1 added twice, and ReLU on mu, followed through")
W(right(log_var=[-L, L, -2 * L], sigma=[.25, 4, 1 / 16]), "TWO: log_var given as log sigma (half), and sigma given as sigma^2; z right")
W(right(mu=[-1, .5, -1.5], sigma=[.5, .5, .25]), "TWO: first and third mu exchanged, and second sigma inverted (1/2); neither followed through, z right")
W(run(x=[1, -2, -3], b2=[-t for t in B2]), "TWO: x3 copied as -3, and b2 subtracted, followed through")
W(run(h1=[0, 1, 3], eps=[-2, -1.5, .5]), "TWO: adding slip in h1 (third is 3), and first two eps exchanged, followed through")
W(run(sigma=[.5, 2, 1 / 8], z=lambda m, lv, s, e: m + s * abs(e)), "TWO: third sigma 1/8, and signs of eps dropped in z")
W(run(w2=W2[:3] + T(W2[3:]), z=lambda m, lv, s, e: (m + e) * s), "TWO: log_var half of W2 transposed, and z = (mu + eps) sigma, followed through")
W(run(b2=[0, 0, 0] + B2[3:], sigma=lambda m, lv: np.exp(lv)), "TWO: b2 forgotten for mu, and sigma = exp(log_var), followed through")
W(run(h1=np.maximum(_a(W1) @ _a(X), 0) + _a(B1), b2=[0] * 6), "TWO: ReLU before the bias b1, and b2 forgotten, followed through")
W(run(eps=[1.5, 2, -.5], sigma=lambda m, lv: np.exp(lv)), "TWO: all signs of eps flipped, and sigma = exp(log_var), followed through")
W(right(h1=[0, 1, 1], log_var=[-2 * L, 2 * L, -2 * L]), "TWO: third h1 without its bias, and third log_var without its b2; neither followed through")
W(right(h1=[-2, 1, 2], sigma=[.25, 4, 1 / 16]), "TWO: h1 written before the ReLU, and sigma given as sigma^2; neither followed through, z right")
W(right(z=[-2.25, 4.5, -1.125]), "TWO: sign slips in two products of z: z2 = 1/2 + 4, z3 = -1 - 1/8")
W(right(mu=[.5, 2.5, -1], z=[-.25, -1.5, -.875]), "TWO: sign slips in two products of mu, mu1 = 1/2 and mu2 = 5/2, followed through to z")

# ------------------------------------------------------------------ right
R(right(), "plain numbers")
R({"h1": [0, 1, 2], "mu": ["-3/2", "1/2", "-1"], "log_var": ["-2*log(2)", "2*log(2)", "-4*log(2)"],
   "sigma": ["1/2", "2", "1/4"], "z": ["-9/4", "-7/2", "-7/8"]}, "strings with fractions and logs")
R(right(log_var=["-log(4)", "log(4)", "-log(16)"]), "log_var as strings log 4 and log 16")
R(right(log_var=["log(1/4)", "log(4)", "log(1/16)"], sigma=["1/2", "2", "1/4"]), "log_var as strings, logs of the variances")
R(right(sigma=["exp(-log(2))", "exp(log(2))", "exp(-2*log(2))"], z=["-3/2 - 3/4", "1/2 - 4", "-1 + 1/8"]), "sigma as strings exp(log_var/2), z as unevaluated sums")
R(right(sigma=["sqrt(1/4)", "sqrt(4)", "sqrt(1/16)"]), "sigma as strings, roots of the variances")
R(right(z=["-3/2 + 1/2*(-3/2)", "1/2 + 2*(-2)", "-1 + 1/4*1/2"]), "z as strings mu + sigma*eps")
R({k: tuple(v) for k, v in right().items()}, "tuples")
R({k: np.array(v, dtype=float) for k, v in right().items()}, "numpy arrays")
R({k: torch.tensor(v, dtype=torch.float64) for k, v in right().items()}, "torch tensors, float64")
R({k: torch.tensor(v, dtype=torch.float32) for k, v in right().items()}, "torch tensors, float32")
R(run(), "computed by program with numpy from the matrices")


def _torch_way():
    t = lambda v: torch.tensor(v, dtype=torch.float64)
    h1 = torch.relu(torch.einsum("ij,j->i", t(W1), t(X)) + t(B1))
    mu, log_var = torch.addmv(t(B2), t(W2), h1).chunk(2)
    sigma = log_var.mul(0.5).exp()
    return {"h1": h1, "mu": mu, "log_var": log_var, "sigma": sigma, "z": torch.addcmul(mu, sigma, t(EPS))}


R(_torch_way(), "computed with torch (einsum, addmv, chunk)")
R(right(log_var=[-1.386294, 1.386294, -2.772589]), "log_var as decimals to six places")
R(right(log_var=[math.log(.25), math.log(4), math.log(1 / 16)], sigma=[2 ** -1, 2 ** 1, 2 ** -2]), "math.log of the variances, sigma as powers of two")
R(right(h1=[0.0, 1.0, 2.0], mu=[-1.5, "1/2", -1], z=["-9/4", -3.5, "-7/8"]), "numbers and strings mixed")
R({k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in right().items()}, "tensors that require grad")
R({k: right()[k] for k in ("z", "sigma", "log_var", "mu", "h1")}, "keys in another order")

# ------------------------------------------------------------------ judgement calls
B(right(log_var=[-1.39, 1.39, -2.77]), "log_var rounded to two decimals")
B(right(log_var=[-1.4, 1.4, -2.8]), "log_var rounded to one decimal")
B(right(log_var=[-1.386, 1.386, -2.773], z=[-2.25, -3.5, -0.88]), "log_var to three decimals, z3 to two")
B({k: [v] for k, v in right().items()}, "each as a 1x3 row (list of a list)")
B({k: np.array(v, dtype=float).reshape(3, 1) for k, v in right().items()}, "each as a 3x1 column")
B(right(log_var=["-2 ln 2", "2 ln 2", "-4 ln 2"]), "strings with 'ln 2' and no multiplication sign")
B(right(log_var=["-2*ln(2)", "2*ln(2)", "-4*ln(2)"]), "strings with ln( )")
B(right(log_var=["-2log2", "2log2", "-4log2"]), "strings with log2 (no brackets, could be read as base 2)")
B(right(log_var=["-2*math.log(2)", "2*np.log(2)", "-4*torch.log(torch.tensor(2.))"]), "strings with module prefixes")
B(right(sigma="1/2, 2, 1/4"), "one string for the three numbers")
B(right(z=["−9/4", "−7/2", "−7/8"]), "strings with the typographic minus sign U+2212")
B(right(z=["-2,25", "-3,5", "-0,875"]), "strings with decimal commas")
B(right(log_var=["-2^1*log(2)", "2*log(2)", "-2^2*log(2)"]), "strings with ^ for power")
B({**right(), "epsilon": [-1.5, -2, .5]}, "right, with one extra key")

ANSWERS = list(_L)
BORDERLINE = list(_B)
