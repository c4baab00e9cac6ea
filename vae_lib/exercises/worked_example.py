"""Chapter 2: checks of the second numeric example, forward and backward, by pencil or by code."""

import math
import re

import torch
from torch import Tensor, outer, relu

from vae_lib.diagnose.words import NotAttempted, describe
from vae_lib.exact.worked_example import backward, forward
from vae_lib.exercises.verdict import STANDARD_ERRORS, Question, check, shown
from vae_lib.page.pencil import exact, tensor, to_float

# The exercises' network, 3 → 3 → 3 → 3 → 3: no shape tells a matrix from its transpose.
NEW_WEIGHTS = exact(
    {
        "W1": [[0, 2, 1], [1, 2, 1], [2, -1, -1]],
        "b1": [-1, 1, 1],
        "W2": [
            [-1, "1/2", "-1/2"],
            [0, -1, 1],
            ["-1/2", "-1/2", "-1/2"],
            ["-2*log(2)", "2*log(2)", "-2*log(2)"],
            ["-2*log(2)", 0, 0],
            [0, "2*log(2)", "-2*log(2)"],
        ],
        "b2": [-1, "-1/2", "1/2", 0, "2*log(2)", "-2*log(2)"],
        "W3": [["1/2", -1, 1], [1, -1, 2], [-1, 0, 2]],
        "b3": [-1, -1, 1],
        "W4": [[-2, 1, "1/2"], [0, 1, -1], [0, 0, 2]],
        "b4": [2, 1, 2],
    }
)
NEW_X = exact([1, -2, 3])
NEW_EPS = exact(["-3/2", -2, "1/2"])
STEP_SIZE = 1e-3  # of exercise 2.5
ROUNDED = 2e-3  # how far an answer may lie from what is right, relative to itself: four digits are enough

FLOATS = to_float(NEW_X), to_float(NEW_WEIGHTS), to_float(NEW_EPS)
ON = f"the exercises' network, {shown(x=tensor(NEW_X), eps=tensor(NEW_EPS))}"
LOG_TWO_PI = math.log(2 * math.pi)

x, w, eps = tensor(NEW_X), tensor(NEW_WEIGHTS), tensor(NEW_EPS)
v = tensor(forward(*FLOATS))  # every value of the forward pass
d = tensor(backward(*FLOATS))  # and of the backward pass
d_reconstruction, d_kl = tensor(backward(*FLOATS, kl=0)), tensor(backward(*FLOATS, reconstruction=0))
h1, mu, log_var, sigma, var = v["h1"], v["mu"], v["log_var"], v["sigma"], v["var"]
W2_mu, W2_log_var = w["W2"].chunk(2)
b2_mu, b2_log_var = w["b2"].chunk(2)


def decode(z: Tensor) -> Tensor:
    return w["W4"] @ relu(w["W3"] @ z + w["b3"]) + w["b4"]


def loss_at(f: Tensor) -> Tensor:
    return (x - f).square().sum() / 2


# Exercise 2.2: from z to J

