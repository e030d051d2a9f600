"""A finished run in words and numbers that need no manual."""

from typing import TYPE_CHECKING, Any

from whalecurve.cli.reports import titles
from whalecurve.cli.reports.phrases import (
    json_text,
    lines_read,
    not_reliable,
    notes,
    paragraphs,
    purchases_counted,
    written_to,
)
from whalecurve.cli.reports.text_tables import count, first_rows, money, named, number, percent, size, table
from whalecurve.cli.reports.types import plain_type
from whalecurve.cli.reports.understand.measures import in_short

if TYPE_CHECKING:
    from whalecurve.engine import Run


def run_json(run: "Run") -> str:
    """The whole record of a run as one JSON object."""
    record = {
        "out": str(run.out),
        "manifest": run.manifest,
        "model": run.model,
        "segments": run.segments.to_dicts(),
        "measures": run.measures,
    }
    return json_text(record)


def plan_text(plan: dict[str, Any]) -> str:
    """What a run would do."""
    rows = "unknown" if plan["rows"] is None else f"{plan['rows']:,}"
    roles = [[role, r["mapping"], plain_type(r["type"])] for role, r in plan["columns"].items()]
    sizes = {key: size(plan[key]) for key in ("memory", "memory_at_least")}
    settings = [[key, str(value)] for key, value in (plan | sizes).items() if key not in ("files", "rows", "columns")]
    blocks = [
        f"{count(plan['files'], 'file')}, {rows} rows; nothing was read or written",
        table(["role", "mapping", "type"], roles),
        table(["setting", "value"], settings),
    ]
    return "\n\n".join(blocks)


def run_text(run: "Run") -> str:
    """The result for the person who asked for it: value, who comes back, segments, matrix, tiers, models."""
    blocks = [
        "\n".join([_headline(run), *not_reliable(run.manifest)]),
        "" if run.measures is None else in_short(run.measures),
        *(_segments(run, scheme) for scheme in titles.SCHEMES),
        _actions(run),
        _quality(run),
        _models(run),
        _covariates(run),
        _groups(run),
        _moved(run),
        notes(run.manifest["warnings"]),
        written_to(run.out),
    ]
    return paragraphs(blocks)


def _headline(run: "Run") -> str:
    manifest, settings = run.manifest, run.model["definitions"]
    customers, shares = manifest["customers"], manifest["concentration"]["all"]
    repeat = manifest["concentration"]["repeat"]
    lines = [
        f"{count(customers['all'], 'customer')}, {customers['repeat']:,} of them with more than one purchase day, "
        f"as of {manifest['as_of']}",
        lines_read(manifest["rows"]),
        f"{settings['value']} {money(shares['total'])}",
    ]
    if shares["top_20_share"] is not None:
        lines.append(
            f"the top 20% of customers account for {percent(shares['top_20_share'])} of it; "
            f"{count(shares['n_for_80'], 'customer')} ({percent(shares['for_80_customers_share'])}) account for 80%"
        )
    if repeat["top_20_share"] is not None:
        lines.append(f"among repeat customers, the top 20% account for {percent(repeat['top_20_share'])}")
    if shares["n_loss_makers"]:
        losses = money(shares["total_negative"])
        lines.append(
            f"{count(shares['n_loss_makers'], 'customer')} with a negative {settings['value']}, {losses} in all"
        )
    if customers["clv"] is not None:
        counted = f"{money(customers['expected_purchases'])} {purchases_counted(settings)}"
        lines.append(
            f"next {settings['horizon_days']} days: {counted} expected, "
            f"customer lifetime value {money(customers['clv'])}"
        )
    retain = next(row for row in run.segments.iter_rows(named=True) if row["scheme"] == "matrix")
    if retain["customers"]:
        lines.append(
            f"{retain['segment']}: {count(retain['customers'], 'customer')}, {money(retain['value_at_stake'])} of the "
            f"next {settings['horizon_days']} days at stake if they leave"
        )
    return "\n".join(lines)


