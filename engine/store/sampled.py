"""Customers of whom a sample is enough: neighbours by id, in stretches evenly spread over all."""

SAMPLE, STRETCHES = 50_000, 100
"""Customers of a sample at most, and the stretches they are taken from: the AUC of a ranking has a standard error of
0.003 then, the share of a year's purchases that falls in a week one of some per cent, and both cost the same however
long the log is."""


def stretches_of(n_customers: int) -> list[tuple[int, int]]:
    """Positions from start to end of all customers, or of many of `SAMPLE` in `STRETCHES` evenly spread.

    No stretch is long: the days of its customers are in memory together.
    """
    size = SAMPLE // STRETCHES
    if n_customers <= SAMPLE:
        return [(start, min(start + size, n_customers)) for start in range(0, n_customers, size)]
    starts = [n_customers * i // STRETCHES for i in range(STRETCHES)]
    return [(start, start + size) for start in starts]
