"""The exercises: each judges an answer and names the mistake. `check_kl` is made in `kl.py`; the engine is beside.

Those of `architecture`, `elbo_terms`, `reparameterization`, `training` and `worked_example` still have
the older form: a function in a file a chapter, over `verdict.py`.
"""

from pathlib import Path

from vae_lib.lazy import lazily

OLDER = {
    "worked_example": (
        "NEW_EPS NEW_WEIGHTS NEW_X check_backward_by_hand check_loss_by_hand check_step_by_hand check_weights_by_hand"
    ),
    "elbo_terms": "check_bernoulli_log_likelihood check_gaussian_log_likelihood check_kl_monte_carlo check_weights",
    "training": "check_binomial check_pictures check_test_elbo check_training_step",
    "reparameterization": "check_draw check_leave_one_out check_pathwise check_score_function",
    "architecture": "check_event check_full_covariance check_head check_log_var check_parameter_count check_shapes",
}
OTHERS = {"__init__", "verdict", *OLDER}  # files that are no exercise
ONE_EACH = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in OTHERS)

lazily(__name__, **OLDER, **{name: f"check_{name}" for name in ONE_EACH})