def _segments(run: "Run", scheme: str) -> str:
    if scheme == "matrix" and run.model["risk"]["withheld"]:
        return ""  # a note says why
    segments = [row for row in run.segments.iter_rows(named=True) if row["scheme"] == scheme]
    rows = [
        [
            row["segment"] or titles.UNLABELLED[scheme],
            f"{row['customers']:,}",
            percent(row["customer_share"]),
            money(row["value"]),
            percent(row["value_share"]),
            money(row["clv"]),
            percent(row["mean_churn_risk"]),
        ]
        for row in segments
    ]
    header = [titles.SCHEMES[scheme], "customers", "share", "value", "share", "CLV", "churn risk"]
    if scheme == "matrix":
        header.append("at stake")
        for row, cell in zip(rows, segments, strict=True):
            row.append(money(cell["value_at_stake"]))
    if scheme == "clv_tier":
        header.append("spend falling")
        falling = run.manifest["customers"]["spend_falling"] or {}
        for row, tier in zip(rows, segments, strict=True):
            row.append(money(falling.get(tier["segment"])))
    return table(header, rows, right=range(1, len(header)))


def _actions(run: "Run") -> str:
    """What to do about each segment and cell that has customers."""
    with_action = [
        row
        for row in run.segments.iter_rows(named=True)
        if row["scheme"] in ("rfm", "matrix") and row["action"] and row["customers"]
    ]
    if not with_action:
        return ""
    return "\n".join(["what to do", *(f"  {row['segment']}: {row['action']}" for row in with_action)])


def _quality(run: "Run") -> str:
    """Segments that are too small, too large or mixed, and what would split them; nothing where there are none."""
    remarks = run.manifest.get("segment_quality") or []
    lines = [f"  {told['segment'] or titles.SCHEMES[told['scheme']]}: {told['remark']}" for told in remarks]
    return "\n".join(["segment quality (segment_quality.parquet)", *lines]) if lines else ""


def _models(run: "Run") -> str:
    purchases, spend, fit = run.model["transactions"], run.model["spend"], run.model["calibration"]
    lines = []
    if purchases["params"]:
        lines.append(_model_line(purchases) + f" per {purchases['unit']}" + _selected(run))
        lines.append(
            f"  fit: {_verdict(purchases, fit)}; {percent(fit['misplaced'])} of customers placed in the wrong "
            f"frequency group; {fit['expected_repeats']:,.0f} repeat purchases expected, {fit['repeats']:,.0f} seen"
        )
    if spend["params"]:
        lines.append(_model_line(spend) + _selected_spend(run))
        correlation = spend["correlation_frequency_monetary_value"]
        lines.append(
            f"  correlation of frequency and monetary value {number(correlation, 2)}; "
            f"{spend['n_left_out']:,} customers left out"
        )
    return "\n".join([*lines, *_season(run), *_risk(run.model["risk"]), *_recalibration(run), *_next_purchase(run)])


def _risk(risk: dict[str, Any]) -> list[str]:
    """The risk horizon, and how well the ranking by risk did on a holdout."""
    days, followed, test = risk["horizon_days"], risk["followed_days"], risk["test"]
    rhythm = "80% of the purchases that are followed by another have been"
    if risk["chosen"] == "thresholds":
        why = ", as in the run whose thresholds these are"
    elif risk["chosen"] == "given":
        why = ""
    elif followed is None:
        why = ", the longest: nobody has come back yet"
    elif followed == days:
        why = f": by then {rhythm}"
    else:
        why = f", the {'longest' if followed > days else 'shortest'}: {rhythm} after {followed:,}"
    lines = [f"risk horizon {days} days{why}"]
    if test is None:
        return [*lines, f"  not tested: {risk['untested']}"]
    return [
        *lines,
        f"  tested on the {test['days']} days after {test['split']}: {test['n_bought']:,} of {test['n_customers']:,} "
        f"customers bought; AUC {number(test['auc'], 2)}, Brier score {number(test['brier'], 3)} against "
        f"{number(test['brier_of_base_rate'], 3)} for one probability for all",
    ]


