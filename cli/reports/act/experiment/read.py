"""What an experiment showed, in words and tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, first_rows, interval, money, number, percent, table

SHARES = ("conversion", "margin_rate", "return_rate")
"""Metrics that are told in percentage points."""

WIDEST = 24
"""Characters of a segment's name in a table."""

Row = dict[str, Any]


def read_text(data: dict[str, Any], out: Path | None) -> str:
    """Arms, checks, the verdict on each arm, money, other metrics and segments."""
    return paragraphs(
        [
            _headline(data),
            _arms(data["arms"]),
            _checked(data["checks"]),
            *_verdicts(data),
            _looks(data["looks"]),
            _worth(data),
            _others(data),
            _segments(data),
            notes(data["warnings"]),
            _written(out),
        ]
    )


def _headline(data: dict[str, Any]) -> str:
    plan, looking = data["plan"], data["looking"]
    treated = [arm for arm in plan["arms"] if arm != plan["control"]]
    lines = [
        f"experiment {plan['name']}: {', '.join(treated)} against {plan['control']}; {plan['metric']} of "
        f"{count(plan['days'], 'day')} from {plan['start']}",
        looking["words"],
        f"orders up to {data['as_of']}",
    ]
    if plan["hypothesis"]:
        lines.insert(1, f"hypothesis: {plan['hypothesis']}")
    if looking["planned"] > 1:
        lines[-1] += f"; look {looking['look']} of {looking['planned']}, after {looking['day'] or 0} days"
    return "\n".join(lines)


def _arms(arms: Sequence[Row]) -> str:
    whole = [row for row in arms if row["segment"] is None]
    sums = [name for name in ("revenue", "margin") if name in whole[0]]
    rows = [
        [
            row["arm"],
            f"{row['customers']:,}",
            percent(row["bought"] / row["customers"]),
            f"{row['orders']:,}",
            *(money(row[name]) for name in sums),
            percent(row["returned"] / row["sold"] if row["sold"] else None),
        ]
        for row in whole
    ]
    return table(["arm", "customers", "bought", "orders", *sums, "returned"], rows, range(1, 7))


def _checked(checks: dict[str, Any]) -> str:
    p = checks["sample_ratio_p"]
    if checks["is_sound"]:
        return f"the arms have the planned sizes (p {_p(p)})"
    where = [f"{row['segment']} (p {_p(row['p'])})" for row in checks["strata_mismatched"]]
    also = f"; in {', '.join(where)}" if where else ""
    return (
        f"STOPPED: the arms do not have the planned sizes (p {_p(p)}{also})\n"
        f"Something between assignment and these orders lost or added customers: no effect\n"
        f"can be told. Find out what, and assign anew."
    )


def _verdicts(data: dict[str, Any]) -> list[str]:
    looking = data["looking"]
    if not looking["is_read"] and data["checks"]["is_sound"]:
        return [f"not read yet: it was planned to be read with the orders up to {looking['next_day']}"]
    decisive = {row["arm"]: row for row in data["effects"] if row["is_decisive"]}
    return [_verdict(data, verdict, decisive[verdict["arm"]]) for verdict in data["verdicts"]]


def _verdict(data: dict[str, Any], verdict: Row, row: Row) -> str:
    plan, adjustment = data["plan"], data["adjustment"]
    words = {
        "works": "works",
        "harms": "does harm",
        "inconclusive": "inconclusive",
        "go on": f"no decision yet; the next look is with the orders up to {data['looking']['next_day']}",
    }[verdict["kind"]]
    p = "" if row["p"] is None else f", p {_p(row['p'])}"
    lines = [
        f"{verdict['arm']}: {words}",
        f"  {plan['metric']} {_effect(row, row['effect'])} a customer ({_between(row)}){p}",
        f"  relative to {plan['control']}: {percent(row['relative'], '+')} "
        f"({interval(row['relative_low'], row['relative_high'], lambda x: percent(x, '+'))})",
    ]
    if verdict["kind"] in ("inconclusive", "go on"):
        lines += _what_it_takes(verdict)
    lines.append(f"  {_adjusted(adjustment)}")
    return "\n".join(lines)


def _what_it_takes(verdict: Row) -> list[str]:
    lines = []
    if verdict["detectable"] is not None:
        lines.append(f"  an effect of {percent(verdict['detectable'])} would have been seen with the planned power")
    if verdict["more_days"] is not None:
        lines.append(
            f"  for {percent(verdict['planned_effect'])} it takes {verdict['more_days']:,} more days like these or "
            f"{verdict['more_customers']:,} more customers"
        )
    elif verdict["planned_effect"] is not None and verdict["kind"] == "inconclusive":
        seen = verdict["detectable"] is not None and verdict["detectable"] <= verdict["planned_effect"]
        told = "would have been seen: it is likely smaller" if seen else "is beyond what such customers can show"
        lines.append(f"  the planned effect of {percent(verdict['planned_effect'])} {told}")
    return lines


