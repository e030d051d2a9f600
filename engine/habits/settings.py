"""What is asked of habits."""

from dataclasses import dataclass

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import check_share


@dataclass(frozen=True, slots=True, kw_only=True)
class HabitSettings:
    """What favourites are among, what is bought again, and what regular means.

    by : column or SQL expression that tells kinds of products apart; None: there are no favourites
    product : the same of what is bought again; None: nothing is looked for
    discounted : SQL condition on an order line that is sold at a discount; None: nothing is said of discounts
    most_variation : coefficient of variation up to which the gaps of a customer are regular
    min_customers : customers with three purchases of a product, from which on it may be one to replenish; segments
        that are smaller are put together
    level : confidence level of intervals
    """

    by: str | None = None
    product: str | None = None
    discounted: str | None = None
    most_variation: float = 0.5
    min_customers: int = 30
    level: float = 0.95

    def __post_init__(self) -> None:
        for name in ("by", "product", "discounted"):
            text = getattr(self, name)
            if text is not None and (not isinstance(text, str) or not text.strip()):
                raise InputError(f"{setting(name)} names nothing; name a column or an SQL expression")
        if not 0.0 < self.most_variation <= 1.0:
            raise InputError(
                f"{setting('most_variation', self.most_variation)} is out of range; choose above 0 to 1, as 0.5: gaps "
                f"at random have 1"
            )
        if self.min_customers < 1:
            raise InputError(f"{setting('min_customers')} must be at least 1, not {self.min_customers}")
        check_share("level", self.level, "0.95")

    @property
    def dimensions(self) -> list[str]:
        """The columns and expressions that lines are to carry, each once."""
        named = (self.by, self.product, self.discounted)
        return list(dict.fromkeys(name for name in named if name is not None))
