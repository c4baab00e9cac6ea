r"""# One training step

Write `my_training_step(model, optimizer, x)`: one training step on the batch $x$ `[batch, data]`, which returns $J$, the mean of −ELBO over the batch, in nats an image. `model` is a `VAE` of the library: `model.encoder(x)` and `model.decoder(z)` return distributions whose `log_prob` gives one number an image; `model.prior` is $p(z)$. Take the ELBO from these three, without `elbo`. The check starts from a model whose gradient is known exactly, leaves an *old* gradient in every `.grad`, and measures how far each parameter moves.

## Hint: where to look
The loop of [the 25 lines](#the-whole-vae-in-25-lines): its last six lines are this step. The chapter's `elbo_terms` shows how the two terms come from the three distributions.

## Hint: the idea
A draw of $z$ that lets the gradient through; the two terms; minus their difference, averaged over the batch; then three calls: forget the old gradient, compute the new one, move.

## Hint: nearly the code
`z` is `model.encoder(x).rsample()`. The reconstruction term is `.log_prob(x)` of the decoder's distribution, the KL is `torch.distributions.kl_divergence` of the encoder's distribution and the prior; both are `[batch]`. The three calls are `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`.
"""  # noqa: E501

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn
from torch.distributions import kl_divergence
from torch.func import functional_call

from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises import elbo as bound
from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Model, Sampled, Seen, Statistic, Verdict, mean_of, swap, whole
from vae_lib.exercises.engine.observe import OLD


def solution(model, optimizer, x):
    """One step down J on the batch x; returns J, in nats an image."""
    qz_x = model.encoder(x)
    z = qz_x.rsample()
    reconstruction = model.decoder(z).log_prob(x)
    kl = torch.distributions.kl_divergence(qz_x, model.prior)
    loss = -(reconstruction - kl).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


RATE = 0.007  # what nobody would choose


def times(factor):
    """The loss times a number, or a function of x."""
    return lambda loss, model, x: loss * (factor(x) if callable(factor) else factor)


def kl_alone(loss, model, x):
    return kl_divergence(model.encoder(x), model.prior).mean()


ONCE = times(1)


def parts(model, optimizer, x, *, batch=torch.mean, step=ONCE, old=lambda model: (), report=ONCE, **terms):
    """What is reported, with the gradient by which the weights move: that of `step`, and in `old` weights the old."""
    loss = -batch(bound.parts(model, x, **terms))
    moves = step(loss, model, x) + OLD * sum(weight.sum() for weight in old(model))
    return report(loss, model, x).detach() + moves - moves.detach()


def decoder_frozen(model, optimizer, x):
    weights = {name: weight.detach() for name, weight in model.decoder.named_parameters()}
    frozen = SimpleNamespace(encoder=model.encoder, decoder=lambda z: functional_call(model.decoder, weights, (z,)))
    return parts(frozen, optimizer, x)


def far(rng, n, data, latents, size=1.0):
    """A linear VAE far from its best, so that every gradient is large; or whose KL is small. Every σ is another one."""
    weight, mean = size * rng.normal(0, 0.8, (data, latents)).round(1), rng.normal(0, 1, data).round(1)
    model = Model(f"{LinearGaussianVAE.__module__}:LinearGaussianVAE", dict(weight=weight, mean=mean, sigma=0.9))
    mu = size * rng.uniform(0.8, 1.4, latents) * rng.choice([-1, 1], latents)
    x = mean + size * (0.8 + rng.normal(0, 1.3, (n, latents)) @ weight.T + rng.normal(0, 1.1, (n, data)))
    inputs = {"model": bound.as_arrays(model, mu, rng.uniform(0.3, 0.9, latents)), "optimizer": np.array(RATE)}
    return Call(inputs | {"x": x.round(2)}, sgd="optimizer")


def inputs(rng):
    """[17, 5] with 3 latents, [23, 7] with 2, and [19, 8] with 6, where the KL of a latent is small."""
    return [far(np.random.default_rng(7), 17, 5, 3), far(rng, 23, 7, 2), far(rng, 19, 8, 6, size=0.3)]


STEPS = {
    "gradient of model.encoder.net.0.weight": "encoder's weight",
    "gradient of model.encoder.net.0.bias": "encoder's bias",
    "gradient of model.encoder.log_var": "encoder's log σ²",
    "gradient of model.decoder.net.0.weight": "decoder's weight",
    "gradient of model.decoder.net.0.bias": "decoder's bias",
    "gradient of model.decoder.log_sigma": "decoder's log σ_x",
}
STEP = "the step in the {}, divided by the learning rate: here the mean over 150 steps"


def of_calls(seen: Seen, call: Call):
    """What is averaged over calls; and are all steps equally long?"""
    values, slopes = seen.values["value"], seen.gradients
    lengths = np.sqrt(sum(np.square(slope.reshape(len(slope), -1)).sum(1) for slope in slopes.values()))
    found = {"repeats": families.repeats(values), "mean": mean_of(values), "scatter": bound.of_one_draw(values, call)}
    found["gradient lengths"] = Statistic(np.array(bool(lengths.std() < 1e-3 * lengths.mean())))
    return found | {f"gradient of {name}": families.mean_of_alike(slopes) for name, slopes in slopes.items()}


