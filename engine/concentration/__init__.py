"""Concentration of value: whale curve, Gini and Pareto classes of customers, or of any dimension."""

from whalecurve.engine.concentration.curves import Concentration, concentration, curve
from whalecurve.engine.concentration.ranking import Ranking, ranking_of, with_ranking

__all__ = ["Concentration", "Ranking", "concentration", "curve", "ranking_of", "with_ranking"]
