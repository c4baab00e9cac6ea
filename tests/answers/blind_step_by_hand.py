"""Exercise 2.7, step_by_hand: the network of network.md in torch, with switches for the mistakes."""
import math

import torch

_c = 2 * math.log(2)
_ARRAYS = {
    "W1": [[0, 2, 1], [1, 2, 1], [2, -1, -1]], "b1": [-1, 1, 1],
    "W2": [[-1, 0.5, -0.5], [0, -1, 1], [-0.5, -0.5, -0.5], [-_c, _c, -_c], [-_c, 0, 0], [0, _c, -_c]],
    "b2": [-1, -0.5, 0.5, 0, _c, -_c],
    "W3": [[0.5, -1, 1], [1, -1, 2], [-1, 0, 2]], "b3": [-1, -1, 1],
    "W4": [[-2, 1, 0.5], [0, 1, -1], [0, 0, 2]], "b4": [2, 1, 2],
}
_X = torch.tensor([1.0, -2, 3], dtype=torch.float64)
_EPS = torch.tensor([-1.5, -2, 0.5], dtype=torch.float64)


def _weights(dtype=torch.float64):
    return {k: torch.tensor(v, dtype=dtype, requires_grad=True) for k, v in _ARRAYS.items()}


def _J(w, eps=_EPS, rec=0.5, kl=1.0, sigma_detached=False, relu=True, variance=False):
    act = torch.relu if relu else (lambda a: a)
    x = _X.to(w["W1"].dtype)
    mu, log_var = (w["W2"] @ act(w["W1"] @ x + w["b1"]) + w["b2"]).chunk(2)
    sigma = log_var.exp() if variance else (log_var / 2).exp()
    z = mu + (sigma.detach() if sigma_detached else sigma) * eps.to(x.dtype)
    f = w["W4"] @ act(w["W3"] @ z + w["b3"]) + w["b4"]
    return rec * ((f - x) ** 2).sum() + kl * 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum()


def _grads(w, names=None, **switches):
    names = list(names or w)
    return dict(zip(names, torch.autograd.grad(_J(w, **switches), [w[n] for n in names])))


def _moved(w, g, rate=1e-3):
    return {k: (v - rate * g[k]).detach() if k in g else v.detach() for k, v in w.items()}


def _square(g):
    return sum((t**2).sum() for t in g.values())


def _answer(names=None, rate=1e-3, **switches):
    w = _weights()
    g = _grads(w, names, **switches)
    fall = _J(w, **switches) - _J(_moved(w, g, rate), **switches)
    return {"squared_length": _square(g).item(), "fall": fall.item()}


def _with(**changes):
    """The right answer, with one or two of its numbers put through a rule."""
    def my_step():
        r = _answer()
        return r | {k: rule(r) for k, rule in changes.items()}
    return my_step


def _sgd():
    w = _weights()
    optimizer = torch.optim.SGD(w.values(), lr=0.001)
    before = _J(w)
    before.backward()
    length = torch.nn.utils.parameters_to_vector([v.grad for v in w.values()]).square().sum()
    optimizer.step()
    return {"fall": before.detach() - _J(w).detach(), "squared_length": length}


def _functional():
    w = {k: v.detach() for k, v in _weights().items()}
    g, before = torch.func.grad_and_value(_J)(w)
    flat = torch.cat([t.flatten() for t in g.values()])
    after = _J({k: torch.add(w[k], g[k], alpha=-0.001) for k in w})
    return {"squared_length": flat.dot(flat), "fall": -(after - before)}


def _elbo():
    w, constant = _weights(), 1.5 * math.log(2 * math.pi)
    g = _grads(w)
    return {"squared_length": _square(g).item(), "fall": (_J(w) + constant).item() - (_J(_moved(w, g)) + constant).item()}


def _sequential():
    w = _weights()
    before, total = _J(w), 0
    for name in reversed(list(w)):
        (g,) = torch.autograd.grad(_J(w), w[name])
        total = total + (g**2).sum()
        w[name] = (w[name] - 1e-3 * g).detach().requires_grad_()
    return {"squared_length": total.item(), "fall": (before - _J(w)).item()}


def _new_noise():
    w = _weights()
    g = _grads(w)
    return {"squared_length": _square(g).item(), "fall": (_J(w) - _J(_moved(w, g), eps=torch.randn(3))).item()}


def _no_noise_after():
    w = _weights()
    g = _grads(w)
    return {"squared_length": _square(g).item(), "fall": (_J(w) - _J(_moved(w, g), eps=0 * _EPS)).item()}


def _unit_step():
    w = _weights()
    g = _grads(w)
    fall = _J(w) - _J(_moved(w, g, 1e-3 / _square(g).sqrt()))
    return {"squared_length": _square(g).item(), "fall": fall.item()}


def _signs():
    w = _weights()
    g = _grads(w)
    return {"squared_length": _square(g).item(), "fall": (_J(w) - _J(_moved(w, {k: v.sign() for k, v in g.items()}))).item()}


def _partial_move(names):
    w = _weights()
    g = _grads(w)
    return {"squared_length": _square(g).item(), "fall": (_J(w) - _J(_moved(w, {k: g[k] for k in names}))).item()}


def _partial_length(names):
    r = _answer()
    g = _grads(_weights(), names)
    return r | {"squared_length": _square(g).item()}


def _summed_lengths():
    g = _grads(_weights())
    return _answer() | {"squared_length": sum(t.norm() for t in g.values()).item()}


