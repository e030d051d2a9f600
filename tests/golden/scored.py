"""What the command line makes of `orders.csv`. `python -m tests.golden.scored` writes it to `expected.json` anew."""

import json
import tempfile
from pathlib import Path

import polars as pl

from tests.support.commands import printed_json

HERE = Path(__file__).parent
EXPECTED = HERE / "expected.json"
OPTIONS = [
    *("--customer", "customer", "--time", "ordered_at", "--order", "invoice"),
    *("--amount", "price * quantity", "--cost", "unit_cost * quantity"),
    *("--as-of", "2024-04-30", "--max-refused", "0.2", "--layout", "flat"),
]
RESTS_ON_A_FIT = (
    *("p_alive", "expected_purchases", "p_purchase", "expected_value", "clv", "clv_total", "churn_risk", "risk"),
    *("value_class", "matrix_segment", "matrix_action", "clv_tier", "value_at_stake", "value_at_stake_high_value"),
    *("next_best_action", "next_best_action_from", "next_purchase", "next_purchase_from", "next_purchase_to"),
)
"""Left out here: estimates from seven customers say nothing. Others test them against oracles."""


def scored(folder):
    """Scores of the golden orders as plain data: the customers and all else that does not rest on a fitted model."""
    orders = folder / "orders.parquet"
    pl.read_csv(HERE / "orders.csv", try_parse_dates=True).write_parquet(orders)
    run = printed_json("score", orders, "--out", folder / "scores", *OPTIONS)
    customers = pl.read_parquet(folder / "scores" / "customers").drop(RESTS_ON_A_FIT, strict=False)
    refused = pl.read_parquet(folder / "scores" / "refused.parquet").select("row", "reason", "customer_id", "amount")
    segments = [row for row in run["segments"] if row["scheme"] == "rfm"]
    kept = ("scheme", "segment", "customers", "customer_share", "orders", "revenue", "margin", "value", "value_share")
    return {
        "rows": run["manifest"]["rows"],
        "thresholds": {name: cuts for name, cuts in run["model"]["thresholds"].items() if name not in RESTS_ON_A_FIT},
        "customers": json.loads(customers.write_json()),
        "segments": [{name: row[name] for name in kept} for row in segments],
        "concentration": run["manifest"]["concentration"],
        "refused": json.loads(refused.write_json()),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        EXPECTED.write_text(json.dumps(scored(Path(folder)), indent=1) + "\n", encoding="utf-8")