F = Question(
    asked="f = f(z), three numbers",
    on=ON,
    expected=v["f"],
    mistakes={
        "the decoder is given μ where it needs z": decode(mu),
        "the ReLU is forgotten: W₄ multiplies a₂": w["W4"] @ v["a2"] + w["b4"],
        "a ReLU follows the last layer: f(z) may be negative, as x is": relu(v["f"]),
        "W₃ is transposed: a row of W₃ makes one output": w["W4"] @ relu(w["W3"].T @ v["z"] + w["b3"]) + w["b4"],
        "W₄ is transposed: a row of W₄ makes one output": w["W4"].T @ v["h2"] + w["b4"],
        "the bias b₃ is dropped": w["W4"] @ relu(w["W3"] @ v["z"]) + w["b4"],
        "the bias b₄ is dropped": w["W4"] @ v["h2"],
        "both biases are dropped": w["W4"] @ relu(w["W3"] @ v["z"]),
        "the residual x − f(z) is given instead of f(z)": v["error"],
        "σ² is used where σ belongs in z (equation 2.4)": decode(mu + var * eps),
    },
)
reconstruction_loss, kl, constant = v["reconstruction_loss"], v["kl"], v["constant"]
LOSS = Question(
    asked="reconstruction_loss = ½‖x − f(z)‖², one number, in nats",
    on=ON,
    expected=reconstruction_loss,
    mistakes={
        "the ½ is missing": 2 * reconstruction_loss,
        "the squared error is averaged over the numbers of x instead of summed and halved": 2 * reconstruction_loss / 3,
        "the halved squares are averaged over the numbers of x instead of summed": reconstruction_loss / 3,
        "the sign is wrong: this is −½‖x − f(z)‖²": -reconstruction_loss,
        "½ D log 2π is added: that is −log N(x; f(z), I), and J leaves the constant out": reconstruction_loss
        + constant,
        "the norm is halved but not squared: ½‖x − f(z)‖": v["error"].norm() / 2,
        "the norm is neither squared nor halved: ‖x − f(z)‖": v["error"].norm(),
        "absolute values are added instead of squares: ½ Σ|x − f(z)|": v["error"].abs().sum() / 2,
        "differences are added before they are squared": v["error"].sum().square() / 2,
        "the decoder is given μ where it needs z": loss_at(decode(mu)),
        "x and μ are compared: the decoder is left out": loss_at(mu),
    },
)
KL = Question(
    asked="kl = ½ Σ (μ² + σ² − 1 − log σ²), one number, in nats",
    on=ON,
    expected=kl,
    mistakes={
        "the ½ is missing": 2 * kl,
        "the ½ stands before μ² alone": kl + (var - 1 - log_var).sum() / 2,
        "the ½ is missing before log σ² alone": kl - log_var.sum() / 2,
        "the KL is averaged over the latents instead of summed": kl / 3,
        "the −1 is counted once instead of once per latent": kl + 1,
        "the −1 is left out": kl + 1.5,
        "the sign is wrong: no KL is negative": -kl,
        "log σ² is added where it is subtracted": kl + log_var.sum(),
        "log σ is used where log σ² belongs": kl + log_var.sum() / 4,
        "log σ² is left out": kl + log_var.sum() / 2,
        "σ is used where σ² belongs, or log σ² is to base 10 (log on a calculator)": kl + (sigma - var).sum() / 2,
        "σ⁴ is used where σ² belongs: σ² was squared again": kl + (var.square() - var).sum() / 2,
        "μ is not squared": kl + (mu - mu.square()).sum() / 2,
        "z is used where μ belongs: the KL does not see ε": kl + (v["z"].square() - mu.square()).sum() / 2,
        "the KL of the first latent alone is taken": v["kl_per_dimension"][0],
    },
)
LOSSES = {
    "the ½ is missing in the reconstruction loss": 2 * reconstruction_loss + kl,
    "the ½ is missing in the KL": reconstruction_loss + 2 * kl,
    "the ½ is missing in both terms": 2 * (reconstruction_loss + kl),
    "the squared error is averaged over the numbers of x": 2 * reconstruction_loss / 3 + kl,
    "the KL is averaged over the latents": reconstruction_loss + kl / 3,
    "both terms are averaged": (2 * reconstruction_loss + kl) / 3,
    "the KL is subtracted: it is a cost, and so is the reconstruction loss": reconstruction_loss - kl,
    "the sign is wrong: J is minimised, and its terms are costs": -reconstruction_loss - kl,
}
J = Question(
    asked="J = ½‖x − f(z)‖² + KL, one number, in nats",
    on=ON,
    expected=v["J"],
    mistakes=LOSSES
    | {
        "½ D log 2π is added: that is −ELBO with this ε, and J leaves the constant out": v["J"] + constant,
        "the ELBO with this ε is given, constant included": -v["J"] - constant,
        "the KL is left out": reconstruction_loss,
    },
)
NEGATIVE_ELBO = Question(
    asked="negative_elbo = −ELBO with this ε, for p(x|z) = N(x; f(z), I), one number, in nats",
    on=ON,
    expected=v["negative_elbo"],
    mistakes={
        "the constant ½ D log 2π is dropped: this is J (equation 2.9)": v["J"],
        "the sign is wrong: this is the ELBO": -v["negative_elbo"],
        "½ log 2π is counted once instead of D times": v["J"] + LOG_TWO_PI / 2,
        "log 2π is added D times: its ½ is missing": v["J"] + 3 * LOG_TWO_PI,
        "the constant is subtracted where it is added": v["J"] - constant,
        "the constant is ½ D log π: the 2 is missing": v["J"] + 1.5 * math.log(math.pi),
        "the constant is ½ D · 2π: its logarithm is missing": v["J"] + 3 * math.pi,
        "the logarithm of 2π is to base 10 (log on a calculator): here it is to base e (ln)": v["J"]
        + 1.5 * math.log10(2 * math.pi),
    },
)

