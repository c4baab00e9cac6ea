"""Chapter 2's numbers by six routes: exact, float64, torch, `vae_lib`, autograd, and central differences."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from vae_lib.exact.worked_example import (
    EPS,
    WEIGHTS,
    X,
    as_vae,
    autograd,
    backward,
    central_differences,
    forward,
    forward_handout,
    forward_torch,
    trace,
)
from vae_lib.objectives import elbo_terms
from vae_lib.page.diagrams import computation_graph
from vae_lib.page.pencil import exact, show, tensor, to_float

VECTORS = ["a1", "h1", "mu", "log_var", "z", "a2", "h2", "f"]
SCALARS = ["reconstruction_loss", "kl", "J"]
WITH_A_PENCIL = [
    {
        "a1": "(2, 1, -3)",
        "h1": "(2, 1, 0)",
        "mu": "(1, 3/2)",
        "log_var": "(-4 ln 2, 2 ln 2)",
        "sigma": "(1/4, 2)",
        "var": "(1/16, 4)",
        "z": "(9/8, -3/2)",
        "a2": "(-4, 1/2, 5/2)",
        "h2": "(0, 1/2, 5/2)",
        "f": "(2, 7/2, -1, -1/2)",
        "error": "(-1, -3/2, 1, -1/2)",
        "reconstruction_loss": "9/4",
        "kl_per_dimension": "(1/32 + 2 ln 2, 21/8 - ln 2)",
        "kl": "85/32 + ln 2",
        "J": "157/32 + ln 2",
        "constant": "2 ln 2π",
        "negative_elbo": "157/32 + ln 2 + 2 ln 2π",
    },
    {
        "a1": "(1, -1, 1)",
        "h1": "(1, 0, 1)",
        "mu": "(-1, 5/2)",
        "log_var": "(-4 ln 2, -2 ln 2)",
        "sigma": "(1/4, 1/2)",
        "var": "(1/16, 1/4)",
        "z": "(-9/8, 7/2)",
        "a2": "(3, -3/2, 1/2)",
        "h2": "(3, 0, 1/2)",
        "f": "(-1/2, -3/2, 2, 3/2)",
        "error": "(5/2, 1/2, -1, -3/2)",
        "reconstruction_loss": "39/8",
        "kl_per_dimension": "(1/32 + 2 ln 2, 11/4 + ln 2)",
        "kl": "89/32 + 3 ln 2",
        "J": "245/32 + 3 ln 2",
        "constant": "2 ln 2π",
        "negative_elbo": "245/32 + 3 ln 2 + 2 ln 2π",
    },
]
both = pytest.mark.parametrize("n", [0, 1])


def close(got: dict, expected: dict, keys) -> None:
    """Equal to 1e-12 of the largest number in sight, which is the accuracy that a sum of such numbers can have."""
    scale = max(1.0, *(np.abs(to_float(value)).max() for value in expected.values()))
    for key in keys:
        np.testing.assert_allclose(to_float(got[key]), to_float(expected[key]), rtol=0, atol=1e-12 * scale, err_msg=key)


def through_vae_lib(x, weights, eps) -> tuple[torch.nn.Module, dict]:
    """J by the library's own networks, distributions and KL, with the given ε in the place of a random draw."""
    model = as_vae(weights)
    qz_x = model.encoder(tensor(x))
    z = qz_x.mean + qz_x.stddev * tensor(eps)
    px_z = model.decoder(z)
    reconstruction, kl = px_z.log_prob(tensor(x)), kl_divergence(qz_x, model.prior)
    constant = len(x) / 2 * np.log(2 * np.pi)
    values = {"mu": qz_x.mean, "log_var": qz_x.variance.log(), "z": z, "f": px_z.mean, "kl": kl}
    values |= {"reconstruction_loss": -reconstruction - constant, "J": kl - reconstruction - constant}
    return model, values


