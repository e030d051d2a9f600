"""Labels against what happened next, on seven logs: the tables of docs/validation.md and benchmarks/labels.md.

`python -m tests.tools.labels` prints the short table and writes both. Three logs are real: Online Retail (where
`WHALECURVE_DATA` has it, see CONTRIBUTING.md), CDNOW, and the donations of Fader, Hardie & Shang (2010), of which 22
kinds of histories are published; four are drawn by `whalecurve simulate`, and one of them thinned by a season.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.support import cdnow
from tests.tools.few_purchases import few_beside_silence
from tests.tools.readme import retail_log
from whalecurve import engine
from whalecurve.engine.simulation.simulate import Simulation, simulate

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- labels: made by tests/tools/labels.py -->", "<!-- end of labels -->"
YEAR = 365.25
PEAK, QUIET = 335, 0.06
"""Day of the year on which the seasonal shop sells most, and what share of its orders is left half a year away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """An order log, and how it is cut; no cuts: the usual ones."""

    title: str
    orders: str | Path
    columns: engine.Columns
    cuts: tuple[date, ...] = ()


def donations() -> pl.DataFrame:
    """11,104 donors who began in 1995, a line for each year with a donation until 2001, amount 1.

    Published is in how many of the six years a donor gave and which was the last; the earlier ones are drawn, as each
    choice of them is equally likely in BG/BB, and so is the day of the year.
    """
    rng, rows = np.random.default_rng(0), list[tuple[int, int]]()
    donor = 0
    for n, last, _, donors in pl.read_csv(cdnow.dataset("donations.csv")).iter_rows():
        for _ in range(donors):
            donor += 1
            earlier = sorted((rng.permutation(last - 1)[: n - 1] + 1).tolist()) if n else []
            rows += [(donor, 1995 + year) for year in (0, *earlier, *([last] if n else []))]
    log = pl.DataFrame(rows, schema=["customer_id", "year"], orient="row")
    day = pl.Series(rng.integers(0, 365, log.height))
    given = pl.date("year", 1, 1) + pl.duration(days=day)
    return log.select("customer_id", order_ts=given, amount=pl.lit(1.0), order_id=pl.int_range(pl.len()))


def shop(folder: Path, **settings: Any) -> Path:
    """The orders of a simulated shop."""
    return simulate(Simulation(**settings), folder).orders


def seasonal(orders: Path, folder: Path) -> Path:
    """The orders of a shop of which few are left outside the weeks before Christmas."""
    lines = pl.read_parquet(orders / "*.parquet")
    ids = lines["order_id"].unique().sort()
    chance = pl.DataFrame({"order_id": ids, "chance": np.random.default_rng(0).random(ids.len())})
    angle = 2.0 * np.pi * (pl.col("order_ts").dt.ordinal_day() - PEAK) / YEAR
    left = QUIET + (1.0 - QUIET) * ((1.0 + angle.cos()) / 2.0) ** 3
    kept = lines.join(chance, on="order_id", maintain_order="left").filter(pl.col("chance") < left).drop("chance")
    kept.write_parquet(folder / "seasonal.parquet")
    return folder / "seasonal.parquet"


def logs(folder: Path) -> list[Log]:
    """The seven logs, written to a folder; six where there is no Online Retail."""
    retail, revenue = retail_log(), engine.Columns(margin="")
    cdnow.master().write_parquet(folder / "cdnow.parquet")
    donations().write_parquet(folder / "donations.parquet")
    fast = shop(folder / "fast", customers=6_000, days=1_000, purchase=(1.0, 14.0, 0.6, 9.0), seed=1)
    slow = shop(folder / "slow", customers=12_000, days=1_825, model="pnbd", purchase=(0.6, 150.0, 0.7, 500.0), seed=2)
    every = shop(folder / "every", customers=12_000, days=1_461, purchase=(0.8, 20.0, 0.8, 6.0), seed=3)
    losses = shop(folder / "losses", customers=8_000, days=1_200, purchase=(0.5, 14.0, 0.8, 6.0), seed=4)
    of_retail = engine.Columns(
        customer="CustomerID", time="InvoiceDate", order="InvoiceNo", amount="Quantity * UnitPrice"
    )
    found = [
        Log(title="CDNOW", orders=folder / "cdnow.parquet", columns=engine.Columns()),
        Log(
            title="donations",
            orders=folder / "donations.parquet",
            columns=engine.Columns(),
            cuts=(date(1999, 12, 31), date(2000, 12, 31)),
        ),
        Log(title="fast shop", orders=fast, columns=revenue),
        Log(title="slow shop", orders=slow, columns=revenue),
        Log(title="seasonal shop", orders=seasonal(every, folder), columns=revenue),
        Log(title="negative margins", orders=losses, columns=engine.Columns(margin="margin - 0.3 * amount")),
    ]
    return ([Log(title="Online Retail", orders=retail, columns=of_retail)] if retail else []) + found


