r"""Chapter 5: what a student sees, in the student's words, with the test that tells its causes apart, and the cures.

One table. `book/_tools/symptom_tables.py` makes of it the page *I see…*, the quick reference's and chapter 5's tables;
a check-up's findings lead to it. `tests/diagnose/test_symptoms.py` provokes every cause and runs the page's own test.
"""

import re
from typing import NamedTuple


class Cause(NamedTuple):
    """One cause of a symptom: what its test then shows, what is wrong, what mends it, where the book explains it.

    `shows` is a condition on what the test prints, in Python; empty for what is left when no condition above holds.
    """

    shows: str
    cause: str
    cure: str
    place: str


class Symptom(NamedTuple):
    """One row: a stable key, the reader's words, the short form, a test, and its causes, of which the first is meant.

    `title` is the page's heading, `also` other words that a student types. `sees` and `look` are the short form: what
    is seen, what to look at first. `test` is code that goes on from `NAMES`; `causes` are read from the top.
    """

    key: str
    title: str
    also: str
    sees: str
    look: str
    test: str
    causes: tuple[Cause, ...]


NAMES = """
import math, time, torch

batch_size = 128  # yours: where the terms are reduced apart, beta depends on it
x = x_train[:batch_size]  # images, as they enter your first layer
mu, log_var = model.encode(x)  # log_var (logvar) is log σ²
z = model.reparameterize(mu, log_var)
x_hat = model.decode(z)  # exactly what enters your loss, in the shape of x
assert x_hat.shape == x.shape, f"{x_hat.shape=} {x.shape=}: give both one shape"
J = my_loss(x_hat, x, mu, log_var).mean()
if not J.isfinite():
    print(f"{J=}: go to the section NaN after some steps")

# Does your loss take logits or pixels? If the loss takes pixels, these two cost the same.
one, off = torch.ones_like(x), torch.zeros_like(mu)
white, black = (my_loss((at + 2) / 5 * one, at * one, off, off).mean() for at in (1, 0))
logits = abs(white / black - 1).item() > 0.01
pixels = torch.sigmoid if logits else lambda x_hat: x_hat
enters = torch.logit if logits else lambda picture: picture  # what your loss takes
# Is it a squared error? Twice as far off then costs 4 times as much; else 2.5 times.
a, b, c = (my_loss(enters(at * one), one, off, off).mean() for at in (0.99, 0.75, 0.5))
squared = abs((c - a) / (b - a) - 4).item() < 1
picture = pixels(x_hat)
twice = bool(picture.min() >= 0.5 and picture.max() < 0.74)  # sigmoid(0 … 1)
print(f"{logits=} {squared=} {twice=}")


def error(picture):  # nats an image: cross-entropy, or half the squared error
    log_p, log_not = picture.log().clamp(-100), (1 - picture).log().clamp(-100)
    each = (picture - x) ** 2 / 2 if squared else (x - 1) * log_not - x * log_p
    return each.sum().item() / len(x)


def costs(picture, mean=0, every=1):  # your loss of this picture and this mu
    given = (enters(picture), x, off + mean, off)
    return my_loss(*(each[::every] for each in given)).mean()


# Differences only: a constant in the loss drops out of them.
D, d = x[0].numel(), mu[0].numel()
good = 0.1 + 0.8 * x.clamp(0, 1)
right, wrong = costs(good), costs(1 - good)
share = (error(1 - good) - error(good)) / (wrong - right).item()  # D: a mean over pixels
half = costs(1 - good, every=2) - costs(good, every=2)
times = ((wrong - right) / half).item()  # 2: your loss is a sum over the batch
an_image = J.item() / (len(x) if times > 1.5 else 1)
one_nat = (costs(good, mean=10) - right).item() / (50 * d)  # of the KL
beta = one_nat * share
least = 0.8 * error(picture) / D if squared else 0.7  # less: the KL weighs too little
each_kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).flatten(1)
kl = each_kl.sum(1).mean().item()  # nats an image
draws = torch.stack([model.reparameterize(mu, log_var) for _ in range(20)])
noise = ((draws - mu) / torch.exp(0.5 * log_var)).std().item()  # 1 for a right draw
flat = x_train[:1000].flatten(1).nan_to_num(0, 0, 0)
lambdas = torch.linalg.svdvals(flat - flat.mean(0)) ** 2 / len(flat)
pays = min((lambdas > beta).sum().item(), d)  # with a squared error: latents that pay
kl_weight = f"{beta=:.2g}" + f" {pays=} of {d}" * squared
""".strip()

FROM_EXAMPLES = """
x_train = torch.cat([x for x, _ in train_loader]).view(-1, 784)
my_loss = loss_function


def train_step(x):  # the lines of your own loop, as they are
    optimizer.zero_grad()
    x_hat, mu, log_var = model(x)
    loss = my_loss(x_hat, x, mu, log_var)
    loss.backward()
    optimizer.step()
    return loss.item()
""".strip()

# How far a step of yours goes, and what it finds in the gradients: for two symptoms.
A_STEP = """
left, p0 = [], params[0]  # what a step finds in a gradient
hook = p0.register_hook(lambda _: left.append(p0.grad is not None and p0.grad.any()))
before = [p.detach().clone() for p in params]
train_step(x)
moved = max((p - b).abs().max().item() for p, b in zip(params, before))
train_step(x)
hook.remove()
kept = any(left[1:])  # the gradients of the step before
""".lstrip()