def gradient_through_vae_lib(x, weights, eps) -> dict:
    model, values = through_vae_lib(x, weights, eps)
    values["J"].backward()
    layers = [model.encoder.net[0], model.encoder.net[2], model.decoder.net[0], model.decoder.net[2]]
    gradients = {f"W{i}": layer.weight.grad.numpy() for i, layer in enumerate(layers, 1)}
    return gradients | {f"b{i}": layer.bias.grad.numpy() for i, layer in enumerate(layers, 1)}


def detached(values: dict) -> dict:
    return {key: value.detach().numpy() for key, value in values.items()}


@both
def test_every_value_is_the_fraction_that_a_pencil_gives(n):
    values = forward(X[n], WEIGHTS, EPS[n])
    assert {key: show(value) for key, value in values.items() if key not in ("x", "eps")} == WITH_A_PENCIL[n]


def test_the_batch_mean_is_201_over_32_plus_2_ln_2():
    J = [forward(x, WEIGHTS, eps)["J"] for x, eps in zip(X, EPS, strict=True)]
    assert sum(J) / 2 == sympy.Rational(201, 32) + 2 * sympy.log(2)
    by_torch = forward_torch(tensor(X), tensor(WEIGHTS), tensor(EPS))["J"]
    assert by_torch.shape == (2,)
    np.testing.assert_allclose(by_torch, to_float(J), rtol=1e-12)


@both
def test_the_numbers_are_chosen_so_that_errors_do_not_hide(n):
    v = forward(X[n], WEIGHTS, EPS[n])
    assert [np.shape(v[key]) for key in ("x", "h1", "z", "h2", "f")] == [(4,), (3,), (2,), (3,), (4,)]
    assert sum(v["a1"] < 0) == sum(v["a2"] < 0) == 1  # in each layer one unit is off, and none is at the kink
    assert all(unit != 0 for unit in [*v["a1"], *v["a2"]])
    assert not {0, 1, -1} & set(EPS[n])
    assert v["log_var"].sum() != 0
    assert all((exponent := sympy.log(sigma, 2)).is_Integer and exponent != 0 for sigma in v["sigma"])
    assert all(error != 0 for error in v["error"])


@both
def test_numpy_torch_and_vae_lib_agree_with_the_pencil_to_1e_12(n):
    expected = forward(X[n], WEIGHTS, EPS[n])
    by_numpy = forward(to_float(X[n]), to_float(WEIGHTS), to_float(EPS[n]))
    by_torch = forward_torch(tensor(X[n]), tensor(WEIGHTS), tensor(EPS[n]))
    _, by_library = through_vae_lib(X[n], WEIGHTS, EPS[n])
    close(by_numpy, expected, expected)
    close(detached(by_torch), expected, VECTORS + SCALARS)
    close(detached(by_library), expected, by_library)


def test_elbo_terms_gives_the_same_numbers_once_its_noise_is_ours(monkeypatch):
    monkeypatch.setattr("torch.distributions.normal._standard_normal", lambda *args, **kwargs: tensor(EPS))
    reconstruction, kl = elbo_terms(as_vae(), tensor(X))
    values = [forward(x, WEIGHTS, eps) for x, eps in zip(X, EPS, strict=True)]
    np.testing.assert_allclose(kl.detach(), to_float([v["kl"] for v in values]), rtol=1e-12)
    negative_elbo = to_float([v["negative_elbo"] for v in values])
    np.testing.assert_allclose((kl - reconstruction).detach(), negative_elbo, rtol=1e-12)


@both
def test_j_plus_the_constant_is_minus_the_log_density_plus_the_kl(n):
    v = forward(to_float(X[n]), to_float(WEIGHTS), to_float(EPS[n]))
    log_px_z = Independent(Normal(torch.tensor(v["f"]), 1.0), 1).log_prob(tensor(X[n]))
    assert v["negative_elbo"] == pytest.approx(v["kl"] - float(log_px_z), rel=1e-12)


