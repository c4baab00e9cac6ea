"""Checks of the exercises, one file a chapter: each judges an answer and names the mistake."""

from vae_lib.checks.architecture import (
    check_event,
    check_full_covariance,
    check_head,
    check_log_var,
    check_parameter_count,
    check_shapes,
)
from vae_lib.checks.elbo import (
    check_bernoulli_log_likelihood,
    check_elbo,
    check_gaussian_log_likelihood,
    check_kl,
    check_kl_monte_carlo,
    check_weights,
)
from vae_lib.checks.evaluation import (
    check_gaps,
    check_importance_weighted_bound,
    check_nats,
    check_zero_weight_loss,
)
from vae_lib.checks.losses import diagnose_loss
from vae_lib.checks.reparameterization import (
    check_draw,
    check_leave_one_out,
    check_pathwise,
    check_reparameterize,
    check_score_function,
)
from vae_lib.checks.training import (
    check_binomial,
    check_pictures,
    check_test_elbo,
    check_training_step,
    check_vae,
)
from vae_lib.checks.worked_example import (
    check_backward_by_hand,
    check_encoding_by_hand,
    check_loss_by_hand,
    check_step_by_hand,
    check_weights_by_hand,
)

__all__ = [
    "check_backward_by_hand",
    "check_bernoulli_log_likelihood",
    "check_binomial",
    "check_draw",
    "check_elbo",
    "check_encoding_by_hand",
    "check_event",
    "check_full_covariance",
    "check_gaps",
    "check_gaussian_log_likelihood",
    "check_head",
    "check_importance_weighted_bound",
    "check_kl",
    "check_kl_monte_carlo",
    "check_leave_one_out",
    "check_log_var",
    "check_loss_by_hand",
    "check_nats",
    "check_parameter_count",
    "check_pathwise",
    "check_pictures",
    "check_reparameterize",
    "check_score_function",
    "check_shapes",
    "check_step_by_hand",
    "check_test_elbo",
    "check_training_step",
    "check_vae",
    "check_weights",
    "check_weights_by_hand",
    "check_zero_weight_loss",
    "diagnose_loss",
]
