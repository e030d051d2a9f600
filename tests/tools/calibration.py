"""Probabilities and intervals against what happened next, on five logs: the tables of docs/calibration.md.

`python -m tests.tools.calibration` prints them and writes the page. Online Retail is there where `WHALECURVE_DATA` has
it; the others are CDNOW, the donations of Fader, Hardie & Shang (2010), and two simulated shops, see `labels.py`.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.support import cdnow
from tests.tools.labels import donations, shop
from tests.tools.readme import retail_log
from whalecurve import engine

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- calibration: made by tests/tools/calibration.py -->", "<!-- end of calibration -->"
PUBLISHED = ROOT / "tests" / "reference" / "published.json"
LEVEL, Z, TENTHS = 0.9, 1.6448536269514722, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An order log, and how many days of it are held out."""

    title: str
    orders: str | Path
    days: int
    columns: engine.Columns


def logs(folder: Path) -> list[Held]:
    """The five logs, written to a folder; four where there is no Online Retail."""
    retail, plain, revenue = retail_log(), engine.Columns(), engine.Columns(margin="")
    cdnow.master().write_parquet(folder / "cdnow.parquet")
    donations().write_parquet(folder / "donations.parquet")
    own = {"purchase": (1.0, 14.0, 0.6, 9.0), "planted": False}
    fast = shop(folder / "fast", customers=6_000, days=1_000, seed=1, **own)
    slow = shop(folder / "slow", customers=12_000, days=1_825, model="pnbd", purchase=(0.6, 150.0, 0.7, 500.0), seed=2)
    of_retail = engine.Columns(
        customer="CustomerID", time="InvoiceDate", order="InvoiceNo", amount="Quantity * UnitPrice"
    )
    found = [Held(title="Online Retail", orders=retail, days=90, columns=of_retail)] if retail else []
    return [
        *found,
        Held(title="CDNOW", orders=folder / "cdnow.parquet", days=180, columns=plain),
        Held(title="donations", orders=folder / "donations.parquet", days=730, columns=plain),
        Held(title="BG/NBD itself", orders=fast, days=180, columns=revenue),
        Held(title="slow shop", orders=slow, days=365, columns=revenue),
    ]


def probabilities(held: Held, found: engine.Validation) -> list[list[str]]:
    """A row a model: probabilities of a purchase as they are and recalibrated, on the holdout."""
    rows = []
    for a in found.assessments:
        if a.kind != "model":
            continue
        after = a.recalibrated
        mine = found.customers[f"{a.name}_p_purchase"].drop_nulls().mean()
        rows.append(
            [
                held.title,
                a.title,
                f"{a.probability.n_customers:,}",
                str(found.risk_days),
                f"{a.probability.n_bought / a.probability.n_customers:.1%}",
                f"{mine:.1%}",
                f"{a.probability.brier_of_base_rate:.4f}",
                _pair(a.probability.brier, after and after.brier),
                _pair(a.probability.calibration_error, after and after.calibration_error),
                "-" if a.probability.auc is None else f"{a.probability.auc:.3f}",
            ]
        )
    return rows


def _pair(before: float, after: float | None) -> str:
    return f"{before:.4f} / {'-' if after is None else f'{after:.4f}'}"


def intervals(held: Held, found: engine.Validation) -> list[str]:
    """BG/NBD scored at the split: in how many tenths of the customers mean purchases are within their interval."""
    window = {"as_of": found.split}
    scoring = {"horizon_days": held.days, "intervals": LEVEL, "risk_days": found.risk_days, "recalibrate": True}
    run = engine.score(held.orders, columns=held.columns, window=window, scoring=scoring, measures=False)
    names = ["customer_id", "p_alive", "expected_purchases", "expected_purchases_low", "expected_purchases_high"]
    scored = run.to_polars().select(names).drop_nulls("expected_purchases")
    both = scored.join(found.customers.select("customer_id", "actual_purchases"), on="customer_id")
    expected, actual = both["expected_purchases"].to_numpy(), both["actual_purchases"].cast(pl.Float64).to_numpy()
    errors = np.log((both["expected_purchases_high"] / both["expected_purchases"]).to_numpy()) / Z * expected
    tenth = np.floor(TENTHS * (both["expected_purchases"].rank("average").to_numpy() - 0.5) / expected.size)
    inside = sum(_is_inside(expected[of], actual[of], errors[of]) for of in (tenth == i for i in range(TENTHS)))
    return [
        held.title,
        f"{actual.sum():,.0f}",
        f"{expected.sum() / actual.sum() - 1.0:+.1%}",
        f"{inside} of {int(np.unique(tenth).size)}",
        f"{both['p_alive'].mean():.1%}",
        f"{(actual > 0.0).mean():.1%}",
        _chosen(run.model["recalibration"]),
    ]