@both
def test_six_routes_give_the_same_gradient_to_1e_12(n):
    expected = backward(X[n], WEIGHTS, EPS[n])
    by_numpy = backward(to_float(X[n]), to_float(WEIGHTS), to_float(EPS[n]))
    close(by_numpy, expected, expected)
    close(autograd(X[n], WEIGHTS, EPS[n]), expected, expected)
    close(gradient_through_vae_lib(X[n], WEIGHTS, EPS[n]), expected, WEIGHTS)
    close(central_differences(X[n], WEIGHTS, EPS[n]), expected, WEIGHTS)


@both
def test_a_gradient_has_the_shape_of_what_it_differentiates_by(n):
    values = forward(X[n], WEIGHTS, EPS[n]) | WEIGHTS
    gradient = backward(X[n], WEIGHTS, EPS[n])
    assert gradient.keys() == WEIGHTS.keys() | set(VECTORS)
    assert all(gradient[key].shape == values[key].shape for key in gradient)


@both
@pytest.mark.parametrize(("reconstruction", "kl"), [(1, 0), (0, 1), (3, -2)])
def test_the_gradient_splits_by_term_as_autograd_says(n, reconstruction, kl):
    by_hand = backward(X[n], WEIGHTS, EPS[n], reconstruction=reconstruction, kl=kl)
    close(autograd(X[n], WEIGHTS, EPS[n], reconstruction=reconstruction, kl=kl), by_hand, by_hand)


def test_the_two_parts_of_the_gradient_add_up_and_the_kl_never_reaches_the_decoder():
    whole = backward(X[0], WEIGHTS, EPS[0])
    from_reconstruction = backward(X[0], WEIGHTS, EPS[0], kl=0)
    from_kl = backward(X[0], WEIGHTS, EPS[0], reconstruction=0)
    assert all((from_reconstruction[key] + from_kl[key] == whole[key]).all() for key in whole)
    assert all((from_kl[key] == 0).all() for key in ("z", "f", "W3", "b3", "W4", "b4"))
    assert any(from_kl["W1"].ravel() != 0)


def test_central_differences_leave_the_weights_alone():
    before = {name: array.copy() for name, array in WEIGHTS.items()}
    central_differences(X[0], WEIGHTS, EPS[0])
    assert all((WEIGHTS[name] == before[name]).all() for name in WEIGHTS)


