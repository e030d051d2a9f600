"""Statistics that several jobs share: proportions, ratios by clusters, shrinkage, raking, survival."""

from whalecurve.engine.statistics.beta_averages import beta_nodes
from whalecurve.engine.statistics.clustered_ratios import RESOLUTION, Pair, RatioSums, ratios
from whalecurve.engine.statistics.competing_ends import Incidence, cumulative_incidence
from whalecurve.engine.statistics.discrimination import auc, brier, brier_of_base_rate, calibration_error, tenths
from whalecurve.engine.statistics.distributions import (
    NORMAL_975,
    chi_square_above,
    log_gamma,
    normal_below,
    normal_quantile,
    student_below,
    student_quantile,
)
from whalecurve.engine.statistics.finite_numbers import finite
from whalecurve.engine.statistics.jackknife import GROUPS, covariance_of, lots
from whalecurve.engine.statistics.logistic_regression import LogisticFit, fit_logistic
from whalecurve.engine.statistics.marks import columns_of, marked_first, marks_of, vector_of
from whalecurve.engine.statistics.paired_losses import Margin, margin_of
from whalecurve.engine.statistics.partitions import adjusted_rand
from whalecurve.engine.statistics.pooling import small_groups
from whalecurve.engine.statistics.proportions import adjusted, difference_interval, lift, p_values, wilson_interval
from whalecurve.engine.statistics.raking import raked
from whalecurve.engine.statistics.shrinkage import normal_prior, prior_strength, shrunk_means, shrunk_shares
from whalecurve.engine.statistics.survival import Survival, kaplan_meier

__all__ = [
    "GROUPS",
    "NORMAL_975",
    "RESOLUTION",
    "Incidence",
    "LogisticFit",
    "Margin",
    "Pair",
    "RatioSums",
    "Survival",
    "adjusted",
    "adjusted_rand",
    "auc",
    "beta_nodes",
    "brier",
    "brier_of_base_rate",
    "calibration_error",
    "chi_square_above",
    "columns_of",
    "covariance_of",
    "cumulative_incidence",
    "difference_interval",
    "finite",
    "fit_logistic",
    "kaplan_meier",
    "lift",
    "log_gamma",
    "lots",
    "margin_of",
    "marked_first",
    "marks_of",
    "normal_below",
    "normal_prior",
    "normal_quantile",
    "p_values",
    "prior_strength",
    "raked",
    "ratios",
    "shrunk_means",
    "shrunk_shares",
    "small_groups",
    "student_below",
    "student_quantile",
    "tenths",
    "vector_of",
    "wilson_interval",
]
