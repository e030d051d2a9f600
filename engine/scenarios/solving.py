"""Which factor on the odds of staying brings what is asked for: retention so many points up, or so much value."""

import math
from collections.abc import Callable

LEAST_ODDS, MOST_ODDS = 1e-6, 1e6
CLOSE, MOST_STEPS = 1e-10, 100


def factor_for(measured: Callable[[float], float], wanted: float) -> float | None:
    """The factor on odds at which a growing function of it has a value; None where it has it nowhere.

    By false position in the logarithm, the stale end's weight halved (Illinois; Dowell & Jarratt 1971).
    """
    low, high = 0.0, math.log(MOST_ODDS)
    if measured(1.0) > wanted:
        low, high = math.log(LEAST_ODDS), 0.0
    below, above = measured(math.exp(low)) - wanted, measured(math.exp(high)) - wanted
    if below > 0.0 or above < 0.0:
        return None
    if below == 0.0:
        return math.exp(low)
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