def _recalibration(run: "Run") -> list[str]:
    """What a holdout made of probabilities of a purchase, and whether that held on days that it had not seen."""
    found = run.model.get("recalibration")
    if found is None:
        return []
    test = found["test"]
    said = f"  recalibrated on the days after {found['split']}" if found["is_applied"] else "  not recalibrated"
    if test is None:
        return [f"{said}; not tested: {found['untested']}" if found["untested"] else said]
    brier, error = ([number(one, 4) for one in test[name]] for name in ("brier", "calibration_error"))
    return [
        f"{said}; learnt a risk horizon earlier, Brier score {brier[1]} in place of {brier[0]}, mean distance of "
        f"probabilities from shares {error[1]} in place of {error[0]}"
    ]


def _groups(run: "Run") -> str:
    """Parameters by group, the test against one model, and how the last quarter was predicted."""
    found = run.model.get("groups")
    if found is None:
        return ""
    if found["reason"] is not None:
        return f"by {found['by']}: one model for all, as {found['reason']}\n{_told_apart(found)}".rstrip()
    names = list(found["groups"][0]["params"])
    rows = [
        [
            named(group["group"]),
            f"{group['customers']:,}",
            f"{group['repeat_customers']:,}",
            f"{group['own_share']:.0%}",
            *(f"{group['params'][name]:.4g}" for name in names),
        ]
        for group in found["groups"]
    ]
    header = [f"parameters by {found['by']}", "customers", "repeat", "own", *names]
    return "\n".join([first_rows(header, rows, range(1, len(header))), _told_apart(found)])


def _told_apart(found: dict[str, Any]) -> str:
    ratio, trial, said = found["likelihood_ratio"], found["trial"], []
    if ratio is not None:
        said.append(
            f"likelihood ratio of groups apart against one model for all {number(ratio['statistic'], 1)} "
            f"({ratio['degrees']} degrees of freedom, p = {ratio['p_value']:.2g})"
        )
    if trial is None:
        said.append(f"not tried on a holdout: {found['untested']}")
    else:
        errors = ", ".join(f"{way} {number(tried['error'], 4)}" for way, tried in trial["ways"].items())
        said.append(f"RMSE of purchases in the {trial['days']} days after {trial['split']}: {errors}")
    return "\n".join(said)


def _season(run: "Run") -> list[str]:
    """The season that customers are scored with, and why."""
    season = run.model.get("season")
    return [] if season is None else [season["words"]]


def _next_purchase(run: "Run") -> list[str]:
    """Who is due, what that is told by, and how far off it was in a holdout."""
    told, due = run.model.get("next_purchase"), run.manifest["customers"].get("due")
    if told is None or due is None:
        return []
    test = told["test"]
    by = "purchase model" if told["basis"] == "model" else "customer's rhythm"
    said = f"next purchase by the {by}: {count(due['soon'], 'customer')} due within 30 days, {due['overdue']:,} overdue"
    if test is None:
        return [said, f"  not tested: {told['untested']}"]
    model, rhythm = (number(test[f"{name}_error"], 1) for name in ("model", "rhythm"))
    return [
        said,
        f"  tested on the {test['days']} days after {test['split']}: of {test['n_customers']:,} customers, off by "
        f"{model} days by the model, by {rhythm} by the rhythm",
    ]


def _verdict(purchases: dict[str, Any], fit: dict[str, Any]) -> str:
    """How well the model describes the customers, which says nothing of dropout where the data do not tell it."""
    return f"{fit['verdict']}{', but the data do not identify dropout' if purchases.get('prior') else ''}"


def _model_line(fit: dict[str, Any]) -> str:
    errors = fit["standard_errors"] or {}
    params = (
        f"{name} = {value:.4g}" + (f" ± {errors[name]:.2g}" if name in errors else "")
        for name, value in fit["params"].items()
        if ":" not in name
    )
    return f"{titles.MODELS.get(fit['model'], fit['model'])}: {', '.join(params)}"


