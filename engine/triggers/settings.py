"""What is a reason to write to a customer, and how often they may be written to."""

from dataclasses import dataclass
from datetime import date

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.settings import day

TRIGGERS = (
    "spend_falling",
    "overdue",
    "entered_segment",
    "left_segment",
    "second_purchase",
    "loyalty_tier",
    "win_back",
    "anniversary",
)
"""All triggers, the most urgent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggering:
    """What is looked for, and how often a customer may be written to.

    on : the day; None: the day after the last one that the result observed
    triggers : those to look for, the most important first
    watch : segments whose entering and leaving are triggers
    most : triggers of one customer at most, the most important ones
    cooling_off : days after a trigger in which the customer gets no other; 0 for none
    """

    on: date | None = None
    triggers: tuple[str, ...] = TRIGGERS
    watch: tuple[str, ...] = ()
    most: int = 1
    cooling_off: int = 30

    def __post_init__(self) -> None:
        object.__setattr__(self, "on", day("on", self.on))  # frozen, and text is welcome
        unknown = [name for name in self.triggers if name not in TRIGGERS]
        if unknown:
            raise InputError(
                f'{setting("triggers")} "{unknown[0]}": no such trigger; there are {listed(list(TRIGGERS))}'
            )
        if len(set(self.triggers)) < len(self.triggers) or not self.triggers:
            raise InputError(f"{setting('triggers')}: name at least one, and each once")
        if self.most < 1:
            raise InputError(f"{setting('most', self.most)} is nothing; choose at least 1")
        if not 0 <= self.cooling_off <= 3_650:
            raise InputError(f"{setting('cooling_off', self.cooling_off)} is out of range; choose 0 to 3650 days")