BEFORE = "[Before you train](05_training.ipynb#before-you-train)"
COLOUR = "[Other networks, other data](05_training.ipynb#other-networks-other-data-deeper)"
DRAWS = "[What did it learn?](05_training.ipynb#what-did-it-learn)"
EXAMINED = "[Your trained model, examined](06_is_my_number_right.ipynb#your-trained-model-examined-deeper)"
EXPECT = "[What to expect](06_is_my_number_right.ipynb#what-to-expect)"
GAP = "[How far is the ELBO from log p(x)?](06_is_my_number_right.ipynb#how-far-is-elbo-from-log-px)"
HEAD = "[The encoder](01_architecture.ipynb#the-encoder-μ-and-log-σ²)"
HOLES = "[The plane of z](05_training.ipynb#the-plane-of-z-deeper)"
HONEST = "[Comparing nats honestly](06_is_my_number_right.ipynb#comparing-nats-honestly)"
KL = "[The KL, line by line](04_elbo.ipynb#the-kl-line-by-line)"
LIKELIHOOD = "[Which likelihood?](05_training.ipynb#which-likelihood-deeper)"
LOOP = "[The whole VAE in 25 lines](05_training.ipynb#the-whole-vae-in-25-lines)"
MNIST = "[MNIST](06_is_my_number_right.ipynb#and-on-mnist)"
NEGATIVE = "[What may be negative](04_elbo.ipynb#what-may-be-negative-and-what-is-impossible)"
NO_TRAINING = "[Numbers that need no training](06_is_my_number_right.ipynb#numbers-that-need-no-training)"
PAPERS = "[What papers report](06_is_my_number_right.ipynb#what-papers-report-deeper)"
PATH = "[What sampling stops](03_reparameterization.ipynb#what-sampling-stops)"
PLATEAU = "[Train both networks](05_training.ipynb#train-both-networks)"
REDUCTIONS = "[When a reduction is a mean](05_training.ipynb#when-a-reduction-is-a-mean-deeper)"
RUN = "[How to run it](about.md#how-to-run-it)"
SUMS = "[Sums and means](04_elbo.ipynb#sums-and-means)"
THREE_FORCES = "[Three forces](01_architecture.ipynb#three-forces)"
SURGERY = "[What does z tell?](07_collapse.ipynb#surgery-what-does-z-tell)"
USED = "[Which latents are used?](06_is_my_number_right.ipynb#which-latents-are-used-deeper)"
WATER = "[The water level](07_collapse.ipynb#the-water-level)"
YARDSTICKS = "[Exact yardsticks](05_training.ipynb#is-the-number-right-exact-yardsticks-deeper)"

HEAVY = Cause(
    "not squared and beta > 1.5",
    "The KL weighs too much, so $z$ does not pay. A mean over $D$ pixels beside a KL summed over the latents is "
    r"$\beta = D$.",
    r"Sum over the pixels and over the latents, make both terms a mean over the batch, and set $\beta$ to 1.",
    REDUCTIONS,
)
SCALE = Cause(
    "x.abs().max() > 10 or x.max() < 0.1 or (not squared and x.min() < 0)",
    "The scale of the pixels: 0…255 or 0…16; or nearly black, divided by 255 twice, once by the loader (`ToTensor`) "
    "and once by you; or standardised, beside a cross-entropy.",
    "Scale them to $[0, 1]$, once, and look at `x.min()` and `x.max()`.",
    COLOUR,
)
TWICE = Cause(
    "twice",
    "A sigmoid too many: `model.decode` ends in one, and the loss, or `forward`, applies another. No pixel then comes "
    "below ½.",
    "Leave out the last `sigmoid`; with `binary_cross_entropy_with_logits`, `model.decode` gives logits.",
    "[The decoder](01_architecture.ipynb#the-decoder-one-probability-per-pixel)",
)
KEPT = Cause(
    "kept",
    "`optimizer.zero_grad()` is missing: the gradients of all steps add up, and each step goes in the old directions "
    "too. (No fault if you accumulate gradients on purpose.)",
    "In this order: `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`; from fresh weights.",
    LOOP,
)
LARGE_STEPS = Cause(
    "moved > 0.03",
    "The learning rate is too large: this is how far a weight moves in a single step.",
    "Adam with 1e-3, from fresh weights.",
    "[In the lab](05_training.ipynb#in-the-lab-deeper)",
)
COARSE = Cause(
    "squared and pays == 0",
    r"$\sigma_x$ is too large for these data: a squared error that is a mean over $D$ pixels says $\sigma_x^2 = "
    r"D/2$, one without a factor ½, beside the KL, says ½. No direction of the data varies more than that. Or your "
    r"$\sigma_x$ should learn, and stands still: the optimiser does not hold it.",
    r"Let $\sigma_x$ learn, as one of the optimiser's parameters. Or sum the squared error over the pixels and divide "
    r"it by $2\sigma_x^2$, with a $\sigma_x$ of 0.1 or 0.2 for pixels in $[0, 1]$; both terms a mean over the batch.",
    WATER,
)
CUT = Cause(
    "not z.requires_grad",
    "`sample` for `rsample`, or a `detach`: the reconstruction's gradient does not reach the encoder, only the KL's "
    "does. Or $z$ is made of zeros and ones, by `argmax`, `round` or `<`: such a $z$ has no slope.",
    r"Draw $z$ as `mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)`, with a gradient. For zeros and ones take one "
    r"of [three ways to guess the slope](08_discrete.ipynb#three-ways-to-guess-the-slope).",
    PATH,
)
DEAF = Cause(
    "reach == 0",
    "The decoder does not use $z$; or all its hidden units are off for good, a ReLU that gets negative numbers alone.",
    "Follow $z$ through `model.decode`. Where fresh weights answer otherwise, train anew with a smaller learning rate.",
    BEFORE,
)
OTHER_SPREAD = Cause(
    "not 0.9 < noise < 1.1",
    r"$z$ is drawn with another spread than the $\sigma$ of the KL: `exp(log_var)` for `exp(0.5 * log_var)`, or "
    r"$\Sigma^\top \varepsilon$.",
    "`mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)`.",
    "[L, not Σ](03_reparameterization.ipynb#l-not-σ)",
)
SIGN = Cause(
    "beta < 0",
    "A sign: the KL is subtracted, or $\\log p(x|z)$ is added.",
    "The loss is minus $\\log p(x|z)$, plus the KL.",
    "[Two terms, one loss](04_elbo.ipynb#two-terms-one-loss)",
)