def _selected(run: "Run") -> str:
    selection = run.model["selection"]
    if selection is None:
        return ""
    measure = "holdout_error" if selection["by"] == "holdout" else "bic"
    errors = ", ".join(
        f"{titles.MODELS[c['model']]} {c[measure]:.4f}" for c in selection["candidates"] if c[measure] is not None
    )
    if selection["by"] == "holdout":
        words = "least error in the last quarter"
    elif any(candidate["margin"] for candidate in selection["candidates"]):
        words = "least BIC, among models that predict the last quarter equally well"
    else:
        words = "least BIC"
    return f"; chosen for the {words}: {errors}"


def _selected_spend(run: "Run") -> str:
    """Why this spend model, where the choice was left open."""
    selection = run.model["spend"].get("selection")
    if selection is None:
        return ""
    if selection["by"] == "losses":
        return f"; chosen as {percent(selection['losses'])} of repeat customers lost money on their repeat purchases"
    found = ", ".join(
        f"{titles.MODELS[c['spend'].replace('-', '_')]} {number(c['holdout_error'], 2)}"
        for c in selection["candidates"]
        if c["holdout_error"] is not None
    )
    words = {
        "holdout": "chosen for the least error in the last quarter",
        "fit": "chosen as Gamma-Gamma cannot be used",
        "default": "kept, as the other predicts the last quarter no better" if found else "kept, as history is short",
    }[selection["by"]]
    return f"; {words}" + (f": {found}" if found else "")


def _covariates(run: "Run") -> str:
    """Coefficients, and the factor by which a unit more multiplies the rate that they act on."""
    effects = run.model["covariates"]
    if effects is None:
        return ""
    rows = [
        [
            row["acts_on"],
            row["covariate"],
            f"{row['coefficient']:.4g}",
            "-" if row["standard_error"] is None else f"{row['standard_error']:.2g}",
            number(row["factor"], 3),
            "-" if row["p_value"] is None else f"{row['p_value']:.2g}",
        ]
        for row in effects["coefficients"]
    ]
    header = ["acts on", "covariate", "coefficient", "standard error", "factor", "p"]
    return table(header, rows, right=range(2, 6))


def _moved(run: "Run") -> str:
    """Old customers against new, where thresholds and models are those of an old run."""
    drift = run.manifest["moved"]
    if drift is None:
        return ""
    source, customers = drift["from"], drift["customers"]
    indices = [
        [(titles.SCORES | titles.SCHEMES).get(name, name), f"{index['index']:.4f}", index["verdict"]]
        for name, index in drift["stability"].items()
    ]
    by_segment = [
        [
            titles.SCHEMES[row["scheme"]],
            row["segment"] or titles.UNLABELLED[row["scheme"]],
            percent(row["old"]),
            percent(row["new"]),
        ]
        for row in drift["segments"]
    ]
    means = [[row["name"], *(number(row[which], 2) for which in ("old", "new"))] for row in drift["means"]]
    blocks = [
        f"thresholds and models of {source['path']}, as of {source['as_of']}, are used as they are\n"
        f"{customers['old']:,} customers then, {customers['new']:,} now",
        table(["population stability", "index", ""], indices, right=(1,)),
        _moved_scores(drift["scores"]),
        table(["by", "customers", "then", "now"], by_segment, right=(2, 3)),
        table(["mean", "then", "now"], means, right=(1, 2)),
    ]
    return "\n\n".join(blocks)


def _moved_scores(rows: list[dict[str, Any]]) -> str:
    """A row for each score, then and now for each of R, F and M."""
    shares: dict[str, list[list[str]]] = {}
    for row in rows:
        shares.setdefault(row["score"], []).append([percent(row["old"]), percent(row["new"])])
    by_score = [
        [f"score {i}", *(share for both in pairs for share in both)]
        for i, pairs in enumerate(zip(*shares.values(), strict=True), start=1)
    ]
    header = [f"{titles.SCORES[name]} {when}" for name in shares for when in ("then", "now")]
    return table(["customers", *header], by_score, right=range(1, len(header) + 1))
