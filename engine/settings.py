"""Settings: what the columns mean, which days are observed, how customers are scored. Frozen, checked once."""

import difflib
import math
import numbers
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal, TypeVar, get_args

from whalecurve.engine.errors import InputError, listed, setting

DAYS_PER_UNIT = {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "quarter": 365.25 / 4.0, "year": 365.25}
"""A year is the Julian one of 365.25 days (Wilkins 1989, IAU Style Manual), a month a twelfth of it."""

Unit = Literal["day", "week", "month", "quarter", "year"]
Period = Literal["week", "month", "quarter", "year"]
MONTHS_PER_PERIOD = {"month": 1, "quarter": 3, "year": 12}

MOST_DAYS, MOST_L2 = 36_525, 1e9

ROLES = ("customer", "time", "amount", "margin", "cost", "refund", "order", "return_flag")
DEFAULT_NAMES = {
    "customer": "customer_id",
    "time": "order_ts",
    "amount": "amount",
    "margin": "margin",
    "cost": "cost",
    "order": "order_id",
}
REQUIRED_ROLES = ("customer", "time", "amount")
NORMALISATIONS = ("trim", "lower")
"""What may be done to customer ids of text before they are told apart."""

Method = Literal["quantile", "fixed", "nested"]
Spend = Literal["gamma-gamma", "credibility", "mean", "frequency", "auto"]
ValueAxis = Literal["stake", "total"]
NextBasis = Literal["auto", "model", "rhythm"]
MIN_BINS, MAX_BINS = 2, 10


Given = Mapping[str, Any]
"""Settings as a plain dict, by name."""

Kind = TypeVar("Kind")


def taken(kind: type[Kind], given: Kind | Given | None) -> Kind | None:
    """Settings of a kind, which may be given as a dict; None stays None.

    Raises
    ------
    InputError
        A name that the kind does not have, something else than a dict, or a value that will not do.
    """
    if given is None or isinstance(given, kind):
        return given
    if not isinstance(given, Mapping):
        raise InputError(f"{kind.__name__} is given as {type(given).__name__}; give a dict, or {kind.__name__}(...)")
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # settings are dataclasses
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            hint = f'did you mean "{close[0]}"? There are' if close else "there are"
            raise InputError(f'{kind.__name__} has no setting "{name}"; {hint} {listed(names)}')
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def day(name: str, value: object) -> date | None:
    """A day that is given as a date, as a time on that day, or as text like 2025-06-30; None stays None.

    Raises
    ------
    InputError
        It is no day.
    """
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]  # what is no text is refused below
    except (TypeError, ValueError):
        raise InputError(f'{setting(name)} "{value}" is not a day; give one like 2025-06-30') from None


def check_list(name: str, value: object) -> None:
    """Raise InputError for one text, or number, in place of a list: Python takes a text for a list of its letters."""
    if isinstance(value, str | int):
        raise InputError(f"{setting(name)} is a list, and {value!r} is given; give [{value!r}]")


def check_lists(settings: object, *names: str) -> None:
    """The same of settings that are lists, by their names."""
    for name in names:
        check_list(name, getattr(settings, name))


