"""What is a reason to write to a customer, and how often they may be written to."""

from dataclasses import dataclass
from datetime import date

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.settings import check_lists, day

REPLENISHMENT = "replenishment"
WATCHED = ("entered_segment", "left_segment")
"""Triggers of the segments that are watched."""

TRIGGERS = (
    "spend_falling",
    "overdue",
    "entered_segment",
    "left_segment",
    "second_purchase",
    "replenishment",
    "loyalty_tier",
    "win_back",
    "anniversary",
)
"""All triggers, the most urgent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggering:
    """What is looked for, and how often a customer may be written to.

    on : the day; None: the day after the last one that the result observed
    triggers : those to look for, the most important first; None: all, but for "entered_segment" and "left_segment"
        where no segment is watched, and for "replenishment" where there is no product
    watch : segments whose entering and leaving are triggers
    most : triggers of one customer at most, the most important ones
    cooling_off : days from a trigger of a customer to their next one, at least; 0 for any
    product : column, or SQL expression, that tells products apart, for "replenishment"; None: that is not looked for
    """

    on: date | None = None
    triggers: tuple[str, ...] | None = None
    watch: tuple[str, ...] = ()
    most: int = 1
    cooling_off: int = 30
    product: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "on", day("on", self.on))  # frozen, and text is welcome
        check_lists(self, "triggers", "watch")
        named = self.looked_for
        unknown = [name for name in named if name not in TRIGGERS]
        if unknown:
            raise InputError(
                f'{setting("triggers")} "{unknown[0]}": no such trigger; choose one of {listed(list(TRIGGERS))}'
            )
        if len(set(named)) < len(named) or not named:
            raise InputError(f"{setting('triggers')}: name at least one, and each once")
        unwatched = [name for name in named if name in WATCHED]
        if unwatched and not self.watch:
            raise InputError(
                f"{setting('triggers')}: {unwatched[0]} is of segments that are watched; name them with "
                f"{setting('watch')}, or leave it out"
            )
        if (REPLENISHMENT in named) != (self.product is not None):
            raise InputError(
                f"{setting('product')} says what is bought again, and {REPLENISHMENT} in {setting('triggers')} looks "
                f"for it: give both, or neither"
            )
        if self.most < 1:
            raise InputError(f"{setting('most', self.most)} is nothing; choose at least 1")
        if not 0 <= self.cooling_off <= 3_650:
            raise InputError(f"{setting('cooling_off', self.cooling_off)} is out of range; choose 0 to 3650 days")

    @property
    def looked_for(self) -> tuple[str, ...]:
        """The triggers, the most important first."""
        if self.triggers is not None:
            return self.triggers
        left_out = {*(() if self.watch else WATCHED), *(() if self.product is not None else (REPLENISHMENT,))}
        return tuple(name for name in TRIGGERS if name not in left_out)
