"""Which models were fitted, and how well they predict."""

from functools import partial
from typing import Any

from whalecurve.engine.models import spend_model
from whalecurve.engine.reporting import (
    N_,
    Block,
    Chart,
    Column,
    Facts,
    Figure,
    Markup,
    Section,
    Table,
    count,
    customers,
    day,
    days,
    gettext,
    ngettext,
    number,
    percent,
    recorded,
    word,
)
from whalecurve.engine.reporting.charts import Series, column_chart
from whalecurve.engine.titles import MODELS

FITS = (N_("good"), N_("fair"), N_("poor"))
"""What is said of a fit."""


def reliability_section(facts: Facts) -> Section:
    """Sentences on the fit and on the holdout, the calibration by frequency, and the parameters."""
    blocks: list[Block] = [*_verdict(facts), *_purchases(facts.model), *_spend(facts.model), *_risk(facts.model)]
    calibration = facts.model.get("calibration")
    if calibration and calibration.get("frequency"):
        blocks.append(_calibration(calibration))
    parameters = _parameters(facts.model)
    if parameters is not None:
        blocks.append(parameters)
    return Section(name="reliability", title=gettext("Reliability"), blocks=blocks)


def _verdict(facts: Facts) -> list[str]:
    """Whether the log can carry a forecast; nothing of results that do not say."""
    found = facts.manifest.get("reliability")
    if not found:
        return []
    if found["is_reliable"]:
        return [gettext("CLV and risk are reliable by the stated minimum of buyers, repeat buyers, days and fit.")]
    return [str(facts.not_reliable)]


def _purchases(model: dict[str, Any]) -> list[str]:
    fit, calibration = model["transactions"], model.get("calibration")
    if not fit.get("params"):
        return [gettext("No purchase model could be fitted, so there is no forecast.")]
    words = gettext(
        "Purchases are forecast by {model}, fitted to {customers}", model=_title(fit), customers=customers(fit.get("n"))
    )
    if not calibration:
        return [words + "."]
    fits = gettext(
        "The fit is {verdict}: it expects {expected} repeat purchases where {actual} were seen, and places {misplaced} "
        "of the customers in a wrong frequency group.",
        verdict=word(calibration["verdict"]),
        expected=count(calibration["expected_repeats"]),
        actual=count(calibration["repeats"]),
        misplaced=percent(calibration["misplaced"]),
    )
    return [f"{words}. {fits}"]


def _spend(model: dict[str, Any]) -> list[str]:
    fit = model["spend"]
    if not fit.get("params"):
        return [gettext("There is no spend model: {reason}.", reason=fit["reason"])] if fit.get("reason") else []
    words = gettext("The value of a purchase is forecast by {model}", model=_title(fit))
    correlation = fit.get("correlation_frequency_monetary_value")
    if correlation is not None and not spend_model(fit["model"]).follows_frequency:
        words += gettext(
            "; it takes frequency and value as independent, and their correlation is {correlation}",
            correlation=number(correlation, 2),
        )
    if fit.get("n_left_out"):
        left_out = ngettext(
            "{n} customer could not be used to fit it", "{n} customers could not be used to fit it", fit["n_left_out"]
        )
        words += f". {left_out}"
    return [words + "."]


def _risk(model: dict[str, Any]) -> list[str]:
    risk = model.get("risk")
    if not risk:
        return []
    test = risk.get("test")
    if test is None:
        why = recorded(str(risk.get("untested") or gettext("there is no record of a test")))
        return [gettext("The ranking by churn risk was not tested: {why}.", why=why)]
    words = gettext(
        "The ranking by churn risk was tested on the {days} after {day}: {bought} of {customers} bought. With "
        "probability {auc} (the AUC; 0.5 is chance) a customer who bought had a lower risk than one who did not; the "
        "Brier score is {brier}, against {base} for one probability for everybody.",
        days=days(test["days"]),
        day=day(test["split"]),
        bought=count(test["n_bought"]),
        customers=customers(test["n_customers"]),
        auc=number(test["auc"], 2),
        brier=number(test["brier"], 3),
        base=number(test["brier_of_base_rate"], 3),
    )
    withheld = risk.get("withheld")
    return [words, gettext("Churn risk is withheld: {why}.", why=recorded(withheld))] if withheld else [words]


def _title(fit: dict[str, Any]) -> str:
    return word(MODELS.get(fit["model"], str(fit["model"])))


def _calibration(calibration: dict[str, Any]) -> Figure:
    frequencies = calibration["frequency"]
    labels = [*map(str, frequencies[:-1]), f"{frequencies[-1]}+"]
    title = gettext("Customers by repeat purchases: seen and expected")
    says = gettext(
        "The model places {misplaced} of the customers in a wrong group; the fit is {verdict}.",
        misplaced=percent(calibration["misplaced"]),
        verdict=word(calibration["verdict"]),
    )
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("repeat purchases"), values=labels),
            Column(title=gettext("seen"), kind="number", values=calibration["actual"]),
            Column(title=gettext("expected"), kind="number", values=calibration["expected"]),
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
                gettext("{n} repeat purchases, {name}: {customers}", n=label, name=name, customers=customers(value))
                for label, value in zip(labels, calibration[key], strict=True)
            ],
        )
        for key, name in (("actual", gettext("seen")), ("expected", gettext("expected")))
    ]
    return column_chart(labels, series, width, title=title, says=says, x_title=gettext("repeat purchases"))


def _parameters(model: dict[str, Any]) -> Table | None:
    rows = [
        (f"{_title(fit)}: {name}", value, (fit.get("standard_errors") or {}).get(name))
        for fit in (model["transactions"], model["spend"])
        for name, value in (fit.get("params") or {}).items()
    ]
    if not rows:
        return None
    errors = [None if row[2] is None else f"{row[2]:.2g}" for row in rows]
    return Table(
        caption=gettext("Parameters of the models"),
        columns=(
            Column(title=gettext("parameter"), values=[row[0] for row in rows]),
            Column(title=gettext("estimate"), values=[f"{row[1]:.4g}" for row in rows]),
            Column(title=gettext("standard error"), values=errors),
        ),
    )