@st.composite
def networks(draw):
    """x, weights and ε of any small sizes: rationals, the head for log σ² in eighths, so that σ stays moderate."""
    data, hidden, latent, hidden2 = (draw(st.integers(1, 4)) for _ in range(4))

    def rationals(*shape, denominator=2):
        numbers = st.integers(-4, 4).map(lambda k: sympy.Rational(k, denominator))
        flat = draw(st.lists(numbers, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
        return np.array(flat, dtype=object).reshape(shape)

    weights = {"W1": rationals(hidden, data), "b1": rationals(hidden, denominator=3)}
    weights["W2"] = np.vstack([rationals(latent, hidden), rationals(latent, hidden, denominator=16)])
    weights["b2"] = np.concatenate([rationals(latent, denominator=3), rationals(latent)])
    weights |= {"W3": rationals(hidden2, latent), "b3": rationals(hidden2, denominator=5)}
    weights |= {"W4": rationals(data, hidden2), "b4": rationals(data)}
    return rationals(data), weights, rationals(latent, denominator=7)


@settings(max_examples=25)
@given(networks())
def test_for_random_networks_of_other_sizes_all_routes_agree(network):
    x, weights, eps = network
    expected = forward(x, weights, eps)
    close(forward(to_float(x), to_float(weights), to_float(eps)), expected, expected)
    close(detached(forward_torch(tensor(x), tensor(weights), tensor(eps))), expected, VECTORS + SCALARS)
    _, by_library = through_vae_lib(x, weights, eps)
    close(detached(by_library), expected, by_library)


@settings(max_examples=10)
@given(networks())
def test_for_random_networks_of_other_sizes_all_gradients_agree(network):
    x, weights, eps = network
    v = forward(x, weights, eps)
    assume(np.abs(to_float(np.hstack([v["a1"], v["a2"]]))).min() > 1e-6)  # at the kink of a ReLU there is no gradient
    expected = backward(x, weights, eps)
    close(autograd(x, weights, eps), expected, expected)
    close(gradient_through_vae_lib(x, weights, eps), expected, WEIGHTS)
    close(central_differences(x, weights, eps), expected, WEIGHTS)


def test_as_vae_holds_the_noise_at_1_and_the_weights_in_float64():
    model = as_vae()
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert len(trained) == 8
    assert not any("log_sigma" in name for name in trained)
    assert all(parameter.dtype == torch.float64 for parameter in model.parameters())
    assert torch.equal(model.decoder(torch.zeros(2).double()).stddev, torch.ones(4).double())


@both
def test_the_hand_outs_draw_follows_sigma_squared_and_its_two_kls_are_told_apart(n):
    v, ours = forward_handout(X[n], WEIGHTS, EPS[n]), forward(X[n], WEIGHTS, EPS[n])
    Sigma = np.diag(ours["var"])
    assert (v["z"] == ours["mu"] + Sigma.T @ EPS[n]).all()
    by_library = as_vae().decoder(tensor(v["z"])).mean
    np.testing.assert_allclose(by_library.detach(), to_float(v["f"]), rtol=0, atol=1e-12)
    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    for key, covariance in {"kl": Sigma, "kl_of_z": Sigma.T @ Sigma}.items():
        kl = kl_divergence(MultivariateNormal(tensor(ours["mu"]), tensor(covariance)), prior)
        assert float(v[key]) == pytest.approx(float(kl), rel=1e-12)
    assert v["J"] == v["reconstruction_loss"] + v["kl"]
    assert v["J_of_z"] == v["reconstruction_loss"] + v["kl_of_z"]
    assert v["negative_elbo"] == v["J_of_z"] + v["constant"]


def test_the_hand_outs_numbers_are_these_fractions():
    v = forward_handout(X[0], WEIGHTS, EPS[0])
    assert show(v["z"]) == "(33/32, -9/2)"
    assert show(v["f"]) == "(-3/16, 29/16, -1, 0)"
    assert show(v["reconstruction_loss"]) == "441/256"
    assert [show(v[key]) for key in ("J", "J_of_z")] == ["1121/256 + ln 2", "5299/512 + 2 ln 2"]


def test_trace_prints_each_value_exactly_and_as_a_decimal(capsys):
    values = trace(X[0], WEIGHTS, EPS[0])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "x                      = (1, 2, 0, -1)                ≈ (1.0000, 2.0000, 0.0000, -1.0000)"
    assert len(lines) == len(values) == 19
    assert all(show(value) in line for value, line in zip(values.values(), lines, strict=True))
    assert lines[-3].split() == ["J", "=", "157/32", "+", "ln", "2", "≈", "5.5994"]


def test_trace_prints_the_hand_outs_convention(capsys):
    values = trace(X[0], WEIGHTS, EPS[0], convention="handout")
    output = capsys.readouterr().out
    assert "z = μ + Σᵀε                = (33/32, -9/2)" in output
    assert "J with the KL of N(μ, Σ)   = 1121/256 + ln 2" in output
    assert "J with the KL of N(μ, ΣᵀΣ) = 5299/512 + 2 ln 2" in output
    assert values["J"] == forward_handout(X[0], WEIGHTS, EPS[0])["J"]


MINE = {"W1": [[1, 0, -1], [0.5, 1, 1]], "b1": [0, -1], "W2": [[1, 2], [0, 0]], "b2": [-2, 0.25]}
MINE |= {"W3": [[1], [-0.5]], "b3": [0, 0], "W4": [[1, 1], [0.5, 0], [1, -1]], "b4": [0, 0, 0.4]}


@pytest.mark.parametrize(
    "kind", [np.array, np.float32, torch.tensor, lambda v: torch.nn.Parameter(torch.tensor(v).float()), exact]
)
def test_trace_takes_lists_arrays_tensors_and_parameters_alike(kind, capsys):
    from_lists = trace([1, 0, 2], MINE, [1.2])
    printed = capsys.readouterr().out
    again = trace(kind([1, 0, 2]), {name: kind(values) for name, values in MINE.items()}, kind([1.2]))
    assert capsys.readouterr().out == printed
    assert again["J"] == from_lists["J"]
    assert from_lists["z"][0] == 1 + sympy.exp(sympy.Rational(1, 8)) * sympy.Rational(6, 5)


def test_trace_shows_a_decimal_where_the_exact_number_is_long(capsys):
    values = trace([1, 0, 2], MINE, [1.2])
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("½‖x"))
    assert line.split()[-3:] == ["…", "≈", f"{float(values['reconstruction_loss']):.4f}"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": [1, 0, 2, 0]}, r"expected W1 of shape \(2, 4\) .* got \(2, 3\)"),
        ({"x": [[1, 0, 2]]}, r"expected x of shape \(3,\) .* got \(1, 3\)"),
        ({"x": [float("nan"), 0, 2]}, "I read “nan”, which is no number"),
        ({"eps": [1, 2]}, r"expected W2 of shape \(4, 2\) .* got \(2, 2\)"),
        ({"eps": []}, "expected at least one number"),
        ({"W1": [[1, 0.5], [0, 1], [-1, 1]]}, r"expected W1 of shape \(2, 3\) .* got \(3, 2\)"),
        ({"b2": [0, 0, 0]}, r"expected b2 of shape \(2,\) .* got \(3,\)"),
        ({"W4": [[1, 1], [0.5, 0]]}, r"expected W4 of shape \(3, 2\) .* got \(2, 2\)"),
        ({"b4": 0}, r"expected b4 of shape \(3,\) .* got \(\)"),
        ({"W5": [[1]]}, "expected weights named W1, b1, .* got .*W5"),
        ({"convention": "Cholesky"}, r"expected convention to be one of \['L', 'handout'\], got 'Cholesky'"),
    ],
)
def test_what_does_not_fit_raises_and_says_what_was_expected_and_what_came(change, message):
    arguments = {"x": [1, 0, 2], "eps": [1.2], "convention": "L"}
    weights = MINE | {name: value for name, value in change.items() if name not in arguments}
    arguments |= {name: value for name, value in change.items() if name in arguments}
    with pytest.raises(ValueError, match=message):
        trace(weights=weights, **arguments)


