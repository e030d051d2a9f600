"""Numbers as records have them: JSON knows neither NaN nor infinity."""

import math


def finite(number: float) -> float | None:
    """The number; None where it is not defined: NaN or infinite."""
    return float(number) if math.isfinite(number) else None
