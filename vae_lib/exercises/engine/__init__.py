"""The engine of the exercises: `observe` touches the student's code, `judge_seen` is pure."""

from vae_lib.exercises.engine.by_hand import ByHand, apply
from vae_lib.exercises.engine.exercise import Exercise
from vae_lib.exercises.engine.mistakes import Mistake, after, swap, whole
from vae_lib.exercises.engine.observe import Call, Model, Seen, array_of, leaf
from vae_lib.exercises.engine.on_paper import OnPaper
from vae_lib.exercises.engine.sampled import Sampled
from vae_lib.exercises.engine.statistics import Statistic, mean_of, spread_of
from vae_lib.exercises.engine.together import Together
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Verdict
