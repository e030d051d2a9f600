"""A planned experiment as text."""

from pathlib import Path
from textwrap import fill
from typing import Any

from whalecurve.cli.reports.phrases import notes, paragraphs, written_to
from whalecurve.cli.reports.text_tables import count, interval, number, percent, table

WIDTH = 80

TESTS = {"plain": "plain", "adjusted": "capped, adjusted"}


def plan_text(data: dict[str, Any], out: Path | None) -> str:
    """What can be seen, by segment and by length; what the test did in the past; the verdict first."""
    where = f"{written_to(out)}: plan.parquet, replays.parquet, plan.json" if out is not None else ""
    told = "\n".join(fill(line, WIDTH) for line in notes(data["warnings"]).splitlines())
    return paragraphs([_opening(data), _sizes(data), _lengths(data), _replays(data), told, where])


def _opening(data: dict[str, Any]) -> str:
    asked, windows = data["settings"], data["windows"]
    shares = {arm["name"]: arm["share"] for arm in asked["arms"]}
    arms = f"{asked['treated']} ({shares[asked['treated']]}) against {asked['control']} ({shares[asked['control']]})"
    looked = "" if asked["looks"] == 1 else f", looked at {asked['looks']} times"
    past = f"by {count(len(windows), 'window')} of the past, {windows[-1]['first_day']} to {windows[0]['last_day']}"
    about = f"{asked['metric']} over {count(asked['days'], 'day')}, {arms}{looked}, {past}"
    return paragraphs(fill(words, WIDTH) for words in (data["verdict"], about))


def _sizes(data: dict[str, Any]) -> str:
    """The effect that is seen, by segment and kind of test."""
    asked = data["settings"]
    decimals = 3 if asked["metric"] in ("orders", "conversion") else 2
    header = ["segment", "customers", "mean", "seen: plain", "capped", "adjusted", "in a window"]
    rows = [
        [
            row["segment"] or "all",
            f"{row['customers']:,}",
            number(row["mean"], decimals),
            *(percent(row[f"detectable_{kind}"]) for kind in ("plain", "capped", "adjusted")),
            _span(row),
        ]
        for row in data["sizes"]
        if row["days"] == asked["days"]
    ]
    if asked["effect"] is not None:
        header[-1] = f"for {percent(asked['effect'])}"
        own = [row for row in data["sizes"] if row["days"] == asked["days"]]
        for line, row in zip(rows, own, strict=True):
            line[-1] = "-" if row["needed_adjusted"] is None else f"{row['needed_adjusted']:,}"
    last = f"seen: least change that shows in {percent(asked['power'])} of cases"
    words = f"{last}; for {percent(asked['effect'])}: customers it takes" if asked["effect"] is not None else last
    return f"{table(header, rows, range(1, 7))}\n\n{words}"


def _span(row: dict[str, Any]) -> str:
    low, high = row["detectable_best_window"], row["detectable_worst_window"]
    return interval(low, high, lambda share: "-" if share is None else f"{share:.0%}")


def _lengths(data: dict[str, Any]) -> str:
    """The same of all, by how long customers are followed."""
    asked = data["settings"]
    rows = [row for row in data["sizes"] if row["segment"] is None]
    if len(rows) < 2:
        return ""
    header = ["days", "windows", "mean", "seen: plain", "adjusted"]
    header += [] if asked["effect"] is None else [f"for {percent(asked['effect'])}"]
    lines = [
        [
            str(row["days"]),
            str(row["windows"]),
            number(row["mean"], 2),
            percent(row["detectable_plain"]),
            percent(row["detectable_adjusted"]),
            *([] if asked["effect"] is None else [number(row["needed_adjusted"])]),
        ]
        for row in rows
    ]
    return table(header, lines, range(len(header)))


def _replays(data: dict[str, Any]) -> str:
    """How often the tests saw something in the past: where nothing was done, and where an effect was added."""
    rows = data["replays"]
    if not rows:
        return ""
    effect = rows[0]["effect"]
    header, added = ["test", "false alarms", "99% bounds"], ""
    if effect is not None:
        header += [f"{percent(effect)} seen", "99% bounds", "formula"]
        added = f", and with {percent(effect)} added in the treated arm"
    lines = [
        [
            TESTS[row["test"]],
            percent(row["false_alarms"]),
            interval(row["false_alarms_low"], row["false_alarms_high"], percent),
            percent(row["seen"]),
            interval(row["seen_low"], row["seen_high"], percent),
            percent(row["seen_by_formula"]),
        ][: len(header)]
        for row in rows
    ]
    n, level = rows[0], percent(data["settings"]["alpha"])
    told = (
        f"{n['replays']:,} times {n['customers']:,} customers of the past were assigned, to nothing at all,\n"
        f"and tested at {level}: as they were{added}"
    )
    return f"{told}\n\n{table(header, lines, range(1, len(header)))}"
