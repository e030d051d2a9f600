"""What is known of all customers together."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

import numpy as np
import polars as pl

from whalecurve.engine.orders import scan_orders
from whalecurve.engine.runtime import batches, memory_budget
from whalecurve.engine.scoring.population import COLUMNS, population_of
from whalecurve.engine.settings import Window
from whalecurve.engine.statistics import kaplan_meier
from whalecurve.engine.store import read_totals, summary_of


def test_the_curve_of_gaps_is_over_all_gaps_of_all_customers_the_open_ones_included(tmp_path):
    random, start, as_of = Random(5), date(2024, 1, 1), date(2025, 3, 31)
    days = {
        c: sorted({start + timedelta(random.randrange(400)) for _ in range(random.randrange(1, 9))}) for c in range(60)
    }
    lines = [(c, day, 10.0) for c, own in days.items() for day in own] + [(99, start, -10.0)]  # who has returns only
    random.shuffle(lines)
    pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount"], orient="row").write_parquet(
        tmp_path / "o.parquet"
    )
    orders = scan_orders(tmp_path / "o.parquet")
    totals = read_totals(orders, Window(as_of=as_of), memory_budget(None, None), value="revenue")
    tables = batches(summary_of(totals, "revenue").select(COLUMNS))
    population, _ = population_of(tables, totals.n_customers, totals.audit.window)
    found = population.gap_curve(totals.gaps)
    totals.close()
    closed = [(b - a).days for own in days.values() for a, b in pairwise(own)]
    still_open = [(as_of - own[-1]).days for own in days.values()]
    expected = kaplan_meier(np.bincount(closed), np.bincount(still_open))
    assert found.days.tolist() == expected.days.tolist()
    assert found.n_at_risk.tolist() == expected.n_at_risk.tolist()
    assert found.survival.tolist() == expected.survival.tolist()
