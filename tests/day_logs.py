"""Day logs of a few customers, as the kernels of the measures over time take them; and random ones."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random

import numpy as np
from hypothesis import strategies as st

from tests.oracle.measures import Day
from whalecurve.engine.measures import Accumulator, MeasureSettings, measures_of, merge
from whalecurve.kernels.day_log import Days

EPOCH = date(1970, 1, 1)
UNIT = 1_000_000


def days_of(log, *, has_margin=True):
    """Entries of a day log in their order, money in fixed-point units."""
    return Days(
        np.array([entry.customer for entry in log], dtype=np.uint32),
        np.array([(entry.day - EPOCH).days for entry in log], dtype=np.int32),
        np.array([entry.revenue * UNIT for entry in log], dtype=np.int64),
        np.array([entry.margin * UNIT for entry in log] if has_margin else [], dtype=np.int64),
        np.array([entry.is_purchase for entry in log], dtype=np.uint8),
    )


def first_days(log, n):
    """First purchase days of customers 0 to n - 1; -1 where there is none."""
    found = np.full(n, -1, dtype=np.int32)
    for entry in log:
        if entry.is_purchase:
            number = (entry.day - EPOCH).days
            found[entry.customer] = number if found[entry.customer] < 0 else min(found[entry.customer], number)
    return found


def sums_of(log, settings, codes, *, seed=0, skipped=None, soon=None):
    """Count a log whose customers come one among the other, in blocks of a few entries."""
    random, n = Random(seed), len(codes)
    queues = defaultdict(list)
    for entry in sorted(log, key=lambda entry: entry.day, reverse=True):
        queues[entry.customer].append(entry)
    mixed = []
    while queues:
        customer = random.choice(sorted(queues))
        mixed.append(queues[customer].pop())
        if not queues[customer]:
            del queues[customer]
    mask = np.zeros(0, dtype=np.uint8) if skipped is None else np.asarray(skipped, dtype=np.uint8)
    counting = Accumulator(
        settings, np.asarray(codes, dtype=np.uint8).reshape(n, len(settings.schemes)), first_days(log, n), mask
    )
    start = 0
    while start < len(mixed):
        size = random.randrange(1, 200)
        counting.add(days_of(mixed[start : start + size]))
        start += size
    sold, returned, backs = (np.zeros(n, dtype=np.int64) for _ in range(3))
    lines = np.zeros(n, dtype=np.int64)
    for entry in log:
        lines[entry.customer] += 1
        backs[entry.customer] += entry.revenue < 0
        (returned if entry.revenue < 0 else sold)[entry.customer] += abs(entry.revenue) * UNIT
    flags = np.zeros(0, dtype=np.uint8) if soon is None else soon
    return counting.close(lines, backs, sold, returned, flags)


def measured(log, settings, codes, *, seed=0):
    """The measures of a log, counted in two parts."""
    is_second = [(customer * 7 + seed) % 3 == 0 for customer in range(len(codes))]
    parts = [sums_of(log, settings, codes, seed=seed, skipped=mask) for mask in (is_second, [not s for s in is_second])]
    return measures_of(merge(parts[:: 1 if seed % 2 else -1]))


@st.composite
def day_logs(draw):
    """A log, its settings and codes: up to some hundred days of a dozen customers in two schemes."""
    random = Random(draw(st.integers(0, 2**32)))
    start = date(2019, 1, 1) + timedelta(days=random.randrange(500))
    span = random.choice([1, 40, 400, 800, 1600])
    n, busy = random.randrange(1, 13), random.choice([3, 12, 40])
    log = {}
    for _ in range(random.randrange(busy * n)):
        customer, day = random.randrange(n), start + timedelta(days=random.randrange(span))
        is_purchase = random.random() < 0.8
        revenue = random.randrange(1, 100) if is_purchase else -random.randrange(1, 50)
        log[customer, day] = Day(customer, day, revenue, random.randrange(-20, 60), is_purchase)
    settings = MeasureSettings(
        observed_from=start,
        as_of=start + timedelta(days=span - 1),
        schemes=(("rfm", ("best", "good", "rest")), ("tier", ("gold", "iron"))),
        has_margin=True,
        value=random.choice(["revenue", "margin"]),
    )
    codes = [(random.choice([0, 1, 2, 255]), random.choice([0, 1, 255])) for _ in range(n)]
    return list(log.values()), settings, codes


def members_of(settings, codes):
    """Customers by scheme and group."""
    found = {("all", "all"): set(range(len(codes)))}
    for at, (scheme, groups) in enumerate(settings.schemes):
        for customer, own in enumerate(codes):
            group = None if own[at] == 255 else groups[own[at]]
            found.setdefault((scheme, group), set()).add(customer)
    return found
