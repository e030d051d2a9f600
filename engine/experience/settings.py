"""What is asked of surveys and tickets."""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.segments import LABELS
from whalecurve.engine.settings import MOST_DAYS, check_lists, check_share, whole

Wave = Literal["month", "quarter", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceSettings:
    """Which columns are what, and how answers are counted.

    surveys_preset, tickets_preset : the tool whose file it is, as "delighted"; None: told by the columns, empty: none
    survey_... : columns of the surveys, or SQL expressions; None: by their usual names, empty: left out
    ticket_... : those of the tickets, likewise
    wave : within which the latest answer of a customer counts
    repeat_days : days after an answer in which a purchase is looked for; 0: purchases are not looked at
    min_customers : groups of fewer are pooled, and never told on their own
    weight_by : schemes whose mix weighted scores are brought to; none: nothing is weighted
    level : confidence level of intervals
    """

    surveys_preset: str | None = None
    survey_customer: str | None = None
    survey_time: str | None = None
    survey_question: str | None = None
    survey_score: str | None = None
    survey_scale: str | None = None
    survey_product: str | None = None
    survey_answered: str | None = None
    tickets_preset: str | None = None
    ticket_customer: str | None = None
    ticket_opened: str | None = None
    ticket_solved: str | None = None
    ticket_reopened: str | None = None
    ticket_rating: str | None = None
    wave: Wave = "quarter"
    repeat_days: int = 90
    min_customers: int = 10
    weight_by: tuple[str, ...] = ("rfm", "clv_tier")
    level: float = 0.95

    def __post_init__(self) -> None:
        check_lists(self, "weight_by")
        if self.wave not in get_args(Wave):
            raise InputError(f'{setting("wave")} "{self.wave}" is unknown; choose one of {", ".join(get_args(Wave))}')
        object.__setattr__(self, "repeat_days", whole("repeat_days", self.repeat_days, 0, MOST_DAYS, "90"))
        object.__setattr__(self, "min_customers", whole("min_customers", self.min_customers, 2, 1_000_000, "10"))
        for scheme in self.weight_by:
            if scheme not in LABELS:
                raise InputError(f'{setting("weight_by")} "{scheme}" is unknown; choose one of {", ".join(LABELS)}')
        check_share("level", self.level, "0.95")

    def columns_of(self, prefix: str) -> dict[str, str | None]:
        """What was written for the columns whose settings begin so, by the rest of their names."""
        names = [field.name for field in fields(self) if field.name.startswith(prefix)]
        return {name.removeprefix(prefix): getattr(self, name) for name in names}