# Exercise 2.3: from J back to μ and log σ²

D_F = Question(
    asked="∂J/∂f, three numbers",
    on=ON,
    expected=d["f"],
    mistakes={
        "the residual has the wrong sign: this is x − f(z)": -d["f"],
        "the ½ is forgotten: its 2 has to cancel that of the square": 2 * d["f"],
        "the squared error is averaged: J has half its sum": 2 * d["f"] / 3,
        "the result is divided by D, the number of entries of x": d["f"] / 3,
    },
)


def to_z(d_a2: Tensor) -> Tensor:
    return w["W3"].T @ d_a2


on2 = v["a2"] > 0
D_Z = Question(
    asked="∂J/∂z, three numbers",
    on=ON,
    expected=d["z"],
    mistakes={
        "the ReLU's derivative is forgotten: nothing passes where a₂ < 0": to_z(d["h2"]),
        "the ReLU is applied to the gradient itself, or the mask is that of a₁: it is a₂ > 0": to_z(relu(d["h2"])),
        "W₄ is not transposed on the way back": to_z((w["W4"] @ d["f"]) * on2),
        "W₃ is not transposed on the way back": w["W3"] @ d["a2"],
        "neither W₄ nor W₃ is transposed on the way back": w["W3"] @ ((w["W4"] @ d["f"]) * on2),
        "the residual has the wrong sign": -d["z"],
        "the ½ of the squared error is forgotten: twice the gradient": 2 * d["z"],
        "the KL is computed from z: it depends on μ and log σ² alone": d["z"] + v["z"],
        "μ is added already: this is ∂J/∂μ": d["mu"],
    },
)
by_noise = d["z"] * eps * sigma / 2
by_width = (var - 1) / 2
D_MU = Question(
    asked="∂J/∂μ, three numbers",
    on=ON,
    expected=d["mu"],
    mistakes={
        "the KL's part is forgotten: this is ∂J/∂z alone": d["z"],
        "the path through the reconstruction is forgotten: this is the KL's part alone": mu,
        "the KL's part is 2μ: its ½ is forgotten": d["z"] + 2 * mu,
        "the KL's part is averaged over the latents": d["z"] + mu / 3,
        "the KL's part has the wrong sign": d["z"] - mu,
        "the residual has the wrong sign": mu - d["z"],
        "z is used in the KL's part, where μ belongs": d["z"] + v["z"],
        "the path through the reconstruction is multiplied by σ: one unit of μ moves z by one": d["z"] * sigma + mu,
    },
)
D_LOG_VAR = Question(
    asked="∂J/∂log σ², three numbers",
    on=ON,
    expected=d["log_var"],
    mistakes={
        "the KL's part is forgotten": by_noise,
        "the path through the reconstruction is forgotten: this is the KL's part alone": by_width,
        "the ½ of ∂σ/∂log σ² = ½σ is forgotten": 2 * by_noise + by_width,
        "ε is forgotten: one unit of log σ² moves z by ½ σ ⊙ ε": d["z"] * sigma / 2 + by_width,
        "σ is forgotten: one unit of log σ² moves z by ½ σ ⊙ ε": d["z"] * eps / 2 + by_width,
        "σ² is used where σ belongs: one unit of log σ² moves z by ½ σ ⊙ ε": d["z"] * eps * var / 2 + by_width,
        "J is differentiated by σ, not by log σ²": d["z"] * eps + sigma - 1 / sigma,
        "J is differentiated by σ², not by log σ²": d["log_var"] / var,
        "J is differentiated by log σ, not by log σ²": 2 * d["log_var"],
        "the ½ of the KL's part is forgotten": by_noise + 2 * by_width,
        "the −1 of the KL's part, from −log σ², is forgotten": by_noise + var / 2,
        "the KL's part has the wrong sign": by_noise - by_width,
        "the residual has the wrong sign": by_width - by_noise,
        "the KL's part of μ is carried along: only ∂J/∂z goes through the noise": d["mu"] * eps * sigma / 2 + by_width,
    },
)

