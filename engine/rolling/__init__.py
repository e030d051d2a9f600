"""Rolling origins: the days at which a past is cut to predict what came after, and what the cuts say together."""

from whalecurve.engine.rolling.origins import origins_of
from whalecurve.engine.rolling.spread import Spread, spread_of

__all__ = ["Spread", "origins_of", "spread_of"]
