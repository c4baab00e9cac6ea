"""Referees, which neither train nor estimate: closed forms, exact rationals, quadrature."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    worked_example="EPS WEIGHTS X as_vae backward decode encode forward forward_torch trace",
    linear_gaussian="LinearGaussianVAE",
    rate_distortion="learned_noise_var linear_optimum rate_of_distortion reverse_water_filling",
    landscape="best_encoder critical_points linear_elbo linear_terms train_linear",
    enumeration="enumerate_states exact_elbo exact_gradient exact_log_p "
    "leave_one_out_moments relaxed_moments score_function_moments",
    mixture="em lloyd mixture_log_joint random_mixture",
    chains="best_path hmm log_partition marginals path_score sample_paths",
    mean_field="best_mean_field cavi coordinate_means gaussian_mean_field product_of_marginals_gap",
    kalman="level_log_p level_mean_field_elbo level_posterior maximise",
    information="information",
    strings="markov_em markov_log_joint ngram_log_prob random_markov_mixture",
    grammar="source",
    likelihood="best_gaussian expected_elbo kl_to_posterior log_likelihood posterior_on_grid",
)
