"""Migration between the labels of a scheme: counts, row-stochastic matrix, flows, mobility."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from whalecurve.engine.comparison.customers import AMOUNTS, LOST, NEW, Labels, added_up
from whalecurve.engine.money import UNITS
from whalecurve.engine.schemes import QualityRules
from whalecurve.engine.segment_quality import unstable

SUMS = tuple(f"{amount}_{which}" for amount in AMOUNTS for which in ("old", "new"))
MOVEMENT_SCHEMA = {
    "scheme": pl.String(),
    "from": pl.String(),
    "to": pl.String(),
    "customers": pl.Int64(),
    "share_of_from": pl.Float64(),
    **dict.fromkeys(SUMS, pl.Float64()),
}
FLOWS_SCHEMA = {
    "segment": pl.String(),
    **dict.fromkeys(("customers_old", "customers_new", "retained"), pl.Int64()),
    "retained_share": pl.Float64(),
    "bought_since": pl.Int64(),
    "bought_since_share": pl.Float64(),
    **dict.fromkeys(("customers_in", "customers_out", "net_flow"), pl.Int64()),
    **dict.fromkeys(SUMS, pl.Float64()),
}

SchemeState = str | None
"""A label; None for customers without one."""

Counts = Mapping[tuple[SchemeState, SchemeState], int]
MoveSums = Mapping[tuple[SchemeState, SchemeState], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Migration:
    """How customers moved between the labels of one scheme.

    moves : one row per pair of `from` and `to`, in the scheme's order, pairs without customers too: customers,
        share_of_from (null where nobody was), and the sums of value and clv_total in the old and the new result.
        `from` and `to` are labels, null (no label), "(new)" and "(lost)", the last three where there are any
    segments : one row per label, see `_flows`
    retained_share : of the customers of the old result, those still under the same label; who is lost has left it
    mobility : Shorrocks' index, see `shorrocks`
    up_share, down_share : of the customers with a label in both, those under a better or a worse one; None where
        labels are not ranked
    """

    scheme: str
    moves: pl.DataFrame
    segments: pl.DataFrame
    retained_share: float | None
    mobility: float | None
    up_share: float | None
    down_share: float | None

    @property
    def unstable(self) -> list[str]:
        """The segments that few customers stayed in, in words, by the usual thresholds."""
        return unstable(self.segments, QualityRules())

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON; of the moves, those that somebody made."""
        return {
            "scheme": self.scheme,
            "retained_share": self.retained_share,
            "mobility": self.mobility,
            "up_share": self.up_share,
            "down_share": self.down_share,
            "unstable": self.unstable,
            "segments": self.segments.to_dicts(),
            "moves": self.moves.filter(pl.col("customers") > 0).drop("scheme").to_dicts(),
        }


def migration(cells: pl.DataFrame, labels: Labels) -> Migration:
    """Migration between these labels, from the cells of `cells_of`."""
    ends = (f"previous_{labels.column}", f"current_{labels.column}")
    grouped = cells.group_by("status", *ends).agg(*added_up(*SUMS), pl.col("customers").sum())
    sums: MoveSums = {_pair(row, *ends): row for row in grouped.iter_rows(named=True)}
    counts: Counts = {pair: row["customers"] for pair, row in sums.items()}
    up, down = _directions(counts, labels)
    n_stayed = sum(n for (start, end), n in counts.items() if start == end)
    return Migration(
        scheme=labels.scheme,
        moves=_moves(sums, counts, labels),
        segments=_flows(sums, counts, _back(cells, ends[0]), labels),
        retained_share=_share(n_stayed, sum(n for (start, _), n in counts.items() if start != NEW)),
        mobility=shorrocks({pair: n for pair, n in counts.items() if pair[0] != NEW and pair[1] != LOST}),
        up_share=up,
        down_share=down,
    )


def shorrocks(counts: Counts) -> float | None:
    """Mobility of customers who are in both results: (k - trace(P)) / (k - 1).

    P is the row-stochastic matrix of the moves and k the number of its states, those with customers in the old
    result: 0 where everybody stays, 1 where the old state says nothing about the new one, more where customers
    leave their state more than that. None for fewer than two states.

    Source: Shorrocks (1978), The measurement of mobility, Econometrica 46(5), 1013-1024, M-hat. States that
    nobody was in have no row, and are not counted.
    """
    rows = _totals(counts, 0)
    k = len(rows)
    trace = math.fsum(counts.get((state, state), 0) / n for state, n in rows.items())  # in any order
    return (k - trace) / (k - 1) if k > 1 else None


