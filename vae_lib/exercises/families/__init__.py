"""What occurs in many exercises, written once: families of mistakes, and the statistics by which draws are judged."""

from vae_lib.exercises.families.basics import alone, half_exp, last_axis, of_whole, pick, reduction, same, sign, swaps
from vae_lib.exercises.families.draws import draws, noises, scaled, std_from_log_var
from vae_lib.exercises.families.kl import free_bits, kl, kl_table, slips_of_kl, slips_of_log_var, slips_of_tables
from vae_lib.exercises.families.likelihood import bernoulli_table, gaussian_table, slips_of_bernoulli, slips_of_gaussian
from vae_lib.exercises.families.scatter import SEEDED, correlations, mean_of_alike, pairwise, repeats, standardised