class Stepped(Sampled):
    """`backward` raises where the loss carries no gradient."""

    def _nothing(self, seen: list[Seen]) -> Verdict | None:
        said = super()._nothing(seen)
        if said and "does not require grad" in said.sentence:
            why = "The loss carries no gradient: computed under torch.no_grad, detached, or made a number too early?"
            return replace(said, key=f"{self.name}/no-gradient", sentence=why)
        return said


OWN = "the optimiser is not the one that is passed, but one of your own with the learning rate"
SLIPS = {
    "minimised": (
        "the ELBO is minimised: the optimiser goes down, so it needs J = −ELBO",
        {"step": times(-1), "report": times(-1)},
    ),
    "uphill": ("the step goes up J, though the J that is returned has the right sign", {"step": times(-1)}),
    "elbo-returned": ("the ELBO is returned instead of J, though the step is right", {"report": times(-1)}),
    "sum-returned": ("the returned J is summed over the batch, though the step is right", {"report": times(len)}),
    "kl-returned": ("the KL alone is returned, though the step is right", {"report": kl_alone}),
    "reconstruction-returned": (
        "the reconstruction loss alone is returned, though the step is right",
        {"report": lambda *given: given[0] - kl_alone(*given)},
    ),
    "batch-summed": ("the loss is summed over the batch instead of averaged", {"batch": torch.sum}),
    "step-summed": ("the step is that of J summed over the batch, though J is averaged", {"step": times(len)}),
    "kl-summed": (
        "the KL is summed over the batch, and the reconstruction loss averaged",
        {"latents": lambda t: t.sum(-1) * len(t)},
    ),
    "reconstruction-summed": (
        "the reconstruction loss is summed over the batch, and the KL averaged",
        {"pixels": lambda t: t.sum(-1) * len(t)},
    ),
    "no-zero-grad": ("zero_grad() is missing: the old gradient is added to this one", {"old": nn.Module.parameters}),
    **{
        f"{other}-keeps-old": (
            f"zero_grad() does not reach the {other}: its old gradient is added to this one",
            {"old": lambda model, other=other: getattr(model, other).parameters()},
        )
        for other in ("encoder", "decoder")
    },
    "never-moves": (
        "the parameters never move: step() or backward() is missing, or zero_grad() stands between the two, or the "
        "optimiser is not the one that is passed",
        {"step": times(0)},
    ),
    "old-gradient": (
        "the step repeats an old gradient: backward() is missing, or comes after step()",
        {"step": times(0), "old": nn.Module.parameters},
    ),
    "twice": ("the step is twice as large: backward() or step() is called twice", {"step": times(2)}),
    **{f"own-rate-{rate}": (f"{OWN} {rate}", {"step": times(rate / RATE)}) for rate in (0.1, 0.01, 0.001, 0.0001)},
    "encoder-frozen": (
        "only the decoder is updated: neither term's gradient reaches the encoder",
        bound.check_elbo.mistakes["z-and-kl-detached"].swapped,
    ),
}
OF_THE_BOUND = (
    "noise-none noise-shared-by-rows noise-shared-by-latents noise-rand sigma-var-for-sigma sigma-log-var-for-sigma "
    "sigma-one sigma-detached mean-detached prior z-detached kl-half-missing kl-half-twice kl-missing kl-sign "
    "kl-reverse kl-detached kl-sd-for-var mean-over-pixels mean-over-latents squared-error half-squared-error "
    "constants-missing reconstruction-missing"
)

check_training_step = Stepped(
    name="training_step",
    effort="deeper · ●○○ · 5 minutes",
    solution=solution,
    parts=parts,
    inputs=inputs,
    calls=150,
    slopes=150,
    many=1000,
    statistics_of=of_calls,
    asked={
        "repeats": "do all steps from the same place give the same J?",
        "mean": "the J that the step returns, in nats an image: here the mean over 150 steps from the same place",
        "gradient lengths": "are all steps equally long, whatever z was drawn?",
        **{name: STEP.format(of) for name, of in STEPS.items()},
        "scatter": "J: its standard deviation over steps, in that of one draw an image (up to 1.8 will do)",
    },
    claims=("mean", *STEPS),
    otherwise={
        "repeats": families.SEEDED,
        "gradient lengths": (
            "clipped",
            "All steps are equally long, whatever z is: is the gradient clipped or scaled?",
        ),
        "scatter": (
            "scatter",
            "J is right on average, but scatters more than one draw an image does: is one ε shared?",
        ),
    },
    right="One step down J, in encoder and decoder, from a gradient of its own.",
    gradients=tuple(name.removeprefix("gradient of ") for name in STEPS),
    keeps_arguments=False,
    terms={"The KL": lambda model, optimizer, x: kl_alone(0, model, x)},
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in SLIPS.items()},
        "over-pixels": whole("J is averaged over the pixels too", lambda m, opt, x: parts(m, opt, x) / x.shape[-1]),
        "decoder-frozen": whole("only the encoder is updated: the decoder's parameters are detached", decoder_frozen),
        **families.pick(bound.check_elbo.mistakes, OF_THE_BOUND),
        **families.alone(families.free_bits("latents")),
    },
)
