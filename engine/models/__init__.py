"""Purchase and spend models, and their fits to purchase histories."""

from whalecurve.engine.models.calibration import MOST_SHOWN, Calibration, calibrate, calibration_of
from whalecurve.engine.models.fit_data import COLUMNS, FirstPurchases, FitData, FitDataBuilder, fit_data_of
from whalecurve.engine.models.fitted_model import Fit, check_params, information_criteria
from whalecurve.engine.models.histories import HISTORY, Histories, collapsed, history_arrays
from whalecurve.engine.models.maximum_likelihood import VAGUE, fit_counts, fit_histories, fit_spend
from whalecurve.engine.models.optimum import Likelihood, Optimum, derivatives_of, maximise
from whalecurve.engine.models.purchase_models import CONTINUOUS, MODELS, PurchaseModel, purchase_model
from whalecurve.engine.models.spend_by_frequency import depends_on_frequency
from whalecurve.engine.models.spend_models import SPEND_MODELS, SpendModel, spend_model

__all__ = [
    "COLUMNS",
    "CONTINUOUS",
    "HISTORY",
    "MODELS",
    "MOST_SHOWN",
    "SPEND_MODELS",
    "VAGUE",
    "Calibration",
    "FirstPurchases",
    "Fit",
    "FitData",
    "FitDataBuilder",
    "Histories",
    "Likelihood",
    "Optimum",
    "PurchaseModel",
    "SpendModel",
    "calibrate",
    "calibration_of",
    "check_params",
    "collapsed",
    "depends_on_frequency",
    "derivatives_of",
    "fit_counts",
    "fit_data_of",
    "fit_histories",
    "fit_spend",
    "history_arrays",
    "information_criteria",
    "maximise",
    "purchase_model",
    "spend_model",
]
