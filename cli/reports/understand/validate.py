"""Accuracy of the models on a holdout, in words and tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, money, number, percent, table

if TYPE_CHECKING:
    from whalecurve.engine import Validation

MOST_BLOCKS = 13  # weeks are shown in at most so many blocks


def validation_text(validation: "Validation", out: Path | None) -> str:
    """The verdict, then the measures and tables it rests on; `out`: where it was written."""
    data = validation.to_dict()
    blocks = [
        _headline(data),
        _verdict(data),
        _measures(data, "purchases", "purchases"),
        _measures(data, "value", data["value_is"]),
        _per_purchase(data),
        _groups(data),
        _deciles(data),
        _weeks(data),
        _origins(data),
        _seasons(validation),
        notes(data["warnings"]),
        written_to(out),
    ]
    return paragraphs(blocks)


def _headline(data: dict[str, Any]) -> str:
    apart = f"{count(data['new_customers'], 'customer')} came later and could not be predicted"
    if data["without_purchase"]:
        apart += f", {data['without_purchase']:,} had only returned goods"
    n_periods, unit = data["holdout_periods"], data["unit"]
    span = count(data["holdout_days"], "day") if n_periods is None else count(n_periods, unit)
    taken = "purchases" if n_periods is None else f"purchases, a {unit} with any being one,"
    return (
        f"models fitted to {data['first_day']} to {data['split']}, held against the {span} up to {data['as_of']}\n"
        f"{count(data['customers'], 'customer')}, who then made {money(data['actual']['purchases'])} {taken} worth a "
        f"{data['value_is']} of {money(data['actual']['value'])}; {apart}"
    )


def _verdict(data: dict[str, Any]) -> str:
    titles = {prediction["name"]: prediction["title"] for prediction in data["predictions"]}
    best, beaten = titles[data["best_model"]], data["beaten_on"]
    alike = {kind: [titles[name] for name in names] for kind, names in data["alike"].items()}
    if data["verdict"] == "worse":
        words = f'{best} predicts best of the models, but not as well as "{titles[beaten["RMSE"]]}"'
    elif data["verdict"] == "no better":
        rules = _listed([f'"{title}"' for title in alike["baseline"]], "or")
        words = f"no model is better than {rules} by more than the standard error"
    elif alike["model"]:
        words = f"{_listed([best, *alike['model']], 'and')} predict equally well, and better than every baseline"
    else:
        words = f"{best} predicts best, and better than every baseline"
    named = {"weekly error": f"error by {data['unit']}"} if data["holdout_periods"] is not None else {}
    others = [
        f'"{titles[name]}" on {named.get(measure, measure)}' for measure, name in beaten.items() if measure != "RMSE"
    ]
    said = f"{words} (by RMSE of purchases)" + (f"; beaten by {', '.join(others)}" if others else "")
    if data["ranks_customers"]:
        return said
    correlation = next(one for one in data["predictions"] if one["name"] == data["best_model"])["purchases"]
    shown = _four_digits(correlation["rank_correlation"])
    return f"{said}; {best} ranks customers no better than chance (rank correlation {shown})"


def _listed(names: list[str], last: str) -> str:
    """As in a sentence: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def _measures(data: dict[str, Any], quantity: str, title: str) -> str:
    """One row per prediction; errors are predicted less actual."""
    is_count = quantity == "purchases"
    header = [title, "predicted", "off by", "MAE", "RMSE", "bias", "rank corr.", "Gini", "top 20 %"]
    header += ["Brier", "weekly" if data["holdout_periods"] is None else f"by {data['unit']}"] if is_count else []
    rows = []
    for prediction in data["predictions"]:
        accuracy = prediction[quantity]
        if accuracy is None:
            continue
        row = [
            prediction["title"],
            money(accuracy["predicted"]),
            percent(accuracy["error"], sign="+"),
            *(_four_digits(accuracy[name]) for name in ("mae", "rmse")),
            _four_digits(accuracy["bias"], "+"),
            _four_digits(accuracy["rank_correlation"]),
            _four_digits(accuracy["gini"]),
            percent(accuracy["top_20_caught"]),
        ]
        counted = [_four_digits(prediction["probability"]["brier"]), percent(prediction["weekly_error"])]
        rows.append(row + (counted if is_count else []))
    return table(header, rows, right=range(1, len(header))) if rows else ""


def _per_purchase(data: dict[str, Any]) -> str:
    """Value of a purchase, expected and as it was, by whether the customer had come back before."""
    rows = [
        [
            "repeat customers" if row["is_repeat"] else "one-time buyers",
            f"{row['customers']:,}",
            f"{row['purchases']:,}",
            number(row["actual"], 2),
            number(row["expected"], 2),
            "-"
            if not row["actual"] or row["actual"] < 0.0
            else percent(row["expected"] / row["actual"] - 1.0, sign="+"),
        ]
        for row in data["value_per_purchase"]
    ]
    header = [f"{data['value_is']} of a purchase, of those who bought", "customers", "purchases"]
    return table([*header, "actual", "expected", "off by"], rows, right=range(1, 6)) if rows else ""


