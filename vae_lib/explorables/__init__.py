"""Live figures, one Python function and one JavaScript module each; `page.py` and `base.js` are what they share."""

from vae_lib.explorables.bound import bound
from vae_lib.explorables.graph import graph
from vae_lib.explorables.machine import machine
from vae_lib.explorables.trick import trick

__all__ = ["bound", "graph", "machine", "trick"]
