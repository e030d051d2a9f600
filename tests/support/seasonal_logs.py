"""Order logs of customers whose rate of purchases has a season, drawn here and not by the package's simulation."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from whalecurve.engine.seasons import PurchaseDays

START = date(2023, 1, 1)
FIRST_DAY = (START - date(1970, 1, 1)).days
RATES = (0.6, 12.0, 0.8, 4.0)


def swinging(n_days, swing):
    """Factors by day, highest at the beginning of December; the mean is about one."""
    return 1.0 + swing * np.cos(2.0 * np.pi * (np.arange(n_days) - 335) / 365.25)


def purchase_days(seed, *, customers=3_000, days=800, swing=0.0, params=RATES):
    """Purchase days under BG/NBD in the clock of a season; customers come evenly."""
    draws = np.random.default_rng(seed)
    r, alpha, a, b = params
    tau = np.append(0.0, np.cumsum(swinging(days, swing)))
    calendar = np.arange(days + 1)
    came = np.sort(draws.uniform(0.0, days, customers))
    found = []
    for customer, start in enumerate(came.tolist()):
        rate, leaves = draws.gamma(r) / alpha, draws.beta(a, b)
        now = float(np.interp(start, calendar, tau))
        found.append((customer, int(start)))
        while (now := now + draws.exponential() / rate) < tau[-1]:
            found.append((customer, int(np.interp(now, tau, calendar))))
            if draws.random() < leaves:
                break
    customer, day = np.array(sorted(set(found)), dtype=np.int64).T
    return PurchaseDays(customer=customer, day=day + FIRST_DAY, first_day=FIRST_DAY, last_day=FIRST_DAY + days - 1)


def orders_of(days):
    """The same as order lines of 10 each, with what came after the last day left out."""
    frame = pl.DataFrame({"customer_id": days.customer, "day": days.day.astype(np.int32)})
    return frame.select("customer_id", order_ts=pl.col("day").cast(pl.Date), amount=pl.lit(10.0))


def last_date(days):
    """The last day observed."""
    return date(1970, 1, 1) + timedelta(days=days.last_day)
