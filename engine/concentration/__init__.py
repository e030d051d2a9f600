"""Whose value it is: the whale curve of customers, or of anything."""

from whalecurve.engine.concentration.curves import Concentration, concentration, curve
from whalecurve.engine.concentration.ranking import Ranking, ranking_of, with_ranking

__all__ = ["Concentration", "Ranking", "concentration", "curve", "ranking_of", "with_ranking"]
