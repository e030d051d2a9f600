"""Predictions held against what happened: what a validation found, models beside rules that need none."""

from functools import partial
from typing import Any

from whalecurve.engine.reporting import (
    N_,
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
    percent,
    short_money,
    signed_percent,
    word,
)
from whalecurve.engine.reporting.charts import Axis, Line, Series, column_chart, line_chart, ticks

VERDICTS = {
    "best": N_("By the error of purchases a customer it is clearly better than every rule without a model"),
    "no better": N_("By the error of purchases a customer it is not clearly better than rules without a model"),
    "worse": N_("By the error of purchases a customer a rule without a model is clearly better"),
}
NAMES = (
    N_("model"),
    N_("baseline"),
    N_("last period repeated"),
    N_("own mean rate"),
    N_("pooled mean rate"),
    N_("same season last year"),
)
"""Kinds of predictions, and rules without a model."""


def validation_section(facts: Facts) -> Section | None:
    """Sentences, cumulative purchases by week, probabilities by tenth, all predictions; None without a validation."""
    validation = facts.beside.validation
    if validation is None:
        return None
    title = gettext("Validation on a holdout")
    section = Section(name="validation", title=title, blocks=[_said(validation)])
    section.blocks.append(_tracking(validation))
    deciles = [row for row in validation["deciles"] if row["name"] == validation["best_model"]]
    if deciles:
        section.blocks.append(_deciles(validation, deciles))
    section.blocks.append(_predictions(validation))
    return section


def _best(validation: dict[str, Any]) -> dict[str, Any]:
    best: dict[str, Any] = next(
        prediction for prediction in validation["predictions"] if prediction["name"] == validation["best_model"]
    )
    return best


def _said(validation: dict[str, Any]) -> str:
    best = _best(validation)
    purchases = best["purchases"]
    error = (
        "" if purchases["error"] is None else gettext(", an error of {error}", error=signed_percent(purchases["error"]))
    )
    words = gettext(
        "Models were fitted to the days up to {split} and held against the {days} after it, for {customers}. {model} "
        "did best: it expected {predicted} purchases where there were {actual}{error}.",
        split=day(validation["split"]),
        days=days(validation["holdout_days"]),
        customers=customers(validation["customers"]),
        model=word(best["title"]),
        predicted=count(purchases["predicted"]),
        actual=count(purchases["actual"]),
        error=error,
    )
    verdict = VERDICTS.get(validation.get("verdict", ""))
    return f"{words} {gettext(verdict)}." if verdict else words


def _tracking(validation: dict[str, Any]) -> Figure:
    best, weeks = _best(validation), validation["tracking"]
    expected = weeks["expected_cumulative"][best["name"]]
    title = gettext("Cumulative repeat purchases: seen and expected")
    says = gettext(
        "By {day}, {seen} repeat purchases were seen and {expected} expected by {model}.",
        day=day(weeks["last_day"][-1]),
        seen=count(weeks["actual_cumulative"][-1]),
        expected=count(expected[-1]),
        model=word(best["title"]),
    )
    held = [gettext("yes") if is_held else gettext("no") for is_held in weeks["is_holdout"]]
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("up to"), values=[day(last) for last in weeks["last_day"]]),
            Column(title=gettext("holdout"), values=held),
            Column(title=gettext("seen"), kind="number", values=weeks["actual_cumulative"]),
            Column(title=gettext("expected"), kind="number", values=expected),
        ),
    )
    drawn = partial(_drawn_tracking, weeks, expected, title, says)
    note = gettext("The model has not seen the days after {day}.", day=day(validation["split"]))
    return Figure(chart=Chart(name="tracking", title=title, says=says, draw=drawn), table=table, note=note)


def _drawn_tracking(weeks: dict[str, Any], expected: list[float], title: str, says: str, width: int) -> Markup:
    dates, seen = [day(last) for last in weeks["last_day"]], weeks["actual_cumulative"]
    high = max([1.0, *seen, *expected])
    y = Axis(low=0.0, high=high, ticks=ticks(0.0, high, 6), label=short_money, title=gettext("repeat purchases"))
    last = float(len(dates) - 1)
    x = Axis(
        low=0.0, high=last, ticks=ticks(0.0, last, 9), label=lambda at: dates[int(at)], title=gettext("week up to")
    )  # fmt: skip
    lines = [
        Line(name=name, points=[(float(i), value) for i, value in enumerate(values)])
        for name, values in ((gettext("seen"), seen), (gettext("expected"), expected))
    ]
    return line_chart(lines, x, y, width, title=title, says=says)


def _deciles(validation: dict[str, Any], rows: list[dict[str, Any]]) -> Figure:
    title = gettext("Share of customers who bought: predicted and seen")
    top = rows[-1]
    says = gettext(
        "Of the tenth of customers most likely to buy within {days}, {bought} did, where {expected} were expected to.",
        days=days(validation["risk_days"]),
        bought=percent(top["share_bought"]),
        expected=percent(top["p_purchase"]),
    )
    names = {"p_purchase": gettext("predicted"), "share_bought": gettext("seen")}
    table = Table(
        caption=title,
        columns=(
            Column(title=gettext("tenth"), values=[str(row["decile"]) for row in rows]),
            Column(title=gettext("customers"), kind="count", values=[row["customers"] for row in rows]),
            *(Column(title=words, kind="share", values=[row[key] for row in rows]) for key, words in names.items()),
        ),
    )
    drawn = partial(_drawn_deciles, rows, names, title, says)
    return Figure(chart=Chart(name="deciles", title=title, says=says, draw=drawn), table=table)


def _drawn_deciles(rows: list[dict[str, Any]], names: dict[str, str], title: str, says: str, width: int) -> Markup:
    series = [
        Series(
            name=f"{words}, %",
            values=[100.0 * row[key] for row in rows],
            tips=[
                gettext("tenth {n}, {name}: {share}", n=row["decile"], name=words, share=percent(row[key]))
                for row in rows
            ],
        )
        for key, words in names.items()
    ]
    labels, tenths = [str(row["decile"]) for row in rows], gettext("tenth of customers, least likely first")
    return column_chart(labels, series, width, title=title, says=says, x_title=tenths)


def _predictions(validation: dict[str, Any]) -> Table:
    rows = validation["predictions"]
    return Table(
        caption=gettext("Models, and rules without a model"),
        columns=(
            Column(title=gettext("prediction"), values=[word(row["title"]) for row in rows]),
            Column(title=gettext("kind"), values=[word(row["kind"]) for row in rows]),
            Column(title=gettext("purchases"), kind="number", values=[row["purchases"]["predicted"] for row in rows]),
            Column(title=gettext("error"), kind="share", values=[row["purchases"]["error"] for row in rows]),
            Column(title=gettext("RMSE"), kind="precise", values=[row["purchases"]["rmse"] for row in rows]),
            Column(title=gettext("Gini"), kind="precise", values=[row["purchases"]["gini"] for row in rows]),
            Column(title=gettext("Brier score"), kind="precise", values=[row["probability"]["brier"] for row in rows]),
            Column(title=gettext("weekly error"), kind="share", values=[row["weekly_error"] for row in rows]),
        ),
    )