def _adjusted(adjustment: Row) -> str:
    capped = "not capped"
    if adjustment["capped_at"] is not None:
        capped = f"capped at {number(adjustment['capped_at'], 2)} ({count(adjustment['customers_capped'], 'customer')})"
    left = ", ".join(f"{name} {percent(share)}" for name, share in adjustment["variance_left"].items())
    by = " and ".join(adjustment["adjusted_by"]) or "nothing"
    return f"{capped}; adjusted by {by}" + (f"\n  variance left after adjusting: {left}" if left else "")


def _looks(looks: Sequence[Row]) -> str:
    rows = [
        [
            look["arm"],
            f"{look['day']:,}",
            percent(look["information"]),
            number(look["z"], 2),
            number(look["critical"], 2),
            "crossed" if look["is_crossed"] else "",
        ]
        for look in looks
    ]
    return table(["arm", "day", "information", "z", "boundary", ""], rows, range(1, 5)) if rows else ""


def _worth(data: dict[str, Any]) -> str:
    lines = []
    for row in data["worth"]:
        lines.append(
            f"{row['arm']}, in money and uncapped: {row['value']} {_signed(row['total'])} of "
            f"{count(row['customers'], 'customer')}"
        )
        cost = f"spent {money(row['spent'])}, " if row["spent"] else ""
        lines.append(f"  {cost}net {_signed(row['net'])} ({_signed(row['net_low'])} to {_signed(row['net_high'])})")
        if row["return"] is not None:
            lines.append(
                f"  {number(row['return'], 2)} for each 1 spent "
                f"({interval(row['return_low'], row['return_high'], lambda x: number(x, 2))})"
            )
    for row in data["clv"]:
        lines.append(f"{row['arm']}: CLV from the end on {_effect(row, row['effect'])} a customer ({_between(row)})")
    if data["chances_of_best"]:
        chances = ", ".join(f"{arm} {percent(chance)}" for arm, chance in data["chances_of_best"].items())
        lines.append(f"chance of being best, costs counted: {chances}")
    return "\n".join(lines)


def _others(data: dict[str, Any]) -> str:
    rows = [row for row in data["effects"] if row["segment"] is None and not row["is_decisive"]]
    if not rows:
        return ""
    several = len(data["verdicts"]) > 1
    cells = [
        [
            row["metric"].replace("_", " "),
            *([row["arm"]] if several else []),
            _effect(row, row["effect"]),
            _between(row),
            percent(row["relative"], "+"),
            _p(row["q"]),
        ]
        for row in rows
    ]
    header = ["other metrics", *(["arm"] if several else []), "effect", "interval", "relative", "q"]
    return table(header, cells, range(len(header) - 4, len(header)))


def _segments(data: dict[str, Any]) -> str:
    rows = [row for row in data["effects"] if row["segment"] is not None]
    if not rows:
        return ""
    several = len(data["verdicts"]) > 1
    cells = [
        [
            row["segment"][:WIDEST],
            *([row["arm"]] if several else []),
            f"{row['customers_control'] + row['customers_treated']:,}",
            _effect(row, row["effect"]),
            _effect(row, row["shrunken_effect"]),
            percent(row["relative"], "+"),
            _p(row["q"]),
            percent(row["chance_of_best"]),
        ]
        for row in rows
    ]
    header = ["segment", *(["arm"] if several else []), "customers", "effect", "shrunken", "relative", "q", "best"]
    return first_rows(header, cells, range(len(header) - 6, len(header)))


def _effect(row: Row, value: float | None) -> str:
    """An effect with its sign: in percentage points where the metric is a share."""
    if value is None:
        return "-"
    if row["metric"] in SHARES:
        return f"{100.0 * value:+z.2f} pp"
    largest = max(abs(row[name] or 0.0) for name in ("effect", "low", "high"))
    return f"{value:+z,.{2 if largest >= 1.0 else 3}f}"


def _between(row: Row) -> str:
    return f"{_effect(row, row['low'])} to {_effect(row, row['high'])}"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+z,.0f}"


def _p(p: float | None) -> str:
    return "-" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _written(out: Path | None) -> str:
    return "" if out is None else f"{written_to(out)}: effects.csv, effects.parquet, arms.parquet, readout.json"