# Exercise 2.4: a weight of each network


def to_a1(d_mu: Tensor, d_log_var: Tensor) -> Tensor:
    return (w["W2"].T @ torch.cat([d_mu, d_log_var])) * (v["a1"] > 0)


D_W3 = Question(
    asked="∂J/∂W₃, three rows of three",
    on=ON,
    expected=d["W3"],
    mistakes={
        "the result is transposed: the row is the output, ∂J/∂a₂, the column is the input, z": d["W3"].T,
        "the ReLU's derivative is forgotten: nothing passes where a₂ < 0": outer(d["h2"], v["z"]),
        "the input is taken to be μ: W₃ was multiplied by z": outer(d["a2"], mu),
        "the input is taken to be h₂: W₃ was multiplied by z": outer(d["a2"], v["h2"]),
        "the residual has the wrong sign": -d["W3"],
        "∂J/∂z is used where ∂J/∂a₂ belongs": outer(d["z"], v["z"]),
        "∂J/∂W₄ is given instead": d["W4"],
    },
)
D_W1 = Question(
    asked="∂J/∂W₁, three rows of three",
    on=ON,
    expected=d["W1"],
    mistakes={
        "the result is transposed: the row is the output, ∂J/∂a₁, the column is the input, x": d["W1"].T,
        "the encoder's ReLU passes every gradient back: nothing passes where a₁ < 0": outer(d["h1"], x),
        "the input is taken to be h₁: W₁ was multiplied by x": outer(d["a1"], h1),
        "the KL's part is forgotten: both terms reach the encoder": d_reconstruction["W1"],
        "the reconstruction's part is forgotten: both terms reach the encoder": d_kl["W1"],
        "only the path through μ is followed": outer(to_a1(d["mu"], 0 * d["log_var"]), x),
        "only the path through log σ² is followed": outer(to_a1(0 * d["mu"], d["log_var"]), x),
        "the sign is wrong": -d["W1"],
        "the ½ of ∂σ/∂log σ² is forgotten": outer(to_a1(d["mu"], 2 * by_noise + by_width), x),
    },
)

# Exercise 2.5: one step down

ENCODER, DECODER = ("W1", "b1", "W2", "b2"), ("W3", "b3", "W4", "b4")
MATRICES = ("W1", "W2", "W3", "W4")


def squared_length(names=ENCODER + DECODER, gradient: dict = d) -> Tensor:
    return sum(gradient[name].square().sum() for name in names)


def fall(names=ENCODER + DECODER, gradient: dict = d, step_size: float = STEP_SIZE) -> Tensor:
    step = {name: step_size * gradient[name] if name in names else 0.0 for name in w}
    stepped = to_float({name: w[name] - step[name] for name in w})
    return v["J"] - torch.tensor(forward(FLOATS[0], stepped, FLOATS[2])["J"])


