"""Live figures, a folder each: `figure.py`, `formulas.js`, `view.js`; what they share is in `base/`."""

from vae_lib.lazy import lazily

NAMES = (
    "ask",
    "atlas",
    "bound",
    "calculator",
    "chain",
    "die",
    "epochs",
    "forces",
    "graph",
    "machine",
    "names",
    "trainer",
    "trick",
    "water",
)

lazily(__name__, **{f"{name}.figure": name for name in NAMES})
