"""The page *I see…* and the short tables of symptoms, made from `vae_lib/diagnose/symptoms.py`: `make symptoms`.

The page is written whole; the quick reference's table and chapter 5's stand between two markers each.
"""

import re
from pathlib import Path

import nbformat

from vae_lib.diagnose.symptoms import FROM_EXAMPLES, NAMES, SYMPTOMS, Cause, Symptom, address, symptom

BOOK = Path(__file__).resolve().parents[1]
PAGE, QUICK, CHAPTER = BOOK / "i_see.md", BOOK / "quick_reference.md", BOOK / "05_training.ipynb"
BEGIN, END = "<!-- symptoms -->", "<!-- /symptoms -->"
BETWEEN = re.compile(rf"({re.escape(BEGIN)}\n\n).*?(\n{re.escape(END)})", re.DOTALL)
OF_A_TRAINING = "kl-zero blurry bad-samples noise stuck does-not-move thousands negative nan kl-explodes jumps"
OF_A_TRAINING += " too-good values-error test-loss worse-than-pca"
IN_QUICK = "kl-zero blurry bad-samples noise stuck does-not-move negative nan kl-explodes jumps too-good worse-than-pca"
IN_QUICK += " another-number slow"
OPENING = """\
<!-- made by `make symptoms` from vae_lib/diagnose/symptoms.py: edit that file -->
# I see…

Find what you see, paste its test below your own code, and take the **first line that is true**: it names the cause, the
cure, and where to read on. A test takes half a minute. We produced each cause and ran its test on it. In the last three
sections we only imitated the cause. Lines that we did not test say so.

{links}

No symptom, only a loss? `diagnose_loss(my_loss, data_dim=784, latent_dim=20, x_data=x_train)` says for which
$\\beta$, which $\\sigma_x$ and which reductions it stands ([chapter 5](05_training.ipynb)); `data_dim` is the number of
pixels or the shape of an image, `latent_dim` the number of latents, `x_data` your training images. Have you a trained
model? `checkup(model, x_train, x_test)` puts it on one page
([chapter 6](06_is_my_number_right.ipynb#your-trained-model-examined-deeper)).

## Your names, once

`model`, `optimizer` and `my_loss(x_hat, x, mu, log_var)` are yours, `x_train` is a float32 tensor, and `train_step(x)`
is one step of your loop, which returns its loss. Does your own loss return a tuple, or take `x` first? Wrap it:
`my_loss = lambda x_hat, x, mu, log_var: loss(x, x_hat, mu, log_var)[0]`. Does your encoder return $\\sigma$? These
tests misread it: ask `diagnose_loss`. Does your program look like the VAE of pytorch/examples? Then these lines make
the names it lacks:

```python
{from_examples}
```

Paste this next; the tests go on from here. After a test with `train_step` paste it again: the weights have moved. If
this block raises an error, see [An error about values between 0 and 1](#an-error-about-values-between-0-and-1).

In all tests: $D$ pixels, $d$ latents, $\\beta$ the weight of the KL, $\\sigma_x$ the decoder's noise, nats: natural-log
units ([notation](notation.md)).

```python
{names}
```

`logits` is True where your loss takes logits (`…with_logits`), False where it takes pixels; `squared` says that it has
a squared error, and `twice` that there is a sigmoid too many. `beta` is the weight of your KL, measured: 1 for the
ELBO. With a squared error it is $\\beta\\sigma_x^2$ ($\\beta$ and $\\sigma_x$ cannot be told apart), and `pays` counts
the latents that pay if the networks are linear ([chapter 5](05_training.ipynb#which-likelihood-deeper)). Convolutional
networks and RGB images fit as they are; a model that wants labels (CVAE) needs them in each `encode` and `decode`.
"""


def page() -> str:
    links = "\n".join(f"- [{row.title}](#{address(row).split('#')[1]})" for row in SYMPTOMS)
    return OPENING.format(links=links, names=NAMES, from_examples=FROM_EXAMPLES) + "".join(
        f"\n{section(row)}" for row in SYMPTOMS
    )


def section(row: Symptom) -> str:
    lines = "\n".join(f"1. {line(cause)}" for cause in row.causes)
    return f"## {row.title}\n\n*In other words:* {row.also}.\n\n```python\n{row.test.strip()}\n```\n\n{lines}\n"


def line(cause: Cause) -> str:
    shows = f"`{cause.shows}`" if cause.shows else "Otherwise"
    return f"**{shows}**: {cause.cause}<br>**Cure:** {cause.cure} → {cause.place}"


def table(keys: str) -> str:
    rows = "".join(f"| [{row.sees}]({place(row)}) | {row.look} |\n" for row in map(symptom, keys.split()))
    return f"| you see (→ test) | look first at |\n| --- | --- |\n{rows}"


def place(row: Symptom) -> str:
    return address(row).replace(".html", ".md")


def between(text: str, keys: str) -> str:
    """A text, with the table of these symptoms between its two markers."""
    return BETWEEN.sub(lambda found: found[1] + table(keys) + found[2], text)


def write() -> None:
    PAGE.write_text(page())
    QUICK.write_text(between(QUICK.read_text(), IN_QUICK))
    notebook = nbformat.read(CHAPTER, as_version=4)
    for cell in notebook.cells:
        cell.source = between(cell.source, OF_A_TRAINING)
    nbformat.write(notebook, CHAPTER)


if __name__ == "__main__":
    write()
