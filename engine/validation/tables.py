"""The details behind a validation, as tables that have one row per thing compared."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from whalecurve.engine.validation.accuracy import decile_table, frequency_table
from whalecurve.engine.validation.predictions import Prediction
from whalecurve.engine.validation.split import Holdout, Past
from whalecurve.engine.validation.tracking import Weeks, week_numbers
from whalecurve.kernels.arrays import Vector


def customer_predictions(past: Past, holdout: Holdout, predictions: Sequence[Prediction]) -> pl.DataFrame:
    """One row per customer: history at the split, what happened, what was predicted.

    customer_id, first_purchase, frequency, recency, T, monetary_value; actual_purchases, actual_value; of each
    prediction <name>_purchases, <name>_p_purchase, <name>_recalibrated where that is asked for, and, with a spend
    model, <name>_value
    """
    history = ("customer_id", "first_purchase", "frequency", "recency", "T", "monetary_value")
    columns = [
        pl.Series("actual_purchases", holdout.purchases).cast(pl.UInt32),
        pl.Series("actual_value", holdout.value),
    ]
    for prediction in predictions:
        columns += [
            pl.Series(f"{prediction.name}_purchases", prediction.purchases).fill_nan(None),
            pl.Series(f"{prediction.name}_p_purchase", prediction.p_purchase).fill_nan(None),
        ]
        if prediction.recalibrated is not None:
            columns.append(pl.Series(f"{prediction.name}_recalibrated", prediction.recalibrated).fill_nan(None))
        if prediction.value is not None:
            columns.append(pl.Series(f"{prediction.name}_value", prediction.value).fill_nan(None))
    return past.customers.select(history).with_columns(columns)


def frequency_groups(past: Past, holdout: Holdout, predictions: Sequence[Prediction]) -> pl.DataFrame:
    """Means per customer by repeat purchases before the split (7 stands for 7 or more), for each prediction.

    name, frequency, customers, actual_purchases, predicted_purchases, actual_value, predicted_value
    """
    x = past.customers["frequency"].cast(pl.Float64).to_numpy()
    tables = []
    for prediction in predictions:
        known = ~np.isnan(prediction.purchases)
        value = np.full_like(x, np.nan) if prediction.value is None else prediction.value
        columns = {
            "actual_purchases": holdout.purchases,
            "predicted_purchases": prediction.purchases,
            "actual_value": holdout.value,
            "predicted_value": value,
        }
        table = frequency_table(x[known], {name: column[known] for name, column in columns.items()})
        tables.append(table.select(pl.lit(prediction.name).alias("name"), pl.all().fill_nan(None)))
    return pl.concat(tables)


def purchase_deciles(holdout: Holdout, predictions: Sequence[Prediction]) -> pl.DataFrame:
    """Reliability of the probability of a purchase within the risk horizon.

    name, decile, customers, p_purchase (their mean), share_bought, share_low, share_high
    """
    each = [(prediction.name, prediction.p_purchase) for prediction in predictions]
    each += [(f"{one.name}_recalibrated", one.recalibrated) for one in predictions if one.recalibrated is not None]
    tables = [decile_table(p, holdout.has_bought).select(pl.lit(name).alias("name"), pl.all()) for name, p in each]
    return pl.concat(tables)


def weekly_tracking(past: Past, weeks: Weeks, actual: Vector, predictions: Sequence[Prediction]) -> pl.DataFrame:
    """Repeat purchases of the customers of the past by week, actual and expected, since the first day.

    name, last_day, is_holdout, actual, expected, actual_cumulative, expected_cumulative; a baseline has
    expectations for the holdout alone, and none that are cumulative
    """
    numbers = pl.Series(week_numbers(past.split, weeks)).cast(pl.Int32).cast(pl.Date)
    tables = [
        pl.DataFrame(
            {
                "last_day": numbers,
                "is_holdout": weeks.is_holdout,
                "actual": actual,
                "expected": prediction.by_week,
                "actual_cumulative": actual.cumsum(),
                "expected_cumulative": prediction.by_week.cumsum(),
            }
        ).select(pl.lit(prediction.name).alias("name"), pl.all())
        for prediction in predictions
    ]
    return pl.concat(tables).with_columns(pl.selectors.float().fill_nan(None))
