"""What marks a segment, and what goes with its behaviour, in words and tables."""

from pathlib import Path
from typing import Any

from whalecurve.cli.reports import titles
from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, first_rows, interval, mark, named, number, percent, ratio

ROBUST = "q of margin rates is that of a robust rate, in which no line counts more than ten times the mean amount"


def explanation_text(data: dict[str, Any], out: Path | None) -> str:
    """The segment, then of each dimension its marks and the differences in behaviour; `out`: where it was written."""
    blocks = [_headline(data), _actions(data)]
    for one in data["dimensions"]:
        blocks += [_profile(one, data), _anomalies(one, data)]
    return paragraphs([*blocks, notes(data["warnings"]), written_to(out)])


def _headline(data: dict[str, Any]) -> str:
    n, rates, settings = data["customers"], data["rates"], data["settings"]
    share = n["segment"] / n["base"]
    days = settings["second_purchase_days"]
    known = [
        f"{titles.BEHAVIOUR[name]} {percent(rate)}" for name, rate in rates.items() if name != "second_purchase_rate"
    ]
    return "\n".join(
        [
            f"{data['segment']}: {n['segment']:,} ({percent(share)}) of {count(n['base'], 'customer')} with a "
            f"purchase, as of {data['as_of']}",
            f"on the whole: second purchase within {days} days {percent(rates['second_purchase_rate'])} of the "
            f"{n['observed']:,} observed for as long, {', '.join(known)}",
        ]
    )


def _actions(data: dict[str, Any]) -> str:
    """What is to be done about its customers, and which of their labels says so."""
    rows = data["next_best_actions"]
    if not rows:
        return ""
    lines = [f"  {row['customers']:,} by {row['from']}: {row['action']}" for row in rows]
    return "\n".join(["next best action of its customers, by the first of their labels that has one", *lines])


def _profile(explained: dict[str, Any], data: dict[str, Any]) -> str:
    """The values that mark the segment, and the largest of the others."""
    rows = [
        [
            named(row["value"]),
            mark(row["marks"]),
            f"{row['customers_segment']:,}",
            *(percent(row[name]) for name in ("share_segment", "share_base", "share_rest")),
            number(row["index"]),
            ratio(row["lift"]),
            interval(row["lift_low"], row["lift_high"], ratio),
            ratio(row["line_lift"]),
            percent(row["value_share_segment"]),
            number(row["value_index"]),
        ]
        for row in explained["profile"]
    ]
    each, level, segment = explained["values_per_customer"], data["settings"]["level"], data["segment"]
    words = f"by {explained['by']}: {count(explained['values'], 'value')}, {explained['values_tested']:,} tested"
    if each["base"] >= 1.05:
        words += f"; a customer has bought with {each['base']:.1f} of them, one of {segment} with {each['segment']:.1f}"
    marks = sum(row["marks"] is not None for row in explained["profile"])
    words += f"\n{count(marks, 'value') if marks else 'no value'} {'marks' if marks < 2 else 'mark'} {segment}"
    if not rows:
        return words
    header = [explained["by"], "mark", "customers", "share", "of all", "of the rest", "index", "lift"]
    header += [f"{level:.0%} interval", "of lines", f"of {data['value_is']}", "index"]
    return words + "\n\n" + first_rows(header, rows, right=range(2, len(header)))


def _anomalies(explained: dict[str, Any], data: dict[str, Any]) -> str:
    """What is reported of each value, flagged ones first."""
    settings = data["settings"]
    if not explained["anomalies"]:
        return f"by {explained['by']}: no difference in behaviour in {count(explained['tests'], 'test')}"
    flags = {row["value"]: row["flag"] for row in explained["flags"]}
    rows, last = [], None
    for row in explained["anomalies"]:
        is_new, last = row["value"] != last, row["value"]
        rows.append(
            [
                named(row["value"]) if is_new else "",
                (flags[row["value"]] or "") if is_new else "",
                row["effect"],
                titles.BEHAVIOUR[row["measure"]],
                f"{row['n_customers']:,}",
                *(percent(row[name]) for name in ("rate", "rate_elsewhere", "shrunk_rate")),
                _points(row["difference"]),
                interval(row["low"], row["high"], _points),
                "<0.0001" if row["q_value"] < 1e-4 else f"{row['q_value']:.4f}",
            ]
        )
    header = [explained["by"], "flag", "effect", "measure", "customers", "rate", "elsewhere", "shrunk", "points"]
    header += [f"{settings['level']:.0%} interval", "q"]
    differences = count(len(explained["anomalies"]), "difference")
    words = f"by {explained['by']}: {differences} in {count(explained['tests'], 'test')}"
    table = words + "\n\n" + first_rows(header, rows, right=range(4, len(header)))
    return table if all(row["robust_rate"] is None for row in explained["anomalies"]) else table + "\n\n" + ROBUST


def _points(difference: float | None) -> str:
    return "-" if difference is None else f"{100.0 * difference:+.1f}"
