"""The first screen of a finished run: who, what they are worth, who may leave, what to do, and where to go on."""

import shlex
import textwrap
from typing import TYPE_CHECKING, Any

from whalecurve.cli.errors import in_options
from whalecurve.cli.reports import titles
from whalecurve.cli.reports.phrases import not_reliable, paragraphs, purchases_counted
from whalecurve.cli.reports.text_tables import count, money, number, percent, table

if TYPE_CHECKING:
    from whalecurve.engine import Run

WIDTH = 80
MOST_NOTES = 3
MOST_SEGMENTS = 5
LONGEST_NAME = 24
MOST_ACTIONS = 3

Row = dict[str, Any]


def screen_text(run: "Run") -> str:
    """About twenty lines of at most 80 columns; `run_text` has all of it."""
    segments: list[Row] = run.segments.to_dicts()
    matrix = [row for row in segments if row["scheme"] == "matrix"]
    cells = [] if run.model["risk"]["withheld"] else [row for row in matrix if row["customers"] and row["segment"]]
    blocks = [
        "\n".join([_headline(run), *map(_cut, not_reliable(run.manifest))]),
        _cells(run, cells) if cells else "",
        _segments(run, [row for row in segments if row["scheme"] == "rfm"], in_a_line=bool(cells)),
        _actions(run.manifest["next_best_actions"]),
        _notes(run),
        _where(run),
    ]
    return paragraphs(blocks)


def _headline(run: "Run") -> str:
    manifest, settings = run.manifest, run.model["definitions"]
    customers, shares, rows = manifest["customers"], manifest["concentration"]["all"], manifest["rows"]
    again = customers["repeat"] / customers["with_purchase"] if customers["with_purchase"] else None
    refused = sum(rows["refused"].values())
    top = shares["top_20_share"]
    lines = [
        f"{count(customers['all'], 'customer')} as of {manifest['as_of']}"
        + ("" if again is None else f"; {percent(again)} of buyers bought again"),
        f"{rows['used']:,} of {count(rows['read'], 'order line')} used"
        + (f", {refused:,} refused (refused.parquet)" if refused else "")
        + (f", {rows['filtered']:,} filtered" if rows["filtered"] else ""),
        f"{settings['value']} {money(shares['total'])}"
        + ("" if top is None else f"; the top 20% of customers account for {percent(top)} of it"),
    ]
    if customers["clv"] is not None:
        lines.append(
            f"next {settings['horizon_days']} days: {money(customers['expected_purchases'])} "
            f"{purchases_counted(settings)}, "
            f"customer lifetime value (CLV) {money(customers['clv'])}"
        )
        lines.append(_risk(run.model["risk"]))
    return "\n".join([*lines, *_drift(manifest["moved"])])


def _risk(risk: Row) -> str:
    meaning = f"churn risk: no purchase within {risk['horizon_days']} days"
    if risk["withheld"]:
        return f"{meaning}; withheld, see the notes"
    return f"{meaning}; " + ("not tested" if risk["test"] is None else f"tested: AUC {number(risk['test']['auc'], 2)}")


def _drift(moved: Row | None) -> list[str]:
    """How far customers have moved from those of the run whose thresholds these are."""
    if moved is None:
        return []
    verdicts = [
        f"{(titles.SCORES | titles.SCHEMES).get(name, name)} {index['verdict']}"
        for name, index in moved["stability"].items()
        if index["verdict"] != titles.STABLE
    ]
    return [_filled(f"against {moved['from']['path']}: {', '.join(verdicts) or 'all scores and segments are stable'}")]


def _cells(run: "Run", cells: list[Row]) -> str:
    """The cells of the matrix."""
    value = run.model["definitions"]["value"]
    header = ["risk x value", "customers", "share", f"of {value}", "of CLV", "churn risk", "at stake"]
    rows = [
        [
            _short(row["segment"]),
            f"{row['customers']:,}",
            percent(row["customer_share"]),
            percent(row["value_share"]),
            percent(row["clv_share"]),
            percent(row["mean_churn_risk"]),
            money(row["value_at_stake"]),
        ]
        for row in cells
    ]
    return table(header, rows, right=range(1, len(header)))


def _segments(run: "Run", rows: list[Row], *, in_a_line: bool) -> str:
    """The segments with most customers: in a line below the matrix, in a table where there is none."""
    largest = sorted((row for row in rows if row["customers"] and row["segment"]), key=lambda row: -row["customers"])
    first, more = largest[:MOST_SEGMENTS], len(largest) - MOST_SEGMENTS
    if not first:
        return ""
    rest = f" and {more} more" if more > 0 else ""
    if in_a_line:
        named = ", ".join(f"{_short(row['segment'])} {row['customers']:,}" for row in first)
        return _filled(f"segments: {named}{rest}")
    header = ["segment", "customers", "share", f"of {run.model['definitions']['value']}"]
    lines = [
        [
            _short(row["segment"]),
            f"{row['customers']:,}",
            percent(row["customer_share"]),
            percent(row["value_share"]),
        ]
        for row in first
    ]
    return table(header, lines, right=range(1, len(header))) + (f"\n...{rest}" if rest else "")


def _actions(actions: list[Row]) -> str:
    """What to do next, the most urgent first: the labels that come first in the scheme's order of precedence."""
    told = [row for row in actions if row["customers"] and row["action"]]
    if not told:
        return ""
    lines = [f"  {row['customers']:,} {_label(row['from'])}: {row['action']}" for row in told[:MOST_ACTIONS]]
    return "\n".join(["what to do, most urgent first (next_best_action of each customer)", *map(_cut, lines)])


def _label(origin: str) -> str:
    """The label that an action is from, without its kind: "matrix: Retain" is Retain."""
    return _short(origin.split(": ", 1)[1])


def _notes(run: "Run") -> str:
    """The first notes, as far as they fit in a line each; the others are counted."""
    words = [in_options(warning) for warning in run.manifest["warnings"]]
    most = MOST_NOTES - len(not_reliable(run.manifest))  # which is said further up, and the screen is no longer for it
    lines = [_cut(f"note: {one}") for one in words[:most]]
    more = len(words) - most
    return "\n".join([*lines, *([f"note: {count(more, 'more note')}, see --full"] if more > 0 else [])])


def _where(run: "Run") -> str:
    out = shlex.quote(str(run.out))
    return "\n".join(
        [
            f"written to {run.out}: customers/ (a row each), segments.parquet, manifest.json",
            "all tables, models and notes: --full",
            f"next: whalecurve report {out}",
        ]
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def _filled(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 4].rsplit(' ', 1)[0]} ..."