def validated(log: Log) -> engine.LabelValidation:
    """The labels of a log against what followed."""
    return engine.validate_labels(log.orders, cuts=log.cuts, columns=log.columns, scoring=engine.Scoring(spend="auto"))


def cut_of_a_year(found: engine.LabelValidation) -> date:
    """The last cut that was followed for a year."""
    cut = found.labels.filter(days=365)["cut"].max()
    assert isinstance(cut, date)
    return cut


def shown_row(found: engine.LabelValidation, scheme: str, label: str) -> tuple[dict[str, Any], str]:
    """What is shown of a label: its year; where too few carried it then, what its verdict is of, and a mark."""
    rows = found.labels.filter(scheme=scheme, label=label).sort("cut", "days")
    year = rows.filter(cut=cut_of_a_year(found), days=365)
    told = rows.filter(pl.col("verdict") != "too few")
    if year["verdict"].item() != "too few" or told.is_empty():
        return year.row(0, named=True), ""
    return told.row(-1, named=True), ELSEWHERE


def short_table(all_found: dict[str, engine.LabelValidation]) -> str:
    """A row a label, a column a log: the outcome that it claims, over that of the others, within a year."""
    head = ["label", "claims to", *all_found, "holds on"]
    lines = [_row(head), _row(["---", "---", *["---:"] * (len(all_found) + 1)])]
    first = next(iter(all_found.values()))
    for scheme, label, says, outcome, _ in first.verdicts.rows():
        cells, n_holds, n_tested = [], 0, 0
        for found in all_found.values():
            verdict = found.verdicts.filter(scheme=scheme, label=label)["verdict"].item()
            row, mark = shown_row(found, scheme, label)
            n_holds, n_tested = n_holds + (verdict == "holds"), n_tested + (verdict != "too few")
            cells.append(_cell(row, outcome, verdict) + mark)
        verb = f"{'buy' if outcome == 'bought' else 'spend'} {says}"
        lines.append(_row([f"{SCHEMES[scheme]}: {label}", verb, *cells, f"{n_holds} of {n_tested}"]))
    return "\n".join([*lines, _churned(all_found)])


ELSEWHERE = " †"
"""Marks a verdict that is of another cut than the one shown, or a number of another cut."""

SCHEMES = {
    "risk": "churn risk",
    "matrix": "risk x value",
    "rfm": "segment",
    "clv_tier": "CLV tier",
    "spend_falling": "spend",
    "lifecycle_stage": "stage",
    "loyalty_tier": "loyalty",
}


def _cell(row: dict[str, Any], outcome: str, verdict: str) -> str:
    if verdict == "too few":
        return "-"
    own, other = row[outcome], row[f"others_{outcome}"]
    if own is None or other is None:
        return "-"
    shown = f"{own / other:.2f}" if own >= 0.0 < other else f"{own:,.1f} / {other:,.1f}"
    return shown if verdict == "holds" else f"{shown} weak"


def _churned(all_found: dict[str, engine.LabelValidation]) -> str:
    """Of the churned, who bought within the next such span."""
    cells, n_holds, n_tested = [], 0, 0
    for found in all_found.values():
        row = found.churned.filter(cut=cut_of_a_year(found)).row(0, named=True)
        n_holds, n_tested = n_holds + (row["verdict"] == "holds"), n_tested + (row["verdict"] is not None)
        weak = " weak" if row["verdict"] == "weak" else ""
        cells.append("-" if row["back"] is None else f"{row['back']:.1%}{weak}")
    return _row(["churned: back within the next such span", "at most 10%", *cells, f"{n_holds} of {n_tested}"])