def _groups(data: dict[str, Any]) -> str:
    """Purchases per customer by repeat purchases before the split."""
    best = [row for row in data["groups"] if row["name"] == data["best_model"]]
    labels = [str(row["frequency"]) for row in best]
    labels[-1] += "+"
    rows = [
        ["customers", *(f"{row['customers']:,}" for row in best)],
        ["actual", *(_four_digits(row["actual_purchases"]) for row in best)],
    ]
    for prediction in data["predictions"]:
        mine = (row["predicted_purchases"] for row in data["groups"] if row["name"] == prediction["name"])
        rows.append([prediction["title"], *(_four_digits(mean) for mean in mine)])
    return table(["purchases each, by repeats before", *labels], rows, right=range(1, len(labels) + 1))


def _deciles(data: dict[str, Any]) -> str:
    """Reliability: customers who bought within the risk horizon, by what the best model gave for their chances."""
    best = [row for row in data["deciles"] if row["name"] == data["best_model"]]
    prediction = next(one for one in data["predictions"] if one["name"] == data["best_model"])
    rows = [
        ["customers", *(f"{row['customers']:,}" for row in best)],
        ["probability", *(percent(row["p_purchase"]) for row in best)],
        ["bought", *(percent(row["share_bought"]) for row in best)],
        ["at least", *(percent(row["share_low"]) for row in best)],
        ["at most", *(percent(row["share_high"]) for row in best)],
    ]
    within = f"P(purchase within {data['risk_days']} days)"
    header = [f"{prediction['title']}, decile of {within}", *(str(row["decile"]) for row in best)]
    found = prediction["probability"]
    base_rate = f"{number(found['brier_of_base_rate'], 3)} for the base rate of"
    words = (
        f"{within}: Brier score {number(found['brier'], 3)}, {base_rate} "
        f"{percent(found['n_bought'] / found['n_customers'])}; AUC {number(found['auc'], 2)} (0.5 is chance)"
    )
    return table(header, rows, right=range(1, len(header))) + "\n" + words + _recalibrated(prediction)


def _recalibrated(prediction: dict[str, Any]) -> str:
    """What the end of the past makes of the probabilities, on days that it has not seen."""
    before, after = prediction["probability"], prediction.get("recalibrated")
    if after is None:
        return ""
    brier, error = ([number(one[name], 4) for one in (before, after)] for name in ("brier", "calibration_error"))
    return (
        f"\nrecalibrated by the end of the past: Brier score {brier[1]} in place of {brier[0]}, mean distance of "
        f"probabilities from shares {error[1]} in place of {error[0]}"
    )


def _weeks(data: dict[str, Any]) -> str:
    """Purchases in the weeks of the holdout; many weeks are added up in blocks of equal length."""
    weeks, predictions = data["tracking"], data["predictions"]
    after = [i for i, is_holdout in enumerate(weeks["is_holdout"]) if is_holdout]
    size = -(-len(after) // MOST_BLOCKS)
    blocks = [after[i : i + size] for i in range(0, len(after), size)]
    models = [prediction for prediction in predictions if prediction["kind"] == "model"]
    step = "week" if data["holdout_periods"] is None else data["unit"]
    header = [
        f"{step} to" if size == 1 else f"{size} {step}s to",
        "actual",
        *(prediction["title"] for prediction in predictions),
    ]
    header += ["all so far", *(prediction["title"] for prediction in models)]
    rows = [
        [
            weeks["last_day"][block[-1]],
            money(sum(weeks["actual"][i] for i in block)),
            *(money(sum(weeks["expected"][prediction["name"]][i] for i in block)) for prediction in predictions),
            money(weeks["actual_cumulative"][block[-1]]),
            *(money(weeks["expected_cumulative"][prediction["name"]][block[-1]]) for prediction in models),
        ]
        for block in blocks
    ]
    return table(header, rows, right=range(1, len(header)))


def _origins(data: dict[str, Any]) -> str:
    """Errors of the total from each origin, and the spread of what else is compared."""
    origins, spread = data["origins"], data["spread"]
    if not origins:
        return ""
    titles = {row["name"]: row["title"] for row in spread}

    def of(measure: str) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in spread if row["measure"] == measure}

    error, size, weekly, rmse = (of(name) for name in ("error of the total", "its size", "weekly error", "RMSE"))
    header = ["total purchases off by, from", *(origin["split"] for origin in origins), "mean", "± sd", "mean size"]
    header += ["weekly", "RMSE"]
    rows = []
    for name, title in titles.items():
        errors = (origin["measures"].get(name, {}).get("error of the total") for origin in origins)
        deviation = error.get(name, {}).get("standard_deviation")
        rows.append(
            [
                title,
                *(percent(one, sign="+") for one in errors),
                percent(error.get(name, {}).get("mean"), sign="+"),
                percent(deviation),
                percent(size.get(name, {}).get("mean")),
                percent(weekly.get(name, {}).get("mean")),
                _four_digits(rmse.get(name, {}).get("mean")),
            ]
        )
    return table(header, rows, right=range(1, len(header)))


def _seasons(validation: "Validation") -> str:
    """What a scoring run would have chosen at the split, by model."""
    titles = {assessment.name: assessment.title for assessment in validation.assessments}
    return "\n".join(f"{titles.get(name, name)}, {choice.words}" for name, choice in validation.seasons.items())


def _four_digits(x: float | None, sign: str = "") -> str:
    """Four significant digits at most: errors may be thousandths or thousands."""
    if x is None:
        return "-"
    digits = 3 if abs(x) < 10.0 else 1 if abs(x) < 1000.0 else 0
    return f"{x:{sign},.{digits}f}"
