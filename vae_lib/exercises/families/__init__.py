"""What occurs in many exercises, written once: families of mistakes, and the statistics by which draws are judged."""

from vae_lib.exercises.families.basics import (
    alone,
    clamps,
    half_exp,
    last_axis,
    pick,
    reduction,
    same,
    sign,
    swaps,
    term,
    unit,
)
from vae_lib.exercises.families.draws import draws, noises, scaled, std_from_log_var
from vae_lib.exercises.families.estimators import (
    TYPED,
    OfFunction,
    elsewhere,
    function_and_draws,
    given,
    slope_of,
    through,
)
from vae_lib.exercises.families.factors import factors
from vae_lib.exercises.families.kl import kl, kl_table, reverse_kl_table, slips_of_kl, slips_of_log_var, slips_of_tables
from vae_lib.exercises.families.likelihood import (
    bernoulli,
    bernoulli_table,
    gaussian,
    gaussian_table,
    slips_of_bernoulli,
    slips_of_gaussian,
)
from vae_lib.exercises.families.scatter import (
    CLAIMS_OF_DRAWS,
    OF_DRAWS,
    OTHERWISE_OF_DRAWS,
    SEEDED,
    correlations,
    mean_of_alike,
    of_draws,
    pairwise,
    repeats,
    standardised,
)