SQUARED_LENGTH = Question(
    asked="squared_length = ‖g‖², of the gradient g of J with respect to all weights and biases, one number",
    on=ON,
    expected=squared_length(),
    mistakes={
        "the square root is taken: this is ‖g‖": squared_length().sqrt(),
        "the biases are left out": squared_length(MATRICES),
        "the decoder is left out": squared_length(ENCODER),
        "the encoder is left out": squared_length(DECODER),
        "the KL is left out: this is the gradient of the reconstruction loss": squared_length(
            gradient=d_reconstruction
        ),
        "the mean of the squares is taken, not their sum": squared_length()
        / sum(array.numel() for array in w.values()),
    },
)
FALL = Question(
    asked=f"fall = J before − J after one step with η = {STEP_SIZE}, one number, in nats",
    on=ON,
    expected=fall(),
    mistakes={
        "the step goes up: w + η g is gradient ascent": fall(step_size=-STEP_SIZE),
        "the sign is wrong: this is J after − J before": -fall(),
        "the decoder stays where it was": fall(ENCODER),
        "the encoder stays where it was": fall(DECODER),
        "the biases stay where they were": fall(MATRICES),
        "the step follows the reconstruction loss alone": fall(gradient=d_reconstruction),
        "the step follows the KL alone": fall(gradient=d_kl),
        "the prediction of equation 5.5 is given, not what J really did": STEP_SIZE * squared_length(),
        "J after the step is given, not how far it fell": v["J"] - fall(),
    },
)


def judge(my_answers, questions: dict[str, Question]) -> str:
    """Compare what is given, in the order of the computation, and say what is still open."""
    any_question = next(iter(questions.values()))
    answers = any_question.ask(my_answers if callable(my_answers) or my_answers is ... else lambda: my_answers)
    if not isinstance(answers, dict):
        keys = ", ".join(questions)
        raise any_question.wrong(f"Expected a dict with the keys {keys}, got {describe(answers)}.", answers)
    given = {name: value for name, value in answers.items() if not is_open(value)}
    if not given:
        raise NotAttempted
    for name in given.keys() - questions.keys():
        raise any_question.wrong(f"Unknown key {name!r}: expected {', '.join(questions)}.", given[name])
    for name, question in questions.items():
        if name in given:
            value = read(question, given[name])
            question.compare(value, error=ROUNDED * value.abs() / STANDARD_ERRORS)
    still_open = [name for name in questions if name not in given]
    right = ", ".join(name for name in questions if name in given)
    return f"{right}: right." + (f" Still open: {', '.join(still_open)}." if still_open else "")


def is_open(value) -> bool:
    """Is it, or a part of it, still the stub's `...`?"""
    return value is ... or (isinstance(value, list | tuple) and any(map(is_open, value)))


def read(question: Question, value) -> Tensor:
    """Numbers as a pencil or a program writes them, as a tensor; one more axis of size 1 does no harm."""
    try:
        if isinstance(value, dict):
            raise ValueError("a dict in the dict")
        value = tensor(exact(plain(value)))
    except Exception as error:
        raise question.wrong(f"Expected numbers, got {describe(value)}: {describe(error)}.", value) from error
    same = value.squeeze().shape == question.expected.squeeze().shape
    return value.reshape(question.expected.shape) if same else value


def plain(value):
    """Tensors as lists of numbers, inside lists too; strings as sympy reads them, "−2 ln 2" as "-2*log(2)"."""
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, str):
        value = re.sub(r"(?:ln|log)\s*(\d+)", r"log(\1)", value.replace("−", "-").replace("·", "*"))
        return re.sub(r"(\d)\s*(?=ln|log)", r"\1*", value)
    return value.detach().tolist() if isinstance(value, Tensor) else value


@check
def check_backward_by_hand(my_gradients):
    """Exercise 2.3: a dict of ∂J/∂f, ∂J/∂z, ∂J/∂μ and ∂J/∂log σ², `[3]` each, under f, z, mu and log_var."""
    return judge(my_gradients, {"f": D_F, "z": D_Z, "mu": D_MU, "log_var": D_LOG_VAR})


@check
def check_weights_by_hand(my_gradients):
    """Exercise 2.4: a dict of ∂J/∂W₃ and ∂J/∂W₁, `[3, 3]` each, under W3 and W1."""
    return judge(my_gradients, {"W3": D_W3, "W1": D_W1})


@check
def check_step_by_hand(my_step):
    """Exercise 2.5: a dict of squared_length, ‖g‖², and of fall, J before − J after one step in nats; two numbers."""
    return judge(my_step, {"squared_length": SQUARED_LENGTH, "fall": FALL})
