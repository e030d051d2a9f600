"""Products that customers buy again: their days, the gaps between them, and the rhythm of each product."""

from whalecurve.engine.replenishment.repurchases import DUE, LAPSED, bought_again, days_of, rhythms, with_due

__all__ = ["DUE", "LAPSED", "bought_again", "days_of", "rhythms", "with_due"]
