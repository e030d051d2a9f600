"""A second sign of falling spend that was tried and left out: purchases improbably few beside what the model expected.

The purchases of the last 90 days are improbably few where their predictive tail, P(as few or fewer), is at most 10 %
given the history at their start. By BG/NBD a customer is active then with P(alive), and an active one's purchases are
negative binomial with shape r + x and the mean that the model expects.
"""

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from scipy.stats import nbinom

from whalecurve import engine
from whalecurve.kernels import bgnbd

DAYS, TAIL = 90, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Few:
    """Customers known 90 days before the cut and not silent beyond the 90 % point of their rhythm.

    n, bought : those whose purchases since are improbably few, and the share who bought within 90 days of the cut
    others, others_bought : all others
    """

    n: int
    bought: float | None
    others: int
    others_bought: float | None


def few_beside_silence(orders: str | Path, columns: engine.Columns, cut: date) -> Few:
    """How many customers the sign adds to those who are silent, and what they then did."""
    scanned = engine.scan_orders(orders, columns)
    then, after = (
        cut - timedelta(days=DAYS),
        engine.Window(since=cut + timedelta(days=1), as_of=cut + timedelta(days=DAYS)),
    )
    before = engine.customer_summary(scanned, engine.Window(as_of=then)).drop_nulls("frequency").collect()
    bought = (
        engine.customer_summary(scanned, after).filter(pl.col("n_purchase_days") > 0).select("customer_id").collect()
    )
    with tempfile.TemporaryDirectory() as folder:
        window = engine.Window(as_of=cut)
        run = engine.score(orders, out=Path(folder) / "scores", columns=columns, window=window, measures=False)
        now = pl.read_parquet(run.out / "customers" / "**" / "*.parquet").filter(pl.col("n_purchase_days") > 0)
    fit = engine.fit_histories("bgnbd", now["frequency"], now["recency"], now["T"])
    recent = now.select("customer_id", "spend_falling", n_now="n_purchase_days")
    both = before.join(recent, on="customer_id").filter(~pl.col("spend_falling"))
    x, t_x, T = (both[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    alive = bgnbd.p_alive(x, t_x, T, *fit.values)
    mean = bgnbd.conditional_expected_purchases(float(DAYS), x, t_x, T, *fit.values) / alive
    shape = fit.params["r"] + x
    n_recent = (both["n_now"].cast(pl.Int64) - both["n_purchase_days"].cast(pl.Int64)).to_numpy()
    tail = 1.0 - alive + alive * nbinom.cdf(n_recent, shape, shape / (shape + mean))
    is_few = tail <= TAIL
    has_bought = both["customer_id"].is_in(bought["customer_id"].implode()).to_numpy()
    shares = [float(has_bought[group].mean()) if group.any() else None for group in (is_few, ~is_few)]
    return Few(n=int(is_few.sum()), bought=shares[0], others=int((~is_few).sum()), others_bought=shares[1])