SYMPTOMS = (
    Symptom(
        key="kl-zero",
        title="A KL of zero",
        also="posterior collapse, KL vanishing, KL collapse, KL is 0, latents ignored, dead latents, inactive units, "
        "discrete latents do not train, encoder gets no gradient, the decoder writes fine strings without z",
        sees="KL near 0, reconstructions alike",
        look=r"posterior collapse: $\beta$ or $\sigma_x$ too large, a mean over pixels, `sample` for `rsample`; in "
        "the first epochs the plateau: train on; an encoder that comes late",
        test="""
reach = (model.decode(z + 3) - x_hat).abs().max().item()  # by a step of z
print(f"{x.min()=:.3g} {x.max()=:.3g} {twice=} {kl=:.3f} {z.requires_grad=} {reach=:.2g}")
print(kl_weight)
""",
        causes=(
            SCALE,
            TWICE,
            Cause(
                "kl > 2",
                "The KL is not zero. What you print is divided by the batch, by the latents or by the pixels.",
                "Print it as a sum over the latents and a mean over the batch, in nats.",
                SUMS,
            ),
            CUT,
            DEAF,
            HEAVY,
            COARSE,
            Cause(
                "",
                "If the loss stands still too, see [A loss that does not move](#a-loss-that-does-not-move). "
                "In the first epochs this is the plateau: the decoder learns the average picture before it uses $z$. "
                "To the end, it may be a decoder that is strong enough alone, as one that sees the words of a "
                "sequence before it guesses the next; or, in a run that is too short or too fast, an encoder that "
                "[comes late](10_strings.ipynb#dose-and-response).",
                "Train on. An encoder that comes late: a smaller learning rate for longer, several steps for each of "
                r"the decoder, or one that learns quickly. Where the decoder is strong, raise $\beta$ from 0 to 1 over "
                "the first epochs, or weaken it ([Bowman et al. 2016](https://arxiv.org/abs/1511.06349); the last is "
                "not tested here).",
                PLATEAU,
            ),
        ),
    ),
    Symptom(
        key="same-picture",
        title="The same picture every time",
        also="all reconstructions alike, same image, identical outputs, average digit, mean image, mode collapse, "
        "same picture for each label (CVAE), grey blob, all grey, all 0.5, decoder output does not change",
        sees="all reconstructions alike",
        look="as for a KL near 0; a decoder without $z$; pixels scaled twice",
        test="""
reach = (model.decode(z + 3) - x_hat).abs().max().item()  # by a step of z
spread = (picture.var(0).sum() / x.var(0).sum()).item()  # 0: all alike
print(f"{x.min()=:.3g} {x.max()=:.3g} {twice=} {spread=:.2f} {z.requires_grad=} {reach=:.2g}")
print(f"{kl=:.3f}", kl_weight)
""",
        causes=(
            SCALE,
            TWICE,
            Cause(
                "spread > 0.1 and kl > 0.1",
                "The reconstructions differ. If your *samples* look alike, see [Good reconstructions, bad "
                "samples](#good-reconstructions-bad-samples).",
                "Look at the reconstructions of several different images, at `mu`.",
                DRAWS,
            ),
            CUT,
            DEAF,
            HEAVY,
            COARSE,
            Cause(
                "",
                "If the loss stands still too, see [A loss that does not move](#a-loss-that-does-not-move). "
                "Else nothing yet: this is the plateau of the first epochs. Or a decoder that is strong enough without "
                "$z$.",
                "Train on, and watch the KL: it falls first, and rises when $z$ comes into use. See [A KL of "
                "zero](#a-kl-of-zero).",
                PLATEAU,
            ),
        ),
    ),
    Symptom(
        key="blurry",
        title="Blurry pictures",
        also="blurred, blur, fuzzy, smeared, washed out, soft edges, not sharp, low detail, grey",
        sees="blurred pictures",
        look=r"the mean of several $x$; more latents, a smaller $\sigma_x$ or $\beta$ can help",
        test="""
used = (each_kl.mean(0) > 0.1).sum().item()  # latents of a tenth of a nat or more
print(f"{x.min()=:.3g} {x.max()=:.3g} {twice=} {used=} of {d}")
print(kl_weight)
""",
        causes=(
            SCALE,
            TWICE,
            Cause(
                "used == 0",
                "No latent is in use: the picture is the average of all.",
                "See [A KL of zero](#a-kl-of-zero).",
                USED,
            ),
            HEAVY,
            Cause(
                "squared and pays < d",
                r"$\sigma_x$ is so large that some latents do not pay: what varies less than $\beta\sigma_x^2$ is "
                "taken for noise, and left out.",
                r"Let $\sigma_x$ learn, or make it smaller.",
                WATER,
            ),
            Cause(
                "used == d",
                "Every latent is in use: there may be too few of them.",
                "Double the number of latents, until some stay unused.",
                USED,
            ),
            Cause(
                "",
                "No fault. The picture is the *mean* of $p(x|z)$, and one $z$ stands for several $x$: where they "
                "differ, their mean is grey.",
                "Look at draws beside the means. A longer training and larger or convolutional networks may sharpen "
                "them (not tested here).",
                DRAWS,
            ),
        ),
    ),
    Symptom(
        key="bad-samples",
        title="Good reconstructions, bad samples",
        also="generated images bad, samples do not look like digits, cannot generate, interpolation bad, holes in "
        "the latent space, z out of distribution, batch norm",
        sees="good reconstructions, bad samples",
        look=r"KL under-weighted: a mean over latents, $\beta < 1$; no noise in $z$; a $z$ in a hole, where no digit "
        "lies",
        test="""
z_new = torch.randn_like(mu)  # as your own code draws new z
width = z_new.pow(2).mean().item()  # under the prior 1
codes = z.pow(2).mean().item()
mode = model.training
in_train = error(pixels(model.train().decode(model.encode(x)[0])))
in_eval = error(pixels(model.eval().decode(model.encode(x)[0])))
model.train(mode)
print(f"{noise=:.2g} {width=:.2g} {in_eval / in_train=:.2f}")
print(f"{codes=:.2f} {beta=:.2g} {least=:.2g}")
""",
        causes=(
            Cause(
                "noise == 0",
                r"$z$ is $\mu$, without noise: an autoencoder. Its decoder has seen single points, and nothing "
                "between them.",
                "Draw $z$ in training: `mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)`.",
                THREE_FORCES,
            ),
            OTHER_SPREAD,
            Cause(
                "not 0.7 < width < 1.4",
                "The new $z$ are not from the prior: `torch.rand` for `torch.randn`, or a grid that is too wide.",
                "`torch.randn(16, d)`.",
                "[A new digit](01_architecture.ipynb#a-new-digit)",
            ),
            Cause(
                "in_eval / in_train > 1.1",
                "In eval mode the model is another one: the averages that batch norm keeps do not fit these images.",
                "Run all training images through the model once in train mode, without a step; or leave batch norm "
                "out.",
                EXAMINED,
            ),
            Cause(
                "codes > 1.4 or beta < least",
                "The KL weighs too little, so the codes lie farther out than the prior. A mean over $d$ latents is "
                r"$\beta = 1/d$; a sum of squares of pixels in 0…255, or a $\sigma_x$ far below the error of a pixel, "
                "does the same.",
                r"Sum the KL over the latents, with $\beta = 1$, and pixels on a scale of 1; let $\sigma_x$ learn.",
                REDUCTIONS,
            ),
            Cause(
                "",
                "No fault: some new $z$ fall where few training images have theirs, and there the decoder draws a "
                "mixture. (With a squared error, ask `diagnose_loss` first.)",
                "Train longer, or take fewer latents (not tested here). `checkup` says how far the codes as a whole "
                "are from the prior.",
                SURGERY,
            ),
        ),
    ),
    Symptom(
        key="noise",
        title="Samples that are noise",
        also="noise, noisy samples, snow, static, random pixels, garbage, speckled, salt and pepper, black square",
        sees="samples that are noise",
        look="draws of single pixels: show means; a $z$ not from the prior; dropout left on",
        test="""
z_new = torch.randn_like(mu)  # as your own code draws new z
shown = pixels(model.decode(z_new)).detach()  # what you look at
again = (model.decode(z_new) - model.decode(z_new)).abs().max().item()
kinds, width = len(shown.unique()), z_new.pow(2).mean().item()
print(f"{kinds=} {shown.min()=:.2g} {again=:.2g} {width=:.2g} {shown.std()=:.2g}")
""",
        causes=(
            Cause(
                "kinds == 2",
                "No fault: these are draws of $p(x|z)$, in which each pixel is drawn on its own.",
                "Show the mean, `pixels(model.decode(z_new))`.",
                DRAWS,
            ),
            Cause(
                "not squared and shown.min() < 0",
                "You look at logits.",
                "`torch.sigmoid` before you draw the picture.",
                "[The decoder](01_architecture.ipynb#the-decoder-one-probability-per-pixel)",
            ),
            Cause("again > 0", "Dropout is still on.", "`model.eval()` before you sample.", EXAMINED),
            Cause(
                "not 0.7 < width < 1.4",
                "The new $z$ are not from the prior: `torch.rand`, or a factor too many.",
                "`torch.randn(16, d)`.",
                "[A new digit](01_architecture.ipynb#a-new-digit)",
            ),
            Cause(
                "shown.std() < 0.1",
                "The decoder is untrained: weights that were never loaded, or a second model.",
                "Load the weights, and sample from the model that you trained.",
                "[Keep what you trained](05_training.ipynb#keep-what-you-trained-deeper)",
            ),
            Cause(
                "",
                "The drawing is in order: it is the model. Its codes may not lie where you draw.",
                "See [Good reconstructions, bad samples](#good-reconstructions-bad-samples).",
                HOLES,
            ),
        ),
    ),
    Symptom(
        key="stuck",
        title="A loss of 0.69, 44, 164 or 543",
        also="stuck at 0.69, 0.693, 0.6931, log 2, stuck at 44.36, stuck at 164, stuck at 543, 549, 206, 0.26, 25, "
        "0.067, loss stuck",
        sees="loss near 0.69, 44 or 543",
        look=r"$\log 2$ a pixel (0.69: their mean), untrained; if it stays, a sigmoid too many",
        test="""
printed = ...  # fill in the number that you see
coins = D * math.log(2)
p = x_train.flatten(1).mean(0).clamp(1e-3, 1 - 1e-3)
entropy = -(p * p.log() + (1 - p) * (1 - p).log()).sum().item()
alone = error(x.mean(0).expand_as(x)) if squared else entropy
ways = (1, D, 1 / 2, D / 2) if squared else (1, D)  # sums, means, a factor ½
near = lambda value: any(abs(printed * way / value - 1) < 0.06 for way in ways)
print(f"{twice=} {near(coins)=} {near(alone)=} {an_image=:.3g}")
""",
        causes=(
            TWICE._replace(
                cause=TWICE.cause + " On MNIST the loss stays at 543.4, which is 784 $\\log 2$ (a run of ours; no test "
                "repeats it)."
            ),
            Cause(
                "not squared and near(coins)",
                r"$\log 2$ a pixel, a fair coin for each: 0.69 as a mean over the pixels, 44.4 for 64 of them, 543.4 "
                "for 784. The network is untrained.",
                "At the start it is right. If it stays, see [A loss that does not move](#a-loss-that-does-not-move).",
                BEFORE,
            ),
            Cause(
                "near(alone)",
                "What a model without $z$ reaches: one number for each pixel. With a cross-entropy 25 on this book's "
                "digits and 206 (0.26 a pixel) on MNIST; with a squared error the sum of the pixels' variances: 4.7 "
                "on the digits over 16, 52.7 (0.067 a pixel) on MNIST over 255 (the last two: no test repeats them).",
                "In the first epochs it is the plateau. If it stays, see [A KL of zero](#a-kl-of-zero).",
                PLATEAU,
            ),
            Cause(
                "printed > 1.1 * an_image",
                "The mean over an epoch, taken while the weights moved. **164** is what the VAE of pytorch/examples "
                "prints after its first epoch, on grey MNIST; its test images then give 127 (three runs of ours; no "
                "test repeats them).",
                "Nothing to mend: train on, and compare what you measure *after* each epoch.",
                MNIST,
            ),
            Cause(
                "",
                "No number that we know.",
                "Compare it with what to expect.",
                EXPECT,
            ),
        ),
    ),
    Symptom(
        key="does-not-move",
        title="A loss that does not move",
        also="loss stuck, loss not decreasing, loss constant, loss flat, not learning, no gradient, grad is None, "
        "plateau",
        sees="loss does not move",
        look="`optimizer.step` is missing, or the optimiser holds other parameters",
        test="""
params = list(model.parameters())
held = {id(p) for group in optimizer.param_groups for p in group["params"]}
owned = sum(id(p) in held for p in params) / len(params)
slope, *slopes = torch.autograd.grad(J, [x_hat, *params], materialize_grads=True)
asked = sum(bool(s.any()) for s in slopes) / len(params)  # have a gradient
"""
        + A_STEP
        + """
print(f"{owned=:.2f} {slope.any()=} {asked=:.2f} {twice=} {kept=} {moved=:.1e}")
""".lstrip(),
        causes=(
            Cause(
                "owned < 1",
                "The optimiser holds other parameters: it was made before the model was made anew, or of one network "
                "only.",
                "Make it last: `torch.optim.Adam(model.parameters(), lr=1e-3)`.",
                LOOP,
            ),
            Cause(
                "not slope.any()",
                "No gradient comes back from the pictures: they are rounded, thresholded or detached before the loss.",
                "Give the loss the logits, and round only what you look at.",
                BEFORE,
            ),
            Cause(
                "asked < 0.5",
                "All weights start at zero: of all parameters only the decoder's last bias then has a gradient.",
                "Leave torch's own initial weights.",
                BEFORE,
            ),
            TWICE,
            KEPT,
            Cause(
                "moved == 0",
                "No step arrives: `optimizer.step()` is missing, or `optimizer.zero_grad()` stands between it and "
                "`loss.backward()`.",
                "In this order: `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`.",
                LOOP,
            ),
            Cause(
                "moved < 1e-5",
                "The learning rate is too small: this is the farthest that a weight moves in a step.",
                "Adam with 1e-3.",
                BEFORE,
            ),
            LARGE_STEPS,
            Cause(
                "",
                "The steps arrive. A loss that rests at the independent pixels' number is on the plateau, or has "
                "collapsed.",
                "See [A loss of 0.69, 44, 164 or 543](#a-loss-of-069-44-164-or-543) and [A KL of zero](#a-kl-of-zero).",
                PLATEAU,
            ),
        ),
    ),
    Symptom(
        key="jumps",
        title="A loss that jumps or rises",
        also="training loss goes up, loss increases, diverges, oscillates, zigzag, spikes, unstable, huge and then "
        "falls, exploding loss, gradients accumulate, zero_grad, accumulation",
        sees="loss jumps, rises",
        look="no `zero_grad`; a high learning rate",
        test="""
params = list(model.parameters())
"""
        + A_STEP
        + """
print(f"{x.min()=:.3g} {x.max()=:.3g} {kept=} {moved=:.1e}")
""".lstrip(),
        causes=(
            SCALE,
            KEPT,
            LARGE_STEPS,
            Cause(
                "",
                "No fault: one batch costs more than the next, by a tenth here. A loss whose KL gains weight from "
                "epoch to epoch (a warm-up) rises too (not tested here).",
                "Print the mean over an epoch. Does only the *test* loss rise? See [A test loss that "
                "rises](#a-test-loss-that-rises).",
                LOOP,
            ),
        ),
    ),
    Symptom(
        key="thousands",
        title="A loss in the thousands",
        also="huge loss, loss too large, loss 2850, loss 2900, loss 70000, sum over the batch, reduction sum",
        sees="loss in the thousands",
        look="a *sum* over the batch: divide; pixels 0…255",
        test="""
coins = D * math.log(2)  # what an image costs at the start
print(f"{x.abs().max()=:.3g} {an_image=:.3g} {coins=:.3g} {times=:.2f}")
""",
        causes=(
            Cause(
                "x.abs().max() > 10",
                "The pixels are 0…255 or 0…16: a squared error of one pixel is up to 65,025, or 256.",
                "`x / 255`, once.",
                COLOUR,
            ),
            Cause(
                "not squared and an_image > 1.2 * coins",
                "An image costs more than an untrained network pays, $D \\log 2$: the weights have run away. (Where "
                "your loss is a sum over the batch, `an_image` is a share of it.)",
                "See [A loss that jumps or rises](#a-loss-that-jumps-or-rises).",
                NO_TRAINING,
            ),
            Cause(
                "times > 1.5",
                "A sum over the batch: 64 of our digits, untrained, are 2800 to 2950, and 128 of MNIST's images "
                "70,000.",
                "Divide by the batch's length before you compare. As a loss it is right; with SGD, not with Adam, "
                "the learning rate changes too.",
                SUMS,
            ),
            Cause(
                "",
                r"No fault: a large image. An untrained network pays $D \log 2$ nats, for RGB pictures of 3·64·64 "
                "values 8517.",
                "Compare with $D \\log 2$ and with independent pixels.",
                NO_TRAINING,
            ),
        ),
    ),
    Symptom(
        key="negative",
        title="A loss that is negative and falls",
        also="negative loss, loss below zero, loss goes to minus infinity, negative ELBO, positive log-likelihood, "
        "negative KL",
        sees="$J$ negative and falling",
        look="allowed for densities; for Bernoulli pixels a sign, or pixels outside $[0, 1]$",
        test="""
far = costs(good, mean=3)  # the KL twice far from 0
narrow = my_loss(enters(good), x, off, off - 9).mean()
print(f"{x.min()=:.3g} {x.max()=:.3g} {right=:.4g} {wrong=:.4g}")
print(f"{far=:.4g} {narrow=:.4g}")
""",
        causes=(
            Cause(
                "not squared and (x.min() < 0 or x.max() > 1)",
                "A cross-entropy on pixels outside $[0, 1]$ (standardised, 0…16, 0…255) has no lowest value: a surer "
                "network pays less than nothing.",
                "Scale the pixels to $[0, 1]$, once; `Normalize` does not go with a cross-entropy.",
                LIKELIHOOD,
            ),
            Cause(
                "wrong < right",
                r"The sign of the reconstruction: the wrong picture costs less than the right one. $\log p(x|z)$ is "
                "added where it should be subtracted.",
                "The loss is minus $\\log p(x|z)$, plus the KL.",
                "[Two terms, one loss](04_elbo.ipynb#two-terms-one-loss)",
            ),
            Cause(
                "min(far, narrow) < right",
                "A sign in the KL, which is never below 0: the whole KL subtracted, or the sign of one of its terms.",
                r"$\tfrac12 (\mu^2 + \sigma^2 - 1 - \log \sigma^2)$, added; hold it against torch's `kl_divergence`.",
                KL,
            ),
            Cause(
                "",
                "Allowed: the loss is minus the logarithm of a density, and a density may exceed 1. With a "
                r"$\sigma_x$ that learns it falls as long as $\sigma_x$ shrinks.",
                r"Nothing to mend, unless $\sigma_x$ goes to 0, as pixels that never change may ask of it: then give "
                "it a floor (not tested here).",
                NEGATIVE,
            ),
        ),
    ),
    Symptom(
        key="nan",
        title="NaN after some steps",
        also="nan, loss nan, inf, loss is not a number, exploding gradients, overflow, logvar explodes, softplus, "
        "log of zero",
        sees="NaN",
        look=r"unscaled pixels; $\log \sigma^2$ unbounded at a high learning rate; `log` of a sigmoid: use logits",
        test="""
# First make model and optimizer anew, and run the names again.
sure = my_loss(x_hat.sign() * 200 if logits else x_hat.round(), x, mu, log_var)
lowest, highest = log_var.min().item(), 0.0
for _ in range(300):
    highest = max(highest, model.encode(x)[1].max().item())
    try:
        if not math.isfinite(train_step(x)):
            break
    except RuntimeError:  # as binary_cross_entropy, of NaN
        break
print(f"{x.abs().max()=:.3g} {lowest=:.3g} {sure.mean()=:.3g} {highest=:.3g}")
""",
        causes=(
            Cause(
                "not x.isfinite().all()",
                "The data hold NaN: a division by the standard deviation of a pixel that never changes is 0/0.",
                "`x / 255` in place of standardising; or divide by 1 where the deviation is 0.",
                COLOUR,
            ),
            Cause(
                "x.abs().max() > 10 or (not squared and (x.min() < 0 or x.max() > 1))",
                "The scale of the pixels. On 0…255 squared errors and gradients are huge; outside $[0, 1]$, "
                "standardised too, a cross-entropy has no lowest value, and the weights run after it.",
                "Scale the pixels to $[0, 1]$, once.",
                LIKELIHOOD,
            ),
            Cause(
                "lowest < -80",
                "The encoder's $\\sigma$ can be 0, as after a ReLU, and $\\log 0$ is $-\\infty$.",
                r"Let the network put out $\log \sigma^2$, with no activation after its last layer; or $\sigma$ as "
                "`softplus(…) + 1e-6`.",
                HEAD,
            ),
            Cause(
                "not sure.mean().isfinite()",
                "The logarithm of a sigmoid: where the network is sure, the sigmoid rounds to 0 or 1, and 0 · log 0 "
                "is NaN.",
                "`binary_cross_entropy_with_logits` of the logits.",
                "[The reconstruction term](04_elbo.ipynb#the-reconstruction-term-is-a-log-likelihood)",
            ),
            Cause(
                "highest > 20",
                "$\\log \\sigma^2$ (logvar) ran away: its exponential overflows at 89. The steps are too large.",
                "A learning rate ten times smaller; or clip the norm of the gradient (not tested here).",
                "[In the lab](05_training.ipynb#in-the-lab-deeper)",
            ),
            Cause(
                "",
                "None of these.",
                "`torch.autograd.set_detect_anomaly(True)` names the line; look there for a `log`, a `sqrt` or a "
                "division at 0.",
                BEFORE,
            ),
        ),
    ),
    Symptom(
        key="kl-explodes",
        title="A KL that explodes",
        also="KL explodes, KL too large, KL increasing, KL rises, KL in the hundreds, KL diverges, kld huge",
        sees="KL explodes",
        look="under-weighted, or its sign; unscaled pixels; a high learning rate",
        test="""
widest = max(mu.abs().max().item(), log_var.abs().max().item())
print(f"{x.abs().max()=:.3g} {beta=:.2g} {least=:.2g} {widest=:.3g} {kl=:.1f}")
""",
        causes=(
            Cause(
                "x.abs().max() > 10",
                "The pixels are 0…255 or 0…16: a squared error in these units is worth many nats.",
                "`x / 255`, once, or a $\\sigma_x$ in the same units.",
                LIKELIHOOD,
            ),
            SIGN,
            Cause(
                "widest > 20",
                "$\\mu$ or $\\log \\sigma^2$ ran away: the steps are too large.",
                "A learning rate ten times smaller, from fresh weights.",
                "[In the lab](05_training.ipynb#in-the-lab-deeper)",
            ),
            Cause(
                "beta < least",
                "The KL weighs too little, so codes are cheap: a mean over $d$ latents is $\\beta = 1/d$; with a "
                r"squared error a $\sigma_x$ far below the error of a pixel does the same.",
                r"Sum it over the latents, with $\beta = 1$; let $\sigma_x$ learn.",
                REDUCTIONS,
            ),
            Cause(
                "",
                "No fault: a KL that rises after the first epochs is $z$ coming into use. With 8 latents it comes to "
                "about 6 nats on this book's digits, with 20 to 27 or 31 on MNIST. (With a squared error, ask "
                "`diagnose_loss` first.)",
                "Watch the sum of both terms, not the KL alone.",
                PLATEAU,
            ),
        ),
    ),
    Symptom(
        key="too-good",
        title="A loss that is too good",
        also="loss too low, loss near zero, ELBO above the log-likelihood, better than the paper, too good to be true",
        sees=r"mean ELBO above $\log p(x)$",
        look=r"impossible: $z = \mu$ in place of a draw, $\Sigma^\top \varepsilon$, a mean over latents",
        test="""
print(f"{noise=:.2g} {beta=:.2g} {share=:.2f}")
""",
        causes=(
            SIGN,
            Cause(
                "noise == 0",
                r"$z$ is $\mu$, not a draw: the decoder is spared the noise that the KL allows for. That is no bound "
                r"on $\log p(x)$.",
                "Draw $z$, when you test too.",
                YARDSTICKS,
            ),
            OTHER_SPREAD,
            Cause(
                "share > 2",
                "The reconstruction is a mean over the pixels: nats a pixel, not an image.",
                "Sum it over the pixels.",
                SUMS,
            ),
            Cause(
                "beta < 0.7 and not squared",
                "The KL is a mean over the latents, or $\\beta < 1$: a part of the price is left out.",
                "Sum it over the latents, and report with $\\beta = 1$.",
                REDUCTIONS,
            ),
            Cause(
                "",
                "Other data, perhaps: images that are mostly black cost less, and a density is no probability. Of a "
                "squared error this test sees neither the constant nor $\\beta$ apart from $\\sigma_x$: ask "
                "`diagnose_loss`.",
                "Compare with independent pixels on the same images.",
                HONEST,
            ),
        ),
    ),
    Symptom(
        key="values-error",
        title="An error about values between 0 and 1",
        also="expected pixels that are 0 or 1, all elements of input should be between 0 and 1, all elements of target "
        "should be between 0 and 1, support Boolean, "
        "device-side assert, using a target size that is different to the input size, shapes, broadcasting",
        sees="*expected pixels that are 0 or 1*",
        look="grey pixels before a Bernoulli: threshold them, or choose a likelihood that has grey",
        test="""
# Do your names stop with this error? Go on: this test needs only x and x_hat.
grey = bool(((x > 0) & (x < 1)).any())
print(f"{x_hat.shape=} {x.shape=}")
print(f"{x_hat.isnan().any()=} {x.min()=:.3g} {x.max()=:.3g} {grey=}")
print(f"{x_hat.min()=:.3g} {x_hat.max()=:.3g}")
""",
        causes=(
            Cause(
                "x_hat.shape != x.shape",
                "The shapes differ. Where torch broadcasts them (`x_hat` `[B, 1, 8, 8]`, `x` `[B, 8, 8]`), the loss "
                "compares each picture with every image, and the best picture is the average.",
                "One shape for both: `x.unsqueeze(1)` where the channel is missing, or `flatten(1)` of both.",
                COLOUR,
            ),
            Cause(
                "x_hat.isnan().any()",
                "The network puts out NaN, which lies between no two numbers.",
                "See [NaN after some steps](#nan-after-some-steps).",
                BEFORE,
            ),
            Cause(
                "x.min() < 0 or x.max() > 1",
                "The pixels are standardised, 0…16 or 0…255.",
                "Scale them to $[0, 1]$, once.",
                LIKELIHOOD,
            ),
            Cause(
                "grey",
                "Grey pixels: a Bernoulli gives them no probability. torch's cross-entropy takes them, but what "
                "comes out is no log-probability.",
                "Threshold them, draw them black by chance (`binarize`), or choose a likelihood that has grey.",
                LIKELIHOOD,
            ),
            Cause(
                "x_hat.min() < 0 or x_hat.max() > 1",
                "`binary_cross_entropy` was given logits.",
                "`binary_cross_entropy_with_logits`.",
                "[The reconstruction term](04_elbo.ipynb#the-reconstruction-term-is-a-log-likelihood)",
            ),
            Cause(
                "",
                "Pixels and network are as they should be.",
                "Read which argument the error names, and look at the batch at which it came.",
                LIKELIHOOD,
            ),
        ),
    ),
    Symptom(
        key="test-loss",
        title="A test loss that rises",
        also="overfitting, over-fitting, validation loss rises, train loss falls, generalisation gap",
        sees="test loss rises",
        look="over-fitting: fewer epochs, smaller networks, more data",
        test="""
shift = (abs(x_test.mean() - x_train.mean()) / x_train.std()).item()
mode, scores = model.training, []
model.eval()
for images in (x_train[:256], x_test[:256]):
    m, s = model.encode(images)
    images_hat = model.decode(model.reparameterize(m, s))
    scores.append(my_loss(images_hat, images, m, s).mean().item())
model.train(mode)
print(f"{shift=:.2f} {scores=}")
""",
        causes=(
            Cause(
                "shift > 0.2",
                "The test images are prepared otherwise: another scale, another threshold.",
                "One function for both.",
                HONEST,
            ),
            Cause(
                "scores[1] - scores[0] > 0.2 * abs(scores[0])",
                "Over-fitting: the networks know the training images.",
                "Fewer epochs, smaller networks, more images. `checkup` tells whether encoder or decoder has learned "
                "by heart.",
                "[Two reasons for the gap](06_is_my_number_right.ipynb#two-reasons-for-the-gap-deeper)",
            ),
            Cause(
                "",
                "On the same footing, in eval mode and after the epoch, both are alike: what you compared was a mean "
                "over the epoch, or had dropout in it.",
                "Score both as this test does.",
                EXPECT,
            ),
        ),
    ),
    Symptom(
        key="worse-than-pca",
        title="Worse than PCA",
        also="PCA is better, worse than a linear model, reconstruction error higher than PCA",
        sees="worse than PCA",
        look=r"draws compared with means; $\sigma_x$ too large; unused latents",
        test="""
pca = lambdas[d:].sum().item()  # the squared error that d components leave
at_mu = (pixels(model.decode(mu)) - x).pow(2).sum().item() / len(x)
at_z = (picture - x).pow(2).sum().item() / len(x)
used = (each_kl.mean(0) > 0.1).sum().item()
print(f"{pca=:.3g} {at_mu=:.3g} {at_z=:.3g} {used=} of {d}")
print(kl_weight)
""",
        causes=(
            Cause(
                "at_mu < pca",
                r"At $z = \mu$ yours is the better one. PCA's picture is a mean; do not compare it with one at a "
                "drawn $z$.",
                "Compare at $z = \\mu$; and compare the ELBO with $\\log p(x)$ of probabilistic PCA.",
                YARDSTICKS,
            ),
            Cause(
                "squared and pays < d",
                "$\\sigma_x$ is too large: PCA keeps $d$ directions, and your loss says that so many do not pay.",
                "Let $\\sigma_x$ learn.",
                WATER,
            ),
            HEAVY,
            Cause(
                "not squared",
                "No fault by itself. PCA minimises the squared error, and its codes cost nothing; your model "
                "minimises a cross-entropy, and pays a KL for its codes.",
                "Compare two probabilistic models on the same data, in nats.",
                YARDSTICKS,
            ),
            Cause(
                "used < d",
                "Latents are unused, though they would pay.",
                "See [A KL of zero](#a-kl-of-zero).",
                USED,
            ),
            Cause(
                "",
                "All latents are in use, and the networks have not yet learned what a straight line can.",
                "Train longer, or take wider networks: linear ones reach PCA exactly.",
                "[Where the bound is tight](04_elbo.ipynb#where-the-bound-is-tight-deeper)",
            ),
        ),
    ),
    Symptom(
        key="another-number",
        title="Another number than the paper's",
        also="cannot reproduce the paper, different from the paper, bits per dimension, NLL, benchmark, "
        "log-likelihood on MNIST",
        sees="another number than the paper's",
        look=r"$-\mathrm{ELBO}$ against $-\log p(x)$, the binarisation, $K$, the test images; bits a pixel; a constant",
        test="""
from vae_lib.adapter import adapt
from vae_lib.distributions import bernoulli
from vae_lib.objectives import importance_weighted_bound

mine, paper = ..., ...  # fill in the two numbers
times, a_pixel = mine / paper, abs(mine - paper) / D
grey, closes = bool(((x > 0) & (x < 1)).any()), 0.0
if not (grey or squared):  # the share of the difference that 100 weights close
    vae = adapt(model, bernoulli, x)
    bound = importance_weighted_bound(vae, x, num_samples=100)
    closes = (J + bound.mean()).item() / (mine - paper)
print(f"{times=:.3g} {a_pixel=:.3f} {grey=} {closes=:.2f}")
""",
        causes=(
            Cause(
                "abs(times / batch_size - 1) < 0.25",
                "Yours is a sum over the batch.",
                "Divide by the batch's length.",
                SUMS,
            ),
            Cause(
                "abs(times * D - 1) < 0.25",
                "Yours is a mean over the pixels.",
                "Sum over the pixels.",
                SUMS,
            ),
            Cause(
                "abs(times / (D * math.log(2)) - 1) < 0.25",
                "The paper reports bits a dimension, you nats an image.",
                "Divide by $D \\log 2$.",
                HONEST,
            ),
            Cause(
                "abs(a_pixel - 0.919) < 0.03",
                "One of the two leaves out the Gaussian's constant, $\\tfrac12 \\log 2\\pi$ a pixel.",
                "Add $\\tfrac D2 \\log 2\\pi\\sigma_x^2$ to a squared error divided by $2\\sigma_x^2$.",
                "[From any loss to nats](06_is_my_number_right.ipynb#from-any-loss-to-nats-deeper)",
            ),
            Cause(
                "abs(a_pixel - math.log(255)) < 0.1",
                "Two scales of pixels: the density of $x/255$ is 255 times that of $x$, $\\log 255$ nats a pixel.",
                "Say on which scale, and add $D \\log 255$.",
                HONEST,
            ),
            Cause(
                "grey and not squared",
                "Your pixels are grey, those of most papers on binary MNIST are black and white: no number of one "
                "can be compared with one of the other.",
                "Binarise as the paper does.",
                LIKELIHOOD,
            ),
            Cause(
                "closes > 0.5",
                "The paper reports $-\\log p(x)$, estimated with many weights, you $-\\mathrm{ELBO}$.",
                "Report $-L_K$ with its $K$, as the paper does. Are your latents the steps of a series? Then a "
                "[$q$ that knows its neighbours](09_chains.ipynb#a-q-that-knows-its-neighbours) lies nearer.",
                GAP,
            ),
            Cause(
                "",
                "None of these. The data then: black from 128, or by chance? The same network reports 82 for the one "
                "and 97 for the other on MNIST. Then test against training images, the split, the network, the "
                "epochs.",
                "Ask for the paper's data first.",
                PAPERS,
            ),
        ),
    ),
    Symptom(
        key="slow",
        title="Slower than it should be",
        also="slow training, takes forever, one epoch takes minutes, GPU not used, GPU utilisation low, num_workers, "
        "threads",
        sees="slower than it should be",
        look="threads that wait for each other; a loader that decodes each image anew; float64",
        test="""
def seconds(act):
    start = time.perf_counter()
    return [act() for _ in range(10)] and (time.perf_counter() - start) / 10


batches = iter(train_loader)  # of your loader; without one: load = 0
load, step = seconds(lambda: next(batches)), seconds(lambda: train_step(x))
torch.set_num_threads(1)
one_thread, batch = seconds(lambda: train_step(x)), len(next(batches)[0])
weight = next(model.parameters())
idle = weight.device.type == "cpu" and torch.cuda.is_available()
print(f"{weight.dtype=} {load=:.4f} {step=:.4f} {one_thread=:.4f}")
print(f"{batch=} {idle=}")
""",
        causes=(
            Cause(
                "weight.dtype == torch.float64",
                "The weights are float64, from numpy's arrays or `.double()`.",
                "`model.float()`, `x_train.float()`.",
                LOOP,
            ),
            Cause(
                "load > step",
                "The loader takes longer than the step: it decodes and transforms each image anew, in every epoch.",
                "Keep the images in one tensor, and cut batches from a permutation, as `train` of chapter 5 does.",
                LOOP,
            ),
            Cause(
                "one_thread < 0.7 * step",
                "torch's threads wait for each other; for networks of this size one is faster.",
                "`torch.set_num_threads(1)`, first of all.",
                LOOP,
            ),
            Cause(
                "batch < 16",
                "With batches this small a step is mostly overhead (not tested here).",
                "64 or 128 images a batch.",
                LOOP,
            ),
            Cause(
                "idle",
                "There is a GPU, and the model is on the CPU. (Networks as small as this book's gain little from "
                "one; not tested here.)",
                '`model.to("cuda")`, and the data too, once, before the loop.',
                "[The library's loop](05_training.ipynb#the-librarys-loop-deeper)",
            ),
            Cause(
                "",
                "The steps are as fast as this machine makes them. An epoch takes `step` times the number of batches.",
                "Fewer epochs, smaller networks; and no exact $\\log p(x)$ inside the loop.",
                LOOP,
            ),
        ),
    ),
    Symptom(
        key="colab",
        title="It does not run on Colab",
        also="colab, google colab, ModuleNotFoundError, No module named vae_lib, NameError, runtime disconnected, "
        "CUDA error, pip install",
        sees="it does not run on Colab",
        look="the first cell installs `vae_lib`; after a restart run all cells again",
        test="""
import importlib.util, sys, torch  # this test needs none of the names above

old, missing = sys.version_info < (3, 11), not importlib.util.find_spec("vae_lib")
lost = [name for name in ("model", "x_train", "my_loss") if name not in globals()]
used = [] if lost else [next(model.parameters()), x_train]
devices = {str(each.device) for each in used}
print(f"{old=} {missing=} {lost=} {devices=} {torch.cuda.is_available()=}")
""",
        causes=(
            Cause(
                "old",
                "Python is too old for `vae_lib`, which needs 3.11.",
                "On Colab: Runtime, Disconnect and delete runtime; a new one has a newer Python.",
                RUN,
            ),
            Cause(
                "missing",
                "`vae_lib` is not installed here: the chapter's first cell does that, once a runtime, with a network.",
                "Run the first cell, and wait until it ends.",
                RUN,
            ),
            Cause(
                "lost",
                "These names are not there: the runtime was restarted, or cells were left out.",
                "Runtime, Run all.",
                RUN,
            ),
            Cause(
                "len(devices) > 1",
                "Model and data lie on different devices.",
                "`x_train = x_train.to(next(model.parameters()).device)`.",
                COLOUR,
            ),
            Cause(
                "",
                "Library, names and devices are there. `.cuda()` fails where the runtime has no GPU; every chapter "
                "runs without one.",
                'Runtime, Change runtime type; or `device = "cuda" if torch.cuda.is_available() else "cpu"`.',
                RUN,
            ),
        ),
    ),
)