def test_a_missing_weight_is_named():
    with pytest.raises(ValueError, match=r"expected weights named W1, .* got W1, b1, W2, b2, W3, b3, W4$"):
        trace([1, 0, 2], {name: values for name, values in MINE.items() if name != "b4"}, [1.2])


def numbers_in(figure) -> list[str]:
    return sorted(text.get_text().replace("−", "-") for text in figure.axes[0].texts if "$" not in text.get_text())


def test_the_computation_graph_shows_every_number_and_the_worksheet_only_the_given_ones():
    v = forward(X[0], WEIGHTS, EPS[0])
    given = [*X[0], *EPS[0], *(number for array in WEIGHTS.values() for number in array.ravel())]
    to_compute = [
        "a1",
        "h1",
        "mu",
        "log_var",
        "mu",
        "sigma",
        "z",
        "a2",
        "h2",
        "f",
        "error",
        "kl_per_dimension",
        *SCALARS,
    ]
    captions = ["reconstruction loss", "KL of each latent", "KL"]
    computed = [number for key in to_compute for number in np.atleast_1d(v[key])]
    plain = [text for text in numbers_in(computation_graph(v, WEIGHTS)) if text]
    assert sorted([*map(show, [*given, *computed]), *captions]) == plain
    worksheet = [text for text in numbers_in(computation_graph(v, WEIGHTS, blank=True)) if text]
    assert sorted([*map(show, given), *captions]) == worksheet
    plt.close("all")
