"""Which models were fitted, and how well they predict."""

from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    Block,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    count,
    days,
    number,
    percent,
)
from whalecurve.engine.reporting.charts import Series, column_chart
from whalecurve.engine.titles import MODELS


def reliability_section(facts: Facts) -> Section:
    """Sentences on the fit and on the holdout, the calibration by frequency, and the parameters."""
    blocks: list[Block] = [*_verdict(facts), *_purchases(facts.model), *_spend(facts.model), *_risk(facts.model)]
    calibration = facts.model.get("calibration")
    if calibration and calibration.get("frequency"):
        blocks.append(_calibration(calibration))
    parameters = _parameters(facts.model)
    if parameters is not None:
        blocks.append(parameters)
    return Section(name="reliability", title="How far to trust the numbers", blocks=blocks)


def _verdict(facts: Facts) -> list[str]:
    """Whether the log can carry a forecast; nothing of results that do not say."""
    found = facts.manifest.get("reliability")
    if not found:
        return []
    if found["is_reliable"]:
        return ["CLV and risk are reliable by the stated minimum of buyers, repeat buyers, days and fit."]
    return [str(facts.not_reliable)]


def _purchases(model: dict[str, Any]) -> list[str]:
    fit, calibration = model["transactions"], model.get("calibration")
    if not fit.get("params"):
        return ["No purchase model could be fitted, so there is no forecast."]
    words = f"Purchases are forecast by {_title(fit)}, fitted to {count(fit.get('n'), 'customer')}"
    if calibration:
        words += (
            f". The fit is {calibration['verdict']}: it expects {calibration['expected_repeats']:,.0f} repeat "
            f"purchases where {calibration['repeats']:,.0f} were seen, and places {percent(calibration['misplaced'])} "
            f"of the customers in a wrong frequency group"
        )
    return [words + "."]


def _spend(model: dict[str, Any]) -> list[str]:
    fit = model["spend"]
    if not fit.get("params"):
        return [f"There is no spend model: {fit['reason']}."] if fit.get("reason") else []
    words = f"The value of a purchase is forecast by {_title(fit)}"
    correlation = fit.get("correlation_frequency_monetary_value")
    if correlation is not None:
        words += f"; it takes frequency and value as independent, and their correlation is {number(correlation, 2)}"
    if fit.get("n_left_out"):
        words += f". {count(fit['n_left_out'], 'customer')} could not be used to fit it"
    return [words + "."]


def _risk(model: dict[str, Any]) -> list[str]:
    risk = model.get("risk")
    if not risk:
        return []
    test = risk.get("test")
    if test is None:
        why = str(risk.get("untested") or "there is no record of a test")
        return [f"The ranking by churn risk was not tested: {why}."]
    words = (
        f"The ranking by churn risk was tested on the {days(test['days'])} after {test['split']}: "
        f"{count(test['n_bought'])} of {count(test['n_customers'], 'customer')} bought. With probability "
        f"{number(test['auc'], 2)} (the AUC; 0.5 is chance) a customer who bought had a lower risk than one who did "
        f"not; the Brier score is {number(test['brier'], 3)}, against {number(test['brier_of_base_rate'], 3)} for one "
        f"probability for everybody."
    )
    return [words, f"Churn risk is withheld: {risk['withheld']}."] if risk.get("withheld") else [words]


def _title(fit: dict[str, Any]) -> str:
    return MODELS.get(fit["model"], str(fit["model"]))


def _calibration(calibration: dict[str, Any]) -> Figure:
    frequencies = calibration["frequency"]
    labels = [*map(str, frequencies[:-1]), f"{frequencies[-1]}+"]
    title = "Customers by repeat purchases: seen and expected"
    says = (
        f"The model places {percent(calibration['misplaced'])} of the customers in a wrong group; the fit is "
        f"{calibration['verdict']}."
    )
    table = Table(
        caption=title,
        columns=(
            Column(title="repeat purchases", values=labels),
            Column(title="seen", kind="number", values=calibration["actual"]),
            Column(title="expected", kind="number", values=calibration["expected"]),
        ),
    )
    drawn = partial(_drawn, calibration, labels, title, says)
    return Figure(chart=Chart(name="calibration", title=title, says=says, draw=drawn), table=table)


def _drawn(calibration: dict[str, Any], labels: list[str], title: str, says: str, width: int) -> Markup:
    series = [
        Series(
            name=name,
            values=calibration[key],
            tips=[
                f"{label} repeat purchases, {name}: {value:,.0f} customers"
                for label, value in zip(labels, calibration[key], strict=True)
            ],
        )
        for key, name in (("actual", "seen"), ("expected", "expected"))
    ]
    return column_chart(labels, series, width, title=title, says=says, x_title="repeat purchases")


def _parameters(model: dict[str, Any]) -> Table | None:
    rows = [
        (f"{_title(fit)}: {name}", value, (fit.get("standard_errors") or {}).get(name))
        for fit in (model["transactions"], model["spend"])
        for name, value in (fit.get("params") or {}).items()
    ]
    if not rows:
        return None
    return Table(
        caption="Parameters of the models",
        columns=(
            Column(title="parameter", values=[row[0] for row in rows]),
            Column(title="estimate", values=[f"{row[1]:.4g}" for row in rows]),
            Column(title="standard error", values=[None if row[2] is None else f"{row[2]:.2g}" for row in rows]),
        ),
    )
