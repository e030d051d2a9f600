"""A small shop that was scored, for tests of what is printed."""

import numpy as np
import polars as pl

from tests.support.logs import write
from whalecurve import engine


def scored_shop(folder):
    """A run over a shop with repeat customers, so that models are fitted, loss makers, returns and refused lines."""
    rng = np.random.default_rng(11)
    n = 900
    amounts = rng.lognormal(3.0, 0.7, n).round(2)
    lines = pl.DataFrame(
        {
            "customer_id": [None if c % 50 == 49 else int(c) for c in rng.zipf(1.6, n) % 120],
            "order_ts": pl.Series(19_700 + rng.integers(0, 365, n)).cast(pl.Int32).cast(pl.Date),
            "amount": amounts,
            "margin": (amounts * rng.normal(0.2, 0.4, n)).round(2),
        }
    )
    return engine.score(write(folder / "a.parquet", lines), out=folder / "scores")
