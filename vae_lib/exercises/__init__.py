"""Checks of the exercises, one file a chapter: each judges an answer and names the mistake."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    worked_example=(
        "NEW_EPS NEW_WEIGHTS NEW_X check_backward_by_hand check_encoding_by_hand check_loss_by_hand "
        "check_step_by_hand check_weights_by_hand"
    ),
    elbo=(
        "check_bernoulli_log_likelihood check_elbo check_gaussian_log_likelihood check_kl "
        "check_kl_monte_carlo check_weights"
    ),
    training=("check_binomial check_pictures check_test_elbo check_training_step check_vae"),
    reparameterization=("check_draw check_leave_one_out check_pathwise check_reparameterize check_score_function"),
    architecture=("check_event check_full_covariance check_head check_log_var check_parameter_count check_shapes"),
    evaluation=("check_gaps check_importance_weighted_bound check_nats check_zero_weight_loss"),
)