def check_number(name: str, value: object, example: str) -> None:
    """Raise InputError for a text, or anything else, in place of a number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InputError(f"{setting(name)} is a number, and {value!r} is given; give one, as {example}")


def check_share(name: str, value: float, example: str, *, with_one: bool = False) -> None:
    """Raise InputError for what is no number above 0 and below 1, or up to 1."""
    check_number(name, value, example)
    if not (0.0 < value < 1.0 or (with_one and value == 1.0)):
        raise InputError(f"{setting(name, value)} is out of range; choose a number between 0 and 1")


def whole(name: str, value: object, least: int, most: int, example: str) -> int:
    """A whole number in a range, also where it is given as a float; raise InputError for anything else."""
    check_number(name, value, example)
    number = float(value)  # type: ignore[arg-type]  # it is a number by now
    if not (number.is_integer() and least <= number <= most):
        raise InputError(f"{setting(name, value)} is out of range; choose a whole number from {least} to {most}")
    return int(number)


def check_bins(bins: int) -> None:
    """Raise InputError for a number of scores outside 2..10."""
    if not MIN_BINS <= bins <= MAX_BINS:
        raise InputError(f"{setting('rfm_bins', bins)} is out of range; choose {MIN_BINS} to {MAX_BINS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column, or SQL expression over columns, plays which role.

    A role left at None takes its usual name (`customer_id`, `order_ts`, `amount`, and, where the files
    have them, `margin`, `cost`, `order_id`); the empty string leaves an optional role out. With `missing` "null", a
    column that some files lack is null in their lines, where margin, cost, return flag or a dimension read it; such an
    order id always is. Files that lack what customer, time, amount or the condition read are refused.
    `nobody` are customer ids that stand for nobody in particular, as a guest or a till; they are compared with the ids
    in the type of these, and their lines count as those of a null id do.
    `fill_down` are columns that some exports write on one line of an order only, as the customer on the first: empty
    cells of its other lines, in the same file, are filled from there before anything else is computed.
    `refund` is what was given back of a line, on the line itself, as some exports have it: it is taken off the amount.
    `keep` is a condition as `where` is, for the states of an order that are sales; both hold. `normalise_ids` says what
    is done to customer ids of text before they are told apart: "trim" white space at their ends, "lower" their case.
    With `order_total` the amount is that of the order, on each of its lines, and counts once an order.
    `preset` names an export that is known, as "shopify": it maps the roles that are left at None, and has the condition
    that `keep` is, where none is given.
    `attributes` are files of customers, one row each, or frames: dimensions and conditions may read their columns
    beside those of the orders. `attributes_key` is their column of ids (None: called as in the orders, or
    `customer_id`). Values of a dimension that reads them are pooled where fewer than `pool_below` customers share one,
    so that nobody can be told apart; 1 pools none.
    """

    customer: str | None = None
    time: str | None = None
    amount: str | None = None
    margin: str | None = None
    cost: str | None = None
    order: str | None = None
    return_flag: str | None = None
    where: str | None = None
    missing: Literal["error", "null"] = "error"
    nobody: tuple[str | int, ...] = ()
    fill_down: tuple[str, ...] = ()
    refund: str | None = None
    keep: str | None = None
    normalise_ids: tuple[str, ...] = ()
    order_total: bool = False
    preset: str | None = None
    attributes: tuple[Any, ...] = ()
    attributes_key: str | None = None
    pool_below: int = 5

    def __post_init__(self) -> None:
        check_lists(self, "nobody", "fill_down", "normalise_ids")
        if not isinstance(self.attributes, list | tuple):
            object.__setattr__(self, "attributes", (self.attributes,))  # frozen, and one file is welcome
        if not self.attributes and self.attributes_key is not None:
            raise InputError(f"{setting('attributes_key')} says how to read {setting('attributes')}; give a file too")
        whole("pool_below", self.pool_below, 1, 1_000_000, "5")
        for step in self.normalise_ids:
            if step not in NORMALISATIONS:
                raise InputError(
                    f'{setting("normalise_ids")} "{step}" is unknown; choose one of {", ".join(NORMALISATIONS)}'
                )
        if self.missing not in ("error", "null"):
            raise InputError(f'{setting("missing")} "{self.missing}" is unknown; choose error or null')
        for role in REQUIRED_ROLES:
            if getattr(self, role) == "":
                raise InputError(
                    f"{setting(role)} is empty; every order line needs it: name a column or an SQL expression"
                )
        if self.margin and self.cost:
            raise InputError(
                f"{setting('margin')} and {setting('cost')} are both given; margin is amount less cost, so give one "
                f"of them"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The observed days, both ends included.

    `as_of` is the last day observed (None: the last day in the data), `since` the first (None: all).
    `timezone` decides the calendar day of zoned times (None: the zone the column carries). `unit` is the
    unit of `recency` and `T` and so of the fitted parameters. With a `period`, time is counted in opportunities
    instead, each a calendar week, month, quarter or year that is over by `as_of` (BG/BB). Days may be given as text
    like 2025-06-30.
    """

    as_of: date | None = None
    since: date | None = None
    timezone: str | None = None
    unit: Unit = "day"
    period: Period | None = None

    def __post_init__(self) -> None:
        for name in ("as_of", "since"):
            object.__setattr__(self, name, day(name, getattr(self, name)))  # frozen, and text is welcome
        if self.period is not None and self.period not in get_args(Period):
            raise InputError(
                f'{setting("period")} "{self.period}" is not a period; choose one of {", ".join(get_args(Period))}'
            )
        if self.period is not None and self.unit != "day":
            raise InputError(
                f"{setting('unit', self.unit)} and {setting('period', self.period)} are both given; leave out "
                f"{setting('unit')}"
            )
        if self.unit not in DAYS_PER_UNIT:
            raise InputError(
                f'{setting("unit")} "{self.unit}" is not a unit of time; choose one of {", ".join(DAYS_PER_UNIT)}'
            )
        if self.as_of and self.since and self.as_of < self.since:
            raise InputError(f"{setting('as_of', self.as_of)} is before {setting('since', self.since)}; swap them?")
        if self.timezone is not None and self.timezone not in zoneinfo.available_timezones():
            raise InputError(
                f'{setting("timezone")} "{self.timezone}" is not a known zone; try one like Europe/London, or UTC'
            )

    @property
    def days_per_unit(self) -> float:
        """Days in one unit of model time."""
        return DAYS_PER_UNIT[self.model_unit]

    @property
    def model_unit(self) -> str:
        """The unit of model time: the period where there is one."""
        return self.period or self.unit

    def observed(self, last_day: date) -> "ObservedWindow":
        """The window over orders whose last day is known: it ends there, unless it was said to end elsewhere."""
        return ObservedWindow(
            as_of=self.as_of or last_day, since=self.since, timezone=self.timezone, unit=self.unit, period=self.period
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedWindow(Window):
    """A window whose last day is known: what every stage after the audit works with."""

    as_of: date  # pyright: ignore[reportGeneralTypeIssues]  # keyword only: it may lack the default that it had


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How customers are scored once they are summarised.

    horizon_days, risk_days : days ahead that CLV and `p_purchase` look; the latter "auto": the log's own rhythm, the
        time by which 80 % of the purchases that are followed by another have been.
    annual_discount : rate per year, 0.10 being ten per cent.
    value : "margin", "revenue", or None for margin where there is one.
    rfm_method : thresholds of the scores from quantiles of all customers, the same within scores, or fixed.
    rfm_cuts : for "fixed", a TOML file of cut-offs, or a model.json that holds some; `rfm_bins` follows from them.
    intervals : confidence level of intervals for expected purchases and CLV; None for none.
    spend : what one purchase is worth: "gamma-gamma", a distribution of values above 0; "credibility", customers' own
        means of any sign, shrunk towards the mean of all; "mean", the same towards a robust mean, for spend whose tail
        is too heavy for the others (q <= 1); "frequency", the same towards a mean that follows how often customers
        buy; or "auto", one of these by what the log is like and a holdout, see `choose_spend`.
    season : "none"; "auto", estimated if it predicts better at rolling origins; "estimate", whether or not; or the path
        of a calendar, a CSV file of days and factors on the rate of purchases.
    next_purchase : what next purchases are told by: "model", "rhythm", or "auto", the better in a holdout.
    l2 : penalty when fitting, on squared log parameters, or with covariates on their squared coefficients (the spend
        model keeps the former); 0 is maximum likelihood.
    value_axis, value_quantile : what the matrix goes by: "stake", the discounted value of the horizon given that the
        customer is still active, or "total", past value and CLV together; high value begins at this quantile of it.
    covariates : Parquet file with traits of the customers that shift the purchase model; None for none.
    covariate_columns : its columns to use; None for all.
    require_reliable : whether CLV and risk are withheld where the log cannot carry them, see `Reliability`
    dropout_effect : how traits act on dropout in BG/NBD and MBG/NBD, see `covariate_likelihood`.
    fit_by : a dimension of the first order, a column or SQL expression, or "cohort", the year of the first purchase,
        whose values have parameters of their own, pooled as far as they tell them; None for one model of all.
    recalibrate : whether probabilities of a purchase are what a holdout says that they are worth, see `Recalibration`.
    """

    model: str = "bgnbd"
    spend: Spend = "gamma-gamma"
    horizon_days: int = 365
    risk_days: int | Literal["auto"] = "auto"
    annual_discount: float = 0.10
    value: Literal["margin", "revenue"] | None = None
    rfm_bins: int = 5
    rfm_method: Method = "quantile"
    rfm_cuts: str | None = None
    segments: str = "standard"
    risk_threshold: float = 0.5
    value_axis: ValueAxis = "stake"
    value_quantile: float = 0.8
    intervals: float | None = None
    l2: float = 0.0
    covariates: str | None = None
    covariate_columns: tuple[str, ...] | None = None
    require_reliable: bool = False
    dropout_effect: Literal["odds", "separate", "common"] = "odds"
    next_purchase: NextBasis = "auto"
    season: str = "none"
    fit_by: str | None = None
    recalibrate: bool = False

    def __post_init__(self) -> None:
        check_lists(self, "covariate_columns")
        for name in ("horizon_days", "annual_discount", "rfm_bins", "risk_threshold", "value_quantile", "l2"):
            check_number(name, getattr(self, name), str(type(self).__dataclass_fields__[name].default))
        if self.intervals is not None:
            check_number("intervals", self.intervals, "0.9")
        if self.intervals is not None and not 0.0 < self.intervals < 1.0:
            raise InputError(f"{setting('intervals', self.intervals)} is not a confidence level; choose one like 0.9")
        if not 0.0 <= self.l2 <= MOST_L2:
            raise InputError(f"{setting('l2', self.l2)} is not a valid penalty; choose 0 to {MOST_L2:g}")
        if self.horizon_days <= 0:
            raise InputError(
                f"{setting('horizon_days', self.horizon_days)} is not ahead; give a positive number of days, as 365"
            )
        if isinstance(self.risk_days, str) and self.risk_days != "auto":
            raise InputError(
                f"{setting('risk_days', self.risk_days)} is not a number of days; give one, as 180, or auto"
            )
        if isinstance(self.risk_days, int) and self.risk_days <= 0:
            raise InputError(
                f"{setting('risk_days', self.risk_days)} is not ahead; give a positive number of days, as 180, or auto"
            )
        for name, days in (("horizon_days", self.horizon_days), ("risk_days", self.risk_days)):
            if isinstance(days, int) and days > MOST_DAYS:
                raise InputError(
                    f"{setting(name, days)} is beyond any forecast; choose at most {MOST_DAYS} (100 years)"
                )
        if not (math.isfinite(self.annual_discount) and self.annual_discount > -1.0):
            raise InputError(
                f"{setting('annual_discount', self.annual_discount)} is not a valid yearly rate; 0.10 means 10%"
            )
        if self.value not in (None, "margin", "revenue"):
            raise InputError(f'{setting("value")} "{self.value}" is unknown; choose margin or revenue')
        check_bins(self.rfm_bins)
        if not isinstance(self.season, str) or not self.season:
            raise InputError(
                f"{setting('season')} is {self.season!r}; choose none, auto, estimate, or the path of a calendar"
            )
        if self.fit_by is not None and (not isinstance(self.fit_by, str) or not self.fit_by.strip()):
            raise InputError(f"{setting('fit_by')} is {self.fit_by!r}; name a column, an SQL expression, or cohort")
        if self.next_purchase not in get_args(NextBasis):
            raise InputError(
                f'{setting("next_purchase")} "{self.next_purchase}" is unknown; choose one of '
                f"{', '.join(get_args(NextBasis))}"
            )
        if self.spend not in get_args(Spend):
            raise InputError(
                f'{setting("spend")} "{self.spend}" is unknown; choose one of {", ".join(get_args(Spend))}'
            )
        if self.value_axis not in get_args(ValueAxis):
            raise InputError(
                f'{setting("value_axis")} "{self.value_axis}" is unknown; choose one of '
                f"{', '.join(get_args(ValueAxis))}"
            )
        if self.rfm_method not in get_args(Method):
            raise InputError(
                f'{setting("rfm_method")} "{self.rfm_method}" is unknown; choose one of {", ".join(get_args(Method))}'
            )
        if self.rfm_method == "fixed" and self.rfm_cuts is None:
            raise InputError(
                f"{setting('rfm_method', 'fixed')} needs cut-offs; give a TOML file of them with {setting('rfm_cuts')}"
            )
        if self.rfm_method != "fixed" and self.rfm_cuts is not None:
            raise InputError(
                f"{setting('rfm_cuts')} goes with {setting('rfm_method', 'fixed')}, not with {self.rfm_method}; "
                f"leave one out"
            )
        for name, share in (("risk_threshold", self.risk_threshold), ("value_quantile", self.value_quantile)):
            if not 0.0 < share < 1.0:
                raise InputError(f"{setting(name, share)} is out of range; choose a number between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Significance:
    """When the values of a dimension are tested, and when a difference is worth a mark: if it is sure and material.

    min_customers : values that fewer customers have are listed, never tested
    fdr : false discovery rate of what is reported
    level : confidence level of intervals
    min_lift : a value marks a segment if its share there is so many times the share elsewhere, or the inverse
    """

    min_customers: int = 30
    fdr: float = 0.05
    level: float = 0.95
    min_lift: float = 1.2

    def __post_init__(self) -> None:
        if self.min_customers < 1:
            raise InputError(f"{setting('min_customers')} must be at least 1, not {self.min_customers}")
        for name, share in (("fdr", self.fdr), ("level", self.level)):
            if not 0.0 < share < 1.0:
                raise InputError(f"{setting(name, share)} is out of range; choose a number between 0 and 1")
        if not self.min_lift >= 1.0:
            raise InputError(
                f"{setting('min_lift', self.min_lift)} is out of range; choose 1 or more, as 1.2 for a fifth more"
            )
