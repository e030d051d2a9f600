"""Statistics of experiments: exact sums of arms, adjusted differences, looks, ratios, checks of the arms."""

from whalecurve.engine.effects.capping import cap_of
from whalecurve.engine.effects.chance_of_best import chances_of_best
from whalecurve.engine.effects.fieller import ratio_interval
from whalecurve.engine.effects.looks import boundaries, crossing, information_of, planned_boundaries, spent
from whalecurve.engine.effects.means import ArmMean, Difference, weighted
from whalecurve.engine.effects.moments import Cell, Key, Moments, moments_of
from whalecurve.engine.effects.power import POWER, detectable, times_as_many
from whalecurve.engine.effects.ratios import ratio_mean
from whalecurve.engine.effects.regression import LEAST_A_COVARIATE, arm_means
from whalecurve.engine.effects.sample_ratio import ALPHA, sample_ratio_p
from whalecurve.engine.effects.sequences import TUNED_FOR, sequence_factor, sequence_p

__all__ = [
    "ALPHA",
    "LEAST_A_COVARIATE",
    "POWER",
    "TUNED_FOR",
    "ArmMean",
    "Cell",
    "Difference",
    "Key",
    "Moments",
    "arm_means",
    "boundaries",
    "cap_of",
    "chances_of_best",
    "crossing",
    "detectable",
    "information_of",
    "moments_of",
    "planned_boundaries",
    "ratio_interval",
    "ratio_mean",
    "sample_ratio_p",
    "sequence_factor",
    "sequence_p",
    "spent",
    "times_as_many",
    "weighted",
]