def long_table(title: str, found: engine.LabelValidation) -> str:
    """All labels of one log: those of the last cut that was followed for a year, and the verdict over all cuts."""
    cut, verdicts = cut_of_a_year(found), found.verdicts
    head = ["label", "claims to", "than", "share", "bought in 90 d", "others", "in 365 d", "others", "AUC", "lift"]
    head += [f"{found.value} in 365 d", "others", "verdict"]
    lines = [f"## {title}", "", f"Scored as of {cut}; the verdict is over {' and '.join(map(str, found.cuts))}.", ""]
    lines += [_row(head), _row(["---"] * 3 + ["---:"] * 9 + ["---"])]
    for row in found.labels.filter(cut=cut, days=365).iter_rows(named=True):
        quarter = found.labels.filter(cut=cut, days=90, scheme=row["scheme"], label=row["label"]).row(0, named=True)
        own = verdicts.filter(scheme=row["scheme"], label=row["label"])
        claims = f"{'buy' if row['outcome'] == 'bought' else 'spend'} {row['says']}" if row["says"] else ""
        shares = [quarter["bought"], quarter["others_bought"], row["bought"], row["others_bought"]]
        cells = [f"{SCHEMES[row['scheme']]}: {row['label']}", claims, row["compared_with"], _percent(row["share"])]
        cells += [*map(_percent, shares), *(_with_interval(row, name) for name in ("auc", "lift"))]
        cells += [_number(row[name]) for name in ("spent", "others_spent")]
        mark = shown_row(found, row["scheme"], row["label"])[1] if claims else ""
        cells.append(own["verdict"].item() + mark if claims else "")
        lines.append(_row(cells))
    return "\n".join(lines)


def _with_interval(row: dict[str, Any], name: str) -> str:
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    return "" if value is None else f"{value:.2f}" + ("" if low is None or high is None else f" ({low:.2f}-{high:.2f})")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _number(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.2f}" if abs(amount) < 10.0 else f"{amount:,.0f}"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


LONG_HEAD = """# Labels against what happened next

Made by `python -m tests.tools.labels`, as `whalecurve validate --labels --spend auto` has it. Share: of the customers
compared; "than": who the others are; AUC (of the label alone, above 0.5 where it tells in the direction that it
claims) and lift (share who bought over that of the others) within 365 days, with 95 % intervals. A label holds where
its outcome, share who bought or mean spend, is on the side that it claims with both 95 % intervals apart, within 90
and 365 days and at every cut with 30 customers on either side; †: there are fewer at the cut that is shown, and the
verdict is of the other one. How the logs come about: `tests/tools/labels.py`.
"""


def few_table(every: list[Log], all_found: dict[str, engine.LabelValidation]) -> str:
    """What improbably few purchases would add to silence, on each log and at each cut."""
    lines = [FEW_HEAD, _row(["log", "as of", "named", "bought in 90 d", "others", "bought in 90 d"])]
    lines.append(_row(["---", "---", *["---:"] * 4]))
    for log in every:
        for cut in all_found[log.title].cuts:
            few = few_beside_silence(log.orders, log.columns, cut)
            cells = [f"{few.n:,}", _percent(few.bought), f"{few.others:,}", _percent(few.others_bought)]
            lines.append(_row([log.title, str(cut), *cells]))
    return "\n".join(lines)


FEW_HEAD = """## Few purchases as a second sign of falling spend

Tried and left out (`tests/tools/few_purchases.py`): customers known 90 days before, not silent beyond the 90 % point of
their rhythm, whose purchases of those days are improbably few beside what BG/NBD expected, a tail of at most 10 %.
"""


def main(say: Callable[[str], None] = print) -> None:
    """Write both tables."""
    with tempfile.TemporaryDirectory() as folder:
        every = logs(Path(folder))
        all_found = {log.title: validated(log) for log in every}
        few = few_table(every, all_found)
    table = short_table(all_found)
    say(table)
    readme = ROOT / "docs" / "validation.md"
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    readme.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    tables = "\n\n".join(long_table(title, found) for title, found in all_found.items())
    (ROOT / "benchmarks" / "labels.md").write_text(f"{LONG_HEAD}\n{tables}\n\n{few}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
