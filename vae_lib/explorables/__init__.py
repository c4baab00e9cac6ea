"""Live figures, one Python function and one JavaScript module each; `page.py` and `base.js` are what they share."""

from vae_lib.explorables.bound import bound
from vae_lib.explorables.calculator import calculator
from vae_lib.explorables.epochs import epochs
from vae_lib.explorables.graph import graph
from vae_lib.explorables.machine import machine
from vae_lib.explorables.trainer import trainer
from vae_lib.explorables.trick import trick

__all__ = ["bound", "calculator", "epochs", "graph", "machine", "trainer", "trick"]
