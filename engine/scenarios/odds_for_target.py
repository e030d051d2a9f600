"""Which factor on the odds of staying brings what is asked for: retention so many points up, or so much value."""

import math
from collections.abc import Callable

FIRST_STEP, MOST = 0.1, 14.0
"""In logarithms: the first step away from no change, and the furthest factor either way, a million."""
CLOSE, MOST_STEPS = 1e-10, 100


def factor_for(measured: Callable[[float], float], wanted: float) -> float | None:
    """The factor on odds at which a growing function of it has a value; None where it has it nowhere.

    Bracketed by steps that double, since what is asked for is mostly near; then by false position in the logarithm,
    the stale end's weight halved (Illinois; Dowell & Jarratt 1971).
    """
    low, below = 0.0, measured(1.0) - wanted
    if below == 0.0:
        return 1.0
    way = 1.0 if below < 0.0 else -1.0
    step, high, above = FIRST_STEP, low, below
    while way * above < 0.0:
        if abs(high) >= MOST:
            return None
        low, below = high, above
        high = way * min(MOST, abs(high) + step)
        above, step = measured(math.exp(high)) - wanted, 2.0 * step
    if way < 0.0:
        low, below, high, above = high, above, low, below
    stale, at = 0, low
    for _ in range(MOST_STEPS):
        at = high if above == below else (low * above - high * below) / (above - below)
        missed = measured(math.exp(at)) - wanted
        if abs(missed) <= CLOSE * abs(wanted) or high - low < CLOSE:
            break
        if missed < 0.0:
            low, below = at, missed
            above = above / 2.0 if stale == -1 else above
            stale = -1
        else:
            high, above = at, missed
            below = below / 2.0 if stale == 1 else below
            stale = 1
    return math.exp(at)