def _twice_accumulated():
    w = _weights()
    before = _J(w)
    _J(w).backward()
    _J(w).backward()
    g = {k: v.grad for k, v in w.items()}
    return {"squared_length": _square(g).item(), "fall": (before - _J(_moved(w, g))).item()}


def _float32():
    w = _weights(torch.float32)
    g = _grads(w)
    return {"squared_length": _square(g).item(), "fall": (_J(w) - _J(_moved(w, g))).item()}


_MATRICES, _DECODER, _ENCODER = ("W1", "W2", "W3", "W4"), ("W3", "b3", "W4", "b4"), ("W1", "b1", "W2", "b2")

ANSWERS = [
    (_sgd, "torch.optim.SGD, backward, gradients joined to one vector; returns tensors", True),
    (_functional, "torch.func.grad_and_value on a dict of weights, vector dotted with itself, fall as minus (after - before)", True),
    (_elbo, "the fall of -ELBO instead of J's: the constant cancels", True),
    (_with(squared_length=lambda r: math.sqrt(r["squared_length"])), "the length of g, not squared (root taken)", False),
    (_with(fall=lambda r: 1e-3 * r["squared_length"]), "the first-order fall, eta times squared length, instead of the true one", False),
    (_with(fall=lambda r: -r["fall"]), "sign of the fall: J after minus J before", False),
    (_with(fall=lambda r: r["fall"] / math.log(2)), "fall in bits instead of nats", False),
    (_with(fall=lambda r: _J(_weights()).item() - r["fall"]), "J after the step in place of the fall", False),
    (_with(fall=lambda r: r["fall"] / _J(_weights()).item()), "fall as a fraction of J", False),
    (_with(fall=lambda r: r["squared_length"], squared_length=lambda r: r["fall"]), "the two names exchanged", False),
    (_with(squared_length=lambda r: r["squared_length"] / 60), "squared length divided by the number of weights, a mean of squares", False),
    (lambda: _answer(rate=0.01), "steps with eta 0.01 instead of 0.001", False),
    (lambda: _answer(rate=-1e-3), "steps uphill: adds eta times the gradient", False),
    (lambda: _answer(_MATRICES), "biases left out, of g and of the step", False),
    (lambda: _answer(_DECODER), "only the decoder's weights: encoder neither counted nor moved", False),
    (lambda: _answer(_ENCODER), "only the encoder's weights: decoder neither counted nor moved", False),
    (lambda: _partial_move(_MATRICES), "all in g, but the biases are not moved in the step", False),
    (lambda: _partial_length(_MATRICES), "moves all, but counts only the matrices in the squared length, no biases", False),
    (lambda: _answer(kl=0.0), "KL left out of J: reconstruction loss alone", False),
    (lambda: _answer(rec=1.0), "no half in the reconstruction loss", False),
    (lambda: _answer(rec=1 / 6), "reconstruction loss averaged over the three numbers of x, and halved", False),
    (lambda: _answer(eps=0 * _EPS), "epsilon set to 0 throughout: z = mu", False),
    (lambda: _answer(sigma_detached=True), "sigma detached in z: log_var gets a gradient from the KL alone", False),
    (lambda: _answer(relu=False), "no ReLUs in the two networks", False),
    (lambda: _answer(variance=True), "sigma squared times epsilon in z", False),
    (_sequential, "moves one array after another from the last to the first, each gradient taken at weights already moved", False),
    (_new_noise, "draws a new epsilon for J after the step", False),
    (_no_noise_after, "evaluates J after the step without noise, epsilon 0", False),
    (_unit_step, "gradient normalised to length 1 before the step", False),
    (_signs, "steps by the sign of each gradient instead of the gradient", False),
    (_summed_lengths, "adds up the lengths of the eight gradients, not their squares", False),
    (_twice_accumulated, "backward called twice without clearing: gradients doubled", False),
    (lambda: _with(fall=lambda r: -1e-3 * r["squared_length"])(), "TWO: first-order fall instead of the true one, and with a minus sign", False),
    (lambda: _answer(_MATRICES, kl=0.0), "TWO: biases left out, and KL left out of J", False),
    (_with(squared_length=lambda r: math.sqrt(r["squared_length"]), fall=lambda r: -r["fall"]), "TWO: length not squared, and the sign of the fall", False),
    (lambda: _answer(rate=0.01, rec=1.0), "TWO: eta of 0.01, and no half in the reconstruction loss", False),
    (lambda: _answer(_DECODER, rate=-1e-3), "TWO: decoder's weights alone, and a step uphill", False),
    (_with(squared_length=lambda r: math.sqrt(r["squared_length"]), fall=lambda r: 1e-3 * math.sqrt(r["squared_length"])), "TWO: the length not squared, and the fall as eta times this length (first order, not measured)", False),
    (lambda: _answer(sigma_detached=True, eps=-_EPS), "TWO: sigma detached in z, and epsilon with the wrong sign", False),
    (lambda: _answer(variance=True, kl=0.0), "TWO: sigma squared times epsilon, and KL left out of J", False),
    (_with(squared_length=lambda r: r["squared_length"] / 60, fall=lambda r: r["fall"] / math.log(2)), "TWO: mean instead of sum of squares, and the fall in bits", False),
    (lambda: _answer(_ENCODER, rate=0.01), "TWO: encoder's weights alone, and eta of 0.01", False),
]
BORDERLINE = [
    (_float32, "all in float32: the fall is right to about five digits", None),
    (lambda: {k: float(f"{v:.2g}") for k, v in _answer().items()}, "right, but rounded to two digits", None),
]
