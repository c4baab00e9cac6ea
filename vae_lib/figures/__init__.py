"""Live figures, a folder each: `figure.py`, `formulas.js`, `view.js`; what they share is in `base/`."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    graph="graph",
    **{
        "bound.figure": "bound",
        "calculator.figure": "calculator",
        "epochs.figure": "epochs",
        "machine.figure": "machine",
        "trainer.figure": "trainer",
        "trick.figure": "trick",
    },
)
