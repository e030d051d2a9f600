"""Models whose rates depend on traits of customers."""

from whalecurve.engine.models.covariates.design import Design
from whalecurve.engine.models.covariates.effects import (
    LikelihoodRatio,
    calibration_by,
    covariate_record,
    distinct_rows,
    individual_params,
    own_calibration,
)
from whalecurve.engine.models.covariates.fitting import KINDS, DropoutEffect, fit_covariates
from whalecurve.engine.models.covariates.groups import EFFECTS
from whalecurve.engine.models.covariates.traits import Covariates, design_of, read_covariates

__all__ = [
    "EFFECTS",
    "KINDS",
    "Covariates",
    "Design",
    "DropoutEffect",
    "LikelihoodRatio",
    "calibration_by",
    "covariate_record",
    "design_of",
    "distinct_rows",
    "fit_covariates",
    "individual_params",
    "own_calibration",
    "read_covariates",
]
