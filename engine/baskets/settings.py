"""What is asked of baskets: what their items are, and when a pair is worth a mark."""

from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import Significance


@dataclass(frozen=True, slots=True, kw_only=True)
class Basketing(Significance):
    """What items are, what they belong to and cost, and what is tried before anything is recommended.

    by : column or SQL expression that tells items apart: a product
    category : the same of what an item belongs to; None: there are no categories
    price : the same of what one piece costs, a number; None: the amount of the item's lines in a basket, by their
        number
    min_customers : items that fewer customers bought are in no pair, and neither are pairs that are in fewer baskets,
        and would be by chance
    min_lift : a pair is marked if it is bought so many times as often as chance has it, or the inverse
    holdout_days : last days, on which recommendations from the days before are tried
    """

    by: str
    category: str | None = None
    price: str | None = None
    holdout_days: int = 90

    def __post_init__(self) -> None:
        Significance.__post_init__(self)  # not `super()`: a class with slots is another one than that which it names
        for name in ("by", "category", "price"):
            text = getattr(self, name)
            if text is not None and (not isinstance(text, str) or not text.strip()):
                raise InputError(f"{setting(name)} names nothing; name a column or an SQL expression")
        if self.category == self.by:
            raise InputError(
                f'{setting("category")} "{self.category}" is what {setting("by")} names; name what items belong to, or '
                f"leave it out"
            )
        if not 1 <= self.holdout_days <= 3_650:
            raise InputError(
                f"{setting('holdout_days', self.holdout_days)} is out of range; choose 1 to 3650 days, as 90"
            )
