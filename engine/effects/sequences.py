"""Confidence sequences: intervals that hold at all times together, for customers who enter one after the other.

Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), Annals of Statistics 52(6): asymptotic, equation (9). Only where
the number of customers grows: where all are there from the first day and only their outcomes grow, looks are planned
(`looks`) and cost far less.
"""

import math

TUNED_FOR = 5_000
"""Customers at which the sequence is tightest, unless it is known how many are to come."""


def sequence_factor(n: int, alpha: float, tuned_for: int = TUNED_FOR) -> float:
    """By how many standard errors the interval reaches to both sides after n customers.

    √( 2·(n·ρ² + 1) / (n·ρ²) · log( √(n·ρ² + 1) / α ) ), with ρ² = (−2·log α + log(−2·log α + 1)) / `tuned_for`.
    """
    rho2 = (-2.0 * math.log(alpha) + math.log(-2.0 * math.log(alpha) + 1.0)) / tuned_for
    m = n * rho2
    return math.sqrt(2.0 * (m + 1.0) / m * math.log(math.sqrt(m + 1.0) / alpha))


def sequence_p(z: float, n: int, tuned_for: int = TUNED_FOR) -> float:
    """The smallest α at which the sequence of this moment leaves out no effect; 1 where none below 1 does.

    Valid whenever one looks, as are its intervals.
    """
    low, high = 1e-300, 1.0 - 1e-12
    if abs(z) <= sequence_factor(n, high, tuned_for):
        return 1.0
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if abs(z) > sequence_factor(n, middle, tuned_for) else (middle, high)
    return high