def _chosen(record: dict[str, Any]) -> str:
    """Whether a run at the split recalibrates, and the Brier scores of its own trial."""
    answer, test = "yes" if record["is_applied"] else "no", record["test"]
    return f"{answer}, not tested" if test is None else f"{answer}, {_pair(*test['brier'])}"


def _is_inside(expected: np.ndarray[Any, Any], actual: np.ndarray[Any, Any], errors: np.ndarray[Any, Any]) -> bool:
    """Whether the mean of a group is within 90 % of its expectation, by errors of parameters and by chance."""
    if expected.size < 2:
        return False
    error = np.hypot(errors.mean(), actual.std(ddof=1) / np.sqrt(actual.size))
    return bool(abs(actual.mean() - expected.mean()) <= Z * error)


def beside_published(folder: Path) -> str:
    """CDNOW's sample split as the papers do: purchases in 39 weeks by repeat purchases before, beside those printed."""
    cdnow.sample().write_parquet(folder / "sample.parquet")
    found = {
        model: engine.validate(folder / "sample.parquet", holdout_days=273, model=model) for model in ("pnbd", "bgnbd")
    }
    by_x = {model: one.groups.filter(name=model).sort("frequency") for model, one in found.items()}
    printed = {row["id"]: row["expected"] for row in json.loads(PUBLISHED.read_text(encoding="utf-8"))}
    n = by_x["pnbd"]["customers"].to_numpy()
    columns = {
        "actual": by_x["pnbd"]["actual_purchases"].to_numpy(),
        "Pareto/NBD": by_x["pnbd"]["predicted_purchases"].to_numpy(),
        "Pareto/NBD, BTYD": np.array(printed["0677"][1]),
        "BG/NBD": by_x["bgnbd"]["predicted_purchases"].to_numpy(),
    }
    rows = [[name, *(f"{mean:.3f}" for mean in means), f"{means @ n:,.0f}"] for name, means in columns.items()]
    rows.append(["BG/NBD, CLVTools", *["-"] * n.size, f"{printed['0713'][0]:,.0f}"])
    return _table(["purchases each, by repeats before", *map(str, range(7)), "7+", "in all"], rows, 1)


def tables() -> str:
    """All tables as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        of_p, of_intervals = [], []
        for held in logs(Path(folder)):
            scoring = engine.Scoring(recalibrate=True)
            found = engine.validate(held.orders, holdout_days=held.days, columns=held.columns, scoring=scoring)
            of_p += probabilities(held, found)
            of_intervals.append(intervals(held, found))
        of_others = beside_published(Path(folder))
    head = ["log", "model", "customers", "days", "bought", "mean P", "Brier, base rate", "Brier", "off by", "AUC"]
    other = [
        "log",
        "purchases",
        "total off by",
        "tenths within 90 %",
        "mean P(alive)",
        "came back",
        "score would recalibrate",
    ]
    return f"{_table(head, of_p, 2)}\n\n{_table(other, of_intervals, 1)}\n\n{of_others}"


def _table(head: list[str], rows: list[list[str]], n_words: int) -> str:
    rule = ["---"] * n_words + ["---:"] * (len(head) - n_words)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def main(say: Callable[[str], None] = print) -> None:
    """Write the tables between their marks."""
    made = tables()
    say(made)
    page = ROOT / "docs" / "calibration.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
