"""Day logs of a few customers, as the kernels of the measures over time take them; and random ones."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random

import numpy as np
from hypothesis import strategies as st

from tests.oracle.measures import Day
from whalecurve.engine.measures.measures import Accumulator, MeasureSettings, measures_of, merge
from whalecurve.engine.measures.sums import factors
from whalecurve.kernels.measures.membership import note
from whalecurve.kernels.measures.tables import FACT_WORDS
from whalecurve.kernels.store import ENTRY_WORDS

EPOCH = date(1970, 1, 1)
UNIT = 1_000_000


def entries_of(log):
    """Entries of a day log in their order, as the store keeps them: with the margin of each customer so far."""
    entries, so_far = np.zeros((len(log), ENTRY_WORDS), dtype=np.int64), defaultdict(int)
    for at, entry in enumerate(log):
        so_far[entry.customer] += entry.margin * UNIT
        first = (entry.customer << 32) | ((entry.day - EPOCH).days << 1) | entry.is_purchase
        entries[at] = first, entry.revenue * UNIT, so_far[entry.customer]
    return entries


def first_days(log, n):
    """First purchase days of customers 0 to n - 1; -1 where there is none."""
    found = np.full(n, -1, dtype=np.int32)
    for entry in log:
        if entry.is_purchase:
            number = (entry.day - EPOCH).days
            found[entry.customer] = number if found[entry.customer] < 0 else min(found[entry.customer], number)
    return found


def facts_of(settings, codes, first_day, **numbers):
    """The facts of customers 0 to n - 1, from their codes in each scheme, 255 for none."""
    sizes = [len(groups) for _, groups in settings.schemes]
    joint = [
        sum(min(code, size) * factor for code, size, factor in zip(own, sizes, factors(settings.schemes), strict=True))
        for own in codes
    ]
    n = len(codes)
    facts = np.zeros((n, FACT_WORDS), dtype=np.int64)
    names = ("n_lines", "n_return_lines", "sold", "returned")
    money = (np.asarray(numbers.get(name, [0] * n), dtype=np.int64) for name in names)
    note(facts, np.arange(n), np.array(joint, dtype=np.int32), first_day, *money)
    return facts


def sums_of(log, settings, codes, *, seed=0):
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
    sold, returned, backs, lines = (np.zeros(n, dtype=np.int64) for _ in range(4))
    for entry in log:
        lines[entry.customer] += 1
        backs[entry.customer] += entry.revenue < 0
        (returned if entry.revenue < 0 else sold)[entry.customer] += abs(entry.revenue) * UNIT
    numbers = {"n_lines": lines, "n_return_lines": backs, "sold": sold, "returned": returned}
    counting = Accumulator(settings, facts_of(settings, codes, first_days(log, n), **numbers))
    entries, start = entries_of(mixed), 0
    while start < len(mixed):
        size = random.randrange(1, 200)
        counting.add(entries[start : start + size])
        start += size
    return counting.close()


def measured(log, settings, codes, *, seed=0):
    """The measures of a log, counted in two parts, of a third of the customers and of the others."""
    parts = []
    for is_third in (False, True):
        own = [customer for customer in range(len(codes)) if ((customer * 7 + seed) % 3 == 0) == is_third]
        number = {customer: i for i, customer in enumerate(own)}
        part = [entry._replace(customer=number[entry.customer]) for entry in log if entry.customer in number]
        parts.append(sums_of(part, settings, [codes[customer] for customer in own], seed=seed))
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
