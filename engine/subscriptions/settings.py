"""What is asked of contracts."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, get_args

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import Period, check_number, check_share, day, whole

Model = Literal["auto", "sbg", "bdw"]
Cohort = Literal["month", "quarter", "year"]

MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST_PERIODS = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionSettings:
    """Which columns are what, how time is counted, and how contracts are told apart.

    contracts_preset : the tool whose file it is, as "stripe"; None: told by the columns, empty: none
    contract_... : columns of the contracts, or SQL expressions; None: by their usual names, empty: left out
    as_of : the last day observed; None: that of the result, or the day on which the last contract began
    period : what a contract is renewed for
    cohorts : periods of the start that contracts are told apart by; None for none
    model : "sbg", "bdw", or "auto", the one that predicts better
    periods_ahead : renewals ahead that curves are projected
    annual_discount : rate a year at which payments to come are discounted
    min_contracts : plans with fewer contracts have no model of their own
    min_customers : groups of fewer customers are pooled, and never told on their own
    level : confidence level of intervals
    """

    contracts_preset: str | None = None
    contract_customer: str | None = None
    contract_start: str | None = None
    contract_end: str | None = None
    contract_reason: str | None = None
    contract_plan: str | None = None
    contract_price: str | None = None
    as_of: date | None = None
    period: Period = "month"
    cohorts: Cohort | None = "year"
    model: Model = "auto"
    periods_ahead: int = 24
    annual_discount: float = 0.10
    min_contracts: int = 100
    min_customers: int = 10
    level: float = 0.95

    def __post_init__(self) -> None:
        object.__setattr__(self, "as_of", day("as_of", self.as_of))  # frozen, and text is welcome
        for name, allowed in (("period", get_args(Period)), ("model", get_args(Model))):
            if getattr(self, name) not in allowed:
                raise InputError(
                    f'{setting(name)} "{getattr(self, name)}" is unknown; choose one of {", ".join(allowed)}'
                )
        if self.cohorts is not None and self.cohorts not in get_args(Cohort):
            raise InputError(
                f'{setting("cohorts")} "{self.cohorts}" is unknown; choose one of {", ".join(get_args(Cohort))}'
            )
        for name, least, most, example in (
            ("periods_ahead", 0, MOST_PERIODS, "24"),
            ("min_contracts", 10, 1_000_000_000, "100"),
            ("min_customers", 2, 1_000_000, "10"),
        ):
            object.__setattr__(self, name, whole(name, getattr(self, name), least, most, example))
        check_number("annual_discount", self.annual_discount, "0.1")
        if not 0.005 <= self.annual_discount <= 10.0:
            raise InputError(
                f"{setting('annual_discount', self.annual_discount)} is out of range; choose 0.005 to 10, as 0.1"
            )
        check_share("level", self.level, "0.95")

    @property
    def discount(self) -> float:
        """The discount rate a period."""
        share = 7.0 / 365.25 if self.period == "week" else MONTHS[self.period] / 12.0
        return float((1.0 + self.annual_discount) ** share - 1.0)

    def columns(self) -> dict[str, str | None]:
        """What was written for the columns, by the names of their roles."""
        names = [field.name for field in fields(self) if field.name.startswith("contract_")]
        return {name.removeprefix("contract_"): getattr(self, name) for name in names}