def _pair(row: Mapping[str, Any], previous: str, current: str) -> tuple[SchemeState, SchemeState]:
    return NEW if row["status"] == "new" else row[previous], LOST if row["status"] == "lost" else row[current]


def _directions(counts: Counts, labels: Labels) -> tuple[float | None, float | None]:
    """Shares of those who moved up and down among the customers with a label in both results."""
    if not labels.is_ranked:
        return None, None
    rank = {name: i for i, name in enumerate(labels.names)}  # 0 is best
    steps = [(rank[start] - rank[end], n) for (start, end), n in counts.items() if start in rank and end in rank]
    n_labelled = sum(n for _, n in steps)
    return _share(sum(n for up, n in steps if up > 0), n_labelled), _share(
        sum(n for up, n in steps if up < 0), n_labelled
    )


def _moves(sums: MoveSums, counts: Counts, labels: Labels) -> pl.DataFrame:
    n_from, n_to, nobody = _totals(counts, 0), _totals(counts, 1), dict.fromkeys(SUMS)
    rows = [
        {
            "scheme": labels.scheme,
            "from": start,
            "to": end,
            "customers": counts.get((start, end), 0),
            "share_of_from": _share(counts.get((start, end), 0), n_from[start]),
            **amounts_in_currency(sums.get((start, end), nobody)),
        }
        for start in _states(labels, n_from, NEW)
        for end in _states(labels, n_to, LOST)
        if (start, end) != (NEW, LOST)
    ]
    return pl.DataFrame(rows, schema=MOVEMENT_SCHEMA)


def _back(cells: pl.DataFrame, previous: str) -> Mapping[SchemeState, int]:
    """Customers who have bought since the old as-of, by the label that they had then."""
    back = cells.filter("has_bought_since").group_by(previous).agg(pl.col("customers").sum())
    return dict(back.iter_rows())


def _flows(sums: MoveSums, counts: Counts, back: Mapping[SchemeState, int], labels: Labels) -> pl.DataFrame:
    """One row per label, and one for null where customers have none.

    customers_old, customers_new : under the label in the old and in the new result
    retained, retained_share : in both, and their share of customers_old
    bought_since, bought_since_share : of customers_old, those with a purchase after the old as-of, and their share of
        those who are in the new result, under any label. 1 less it is the churn of the label as it was when the period
        began, which a rate by the label at its end is not: that label says who has bought
    customers_in, customers_out : who came under it and who left it, new and lost customers among them
    net_flow : customers_in - customers_out
    value_old, clv_total_old : of customers_old, in the old result; value_new, clv_total_new : of customers_new, in
    the new one
    """
    rows = []
    n_from, n_to = _totals(counts, 0), _totals(counts, 1)
    for state in _states(labels, n_from + n_to):
        before, after, retained = n_from[state], n_to[state], counts.get((state, state), 0)
        money = {
            name: _sum(row[name] for pair, row in sums.items() if pair[name.endswith("new")] == state) for name in SUMS
        }
        rows.append(
            {
                "segment": state,
                "customers_old": before,
                "customers_new": after,
                "retained": retained,
                "retained_share": _share(retained, before),
                "bought_since": back.get(state, 0),
                "bought_since_share": _share(back.get(state, 0), before - counts.get((state, LOST), 0)),
                "customers_in": after - retained,
                "customers_out": before - retained,
                "net_flow": after - before,
                **amounts_in_currency(money),
            }
        )
    return pl.DataFrame(rows, schema=FLOWS_SCHEMA)


def _states(labels: Labels, present: Collection[SchemeState], *beyond: SchemeState) -> list[SchemeState]:
    """All labels, and of the other states those with customers."""
    return [*labels.names, *(state for state in (None, *beyond) if state in present)]


def _totals(counts: Counts, end: Literal[0, 1]) -> Counter[SchemeState]:
    """Customers by the state that they come from (0) or go to (1)."""
    totals: Counter[SchemeState] = Counter()
    for pair, n in counts.items():
        totals[pair[end]] += n
    return totals


def _sum(amounts: Iterable[int | None]) -> int | None:
    given = [amount for amount in amounts if amount is not None]
    return sum(given) if given else None


def amounts_in_currency(sums: Mapping[str, int | None]) -> dict[str, float | None]:
    """In currency; dividing Python's whole numbers rounds once."""
    return {name: None if (amount := sums[name]) is None else amount / UNITS for name in SUMS}


def _share(n: int, total: int) -> float | None:
    return n / total if total else None