# A check-up's finding → the symptom that tells its causes apart.
OF_FINDINGS = {
    "off_support": "values-error",
    "not_finite": "nan",
    "changes": "noise",
    "kl_negative": "negative",
    "elbo_above_evidence": "too-good",
    "collapsed": "kl-zero",
    "ignores_z": "same-picture",
    "far_from_prior": "bad-samples",
    "residuals": "blurry",
    "batch_norm": "bad-samples",
    "apart_encoder": "test-loss",
    "apart_decoder": "test-loss",
    "unsettled": "another-number",
    "fixed_noise": "blurry",
}


def symptom(key: str) -> Symptom:
    """The row of this key. Raises KeyError for another."""
    return {row.key: row for row in SYMPTOMS}[key]


def address(row: Symptom) -> str:
    """The row's place on the page *I see…*, relative to the pages of the book: `i_see.html#a-kl-of-zero`."""
    anchor = re.sub(r"[^\w -]", "", row.title.lower()).replace(" ", "-")  # as MyST makes them
    return f"i_see.html#{anchor}"


def of_finding(key: str) -> Symptom | None:
    """The symptom that a finding of `checkup` leads to, by the finding's key; None where there is none (chapter 6)."""
    return symptom(OF_FINDINGS[key]) if key in OF_FINDINGS else None
