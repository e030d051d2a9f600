"""Items of baskets: coded, counted in pairs, summed by customer, and ranked for those who have not bought them."""

from whalecurve.kernels.baskets.pair_counts import count_following, count_together, following_slots
from whalecurve.kernels.baskets.pair_sums import sum_following, sum_together
from whalecurve.kernels.baskets.recoding import recoded
from whalecurve.kernels.baskets.shelf_ranking import Partners, Shelves, next_items

__all__ = [
    "Partners",
    "Shelves",
    "count_following",
    "count_together",
    "following_slots",
    "next_items",
    "recoded",
    "sum_following",
    "sum_together",
]
