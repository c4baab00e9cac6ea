"""The gradient of a class's loss on its way to every weight, held against the loss itself, nudged."""

import numpy as np

from vae_lib.exercises.engine.exercise import Exercise
from vae_lib.exercises.engine.observe import Seen
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Verdict

SLOPE = 0.1  # how far a slope by autograd may lie from that of the loss, relative to it
SMALL = 5e-3  # and beside it, relative to the largest


class Paths(Exercise):
    """Asked of a class whose `Call`s have `paths`; it knows no mistakes."""

    def _judge(self, seen: list[Seen]) -> Verdict:
        if seen[0].status == "not attempted":
            return NOT_ATTEMPTED
        if nothing := self._nothing(seen):
            return nothing
        for i, one in enumerate(seen):
            if one.strangers:
                why = (
                    f"Weights of shape {' and '.join(one.strangers)} are not among model.parameters(), so no optimiser "
                    "would train them: are layers kept in a plain list (use nn.ModuleList), or made anew in every call?"
                )
                return self._path(i, "not-a-parameter", why, "weights that model.parameters() does not have")
            if said := self._slopes(i, one.paths):
                return said
        return Verdict("right", self.right)

    def _slopes(self, i: int, paths: dict[str, np.ndarray]) -> Verdict | None:
        """What is said of weights whose gradient is none, or another than that of the loss."""
        unused = [name for name, (by_autograd, of_loss) in paths.items() if _none(by_autograd) and not of_loss.any()]
        if unused:
            why = f"No gradient reaches {', '.join(unused)}: nothing that the loss is made of uses it."
            return self._path(i, "unused", why, "no gradient")
        largest = max(np.abs(of_loss).max() for _, of_loss in paths.values())
        cut = [name for name, (by_autograd, of_loss) in paths.items() if _apart(by_autograd, of_loss, largest)]
        if cut:
            lost = all(_none(paths[name][0]) for name in cut)
            why = f"{'No gradient' if lost else 'A wrong gradient'} reaches {', '.join(cut)}"
            more = "something on the way is detached, computed under torch.no_grad, or made a number too early"
            return self._path(i, "gradient-lost", f"{why}: {more}.", f"another slope than the loss has, for {cut[0]}")
        return None

    def _path(self, i: int, key: str, sentence: str, came: str) -> Verdict:
        expected = "in every parameter the gradient that says how the loss changes with it"
        return Verdict("wrong", sentence, f"{self.name}/{key}", self.asked["loss"], self.on(i), came, expected)


def _none(slopes: np.ndarray) -> bool:
    return bool(np.isnan(slopes).all())


def _apart(by_autograd: np.ndarray, of_loss: np.ndarray, largest: float) -> bool:
    """In most of the directions: a kink of the loss may lie in the way of one."""
    off = np.abs(np.nan_to_num(by_autograd) - of_loss)
    return bool(np.median(off - SLOPE * np.abs(of_loss)) > SMALL * largest)
