"""A run's order log and settings, opened and checked together before any row is read."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from whalecurve.engine.customer_totals import open_totals
from whalecurve.engine.errors import ColumnMissingError, InputError, setting
from whalecurve.engine.mapping import normal_form, opened_attributes
from whalecurve.engine.models import CONTINUOUS, purchase_model
from whalecurve.engine.models.covariates import Covariates, read_covariates
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, scan_orders, value_column
from whalecurve.engine.rfm import RULE, Thresholds, read_cuts
from whalecurve.engine.schemes import Scheme, load_scheme
from whalecurve.engine.scoring.old_run import OldRun
from whalecurve.engine.seasons import KEYWORDS, Season, read_calendar
from whalecurve.engine.segments import NO_CONDITIONS, Conditions, conditions_of, reads_conditions
from whalecurve.engine.settings import DEFAULT_NAMES, Columns, Given, Scoring, Window, taken

COHORT = "cohort"
"""What customers may be fitted by that is no dimension: the year of their first purchase."""

OF_CUSTOMERS = ("attributes", "attributes_key", "pool_below")
"""Settings of columns that are of files of customers, and say nothing of how lines are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a run is asked to do. `value` is "margin" or "revenue"; the window may still be open.

    cuts : own cut-offs of R, F and M, None to find some; n_scores : number of levels of each
    conditions : those of the scheme's rules
    old : the run whose thresholds and models are used, None to find new ones
    calendar : the season of a file, where one is named
    dimensions : the orders with the dimension that customers are fitted by, where there is one
    has_totals : whether what is given are totals of customers, not order lines: there are no days
    """

    orders: Orders
    columns: Columns
    window: Window
    scoring: Scoring
    scheme: Scheme
    value: str
    covariates: Covariates | None
    n_scores: int
    conditions: Conditions = NO_CONDITIONS
    cuts: Thresholds | None = None
    old: OldRun | None = None
    calendar: Season | None = None
    dimensions: Orders | None = None
    has_totals: bool = False

    @property
    def rfm_rule(self) -> str | None:
        """How scores come about; None where cut-offs are given, or the old run does not say."""
        if self.old is not None:
            return self.old.rfm_rule
        return None if self.scoring.rfm_method == "fixed" else RULE

    @property
    def settings(self) -> dict[str, Any]:
        """How customers are scored, with what was resolved in place of what was asked; ready for JSON."""
        resolved = {"rfm_bins": self.n_scores, "rfm_cuts": self.cuts.to_dict() if self.cuts else None}
        return asdict(self.scoring) | resolved | {"value": self.value}


def open_job(
    orders: Paths,
    columns: Columns | Given | None,
    window: Window | Given | None,
    scoring: Scoring | Given | None,
    old: OldRun | None = None,
    *,
    totals: bool = False,
) -> Job:
    """Open the orders, or totals of customers in their place, and check every setting against them.

    Raises
    ------
    InputError
        Anything about files, columns, models or schemes that cannot work.
    """
    columns = taken(Columns, columns) or Columns()
    scoring = taken(Scoring, scoring) or (Scoring() if old is None else old.scoring)
    cuts = None if scoring.rfm_cuts is None else read_cuts(scoring.rfm_cuts)
    n_scores = _n_scores(scoring, cuts)
    window = taken(Window, window) or (Window() if old is None else old.window)
    if old is not None:
        scoring = old.agreed(window, scoring, n_scores, cuts)
    _check_time(scoring.model, window)
    _check_stages(scoring)
    _check_next_purchase(scoring)
    _check_covariates(scoring)
    scheme = load_scheme(scoring.segments, bins=n_scores)
    if totals:
        _check_without_days(columns, window, scoring)
        scanned = open_totals(orders)
    else:
        zone = window.timezone or (None if old is None else old.timezone)
        scanned = scan_orders(orders, columns, timezone=zone)
    if old is not None:
        old.check_scheme(scheme)
        window = old.zoned(window, scanned)
    return Job(
        orders=scanned,
        columns=columns,
        window=window,
        scoring=scoring,
        scheme=scheme,
        value=value_column(scanned, scoring.value),
        covariates=_covariates(scanned, scoring),
        n_scores=n_scores,
        conditions=_conditions(scanned, columns, scheme),
        cuts=cuts,
        old=old,
        calendar=_calendar(scoring, window, old),
        dimensions=_dimensions(scanned, columns, window, scoring, old),
        has_totals=totals,
    )


def _conditions(orders: Orders, columns: Columns, scheme: Scheme) -> Conditions:
    """The conditions of the scheme's rules, over attributes that the columns name files of."""
    if not reads_conditions(scheme):
        return NO_CONDITIONS
    mapping = orders.mapping
    customer, steps = mapping.roles["customer"], mapping.normalise_ids
    conditions = conditions_of(
        scheme,
        opened_attributes(columns, customer.mapping, mapping.available),
        customer.dtype,
        (lambda ids: normal_form(ids, steps)) if steps else None,
        has_margin=orders.has_margin,
    )
    for part in conditions.attributes:
        part.check_once()
    return conditions


def _dimensions(
    orders: Orders, columns: Columns, window: Window, scoring: Scoring, old: OldRun | None
) -> Orders | None:
    """The orders with the dimension that customers are fitted by; None without one."""
    if scoring.fit_by is None or scoring.fit_by == COHORT or old is not None:
        return None
    return scan_orders(orders.files, columns, [scoring.fit_by], window.timezone)


def _check_without_days(columns: Columns, window: Window, scoring: Scoring) -> None:
    """Refuse what totals of customers cannot answer: how lines are read, which days count, what needs the days.

    Raises
    ------
    InputError
        Such a setting; each with what would do.
    """
    usual = Columns()
    names = [one.name for one in fields(Columns) if one.name not in OF_CUSTOMERS]
    asked = [name for name in names if getattr(columns, name) != getattr(usual, name)]
    asked += [name for name in ("as_of", "since", "timezone") if getattr(window, name) is not None]
    if asked:
        raise InputError(
            f"{setting(asked[0], getattr(columns, asked[0], None) or getattr(window, asked[0], None))} says how order "
            f"lines are read, and {setting('totals')} are added up already; leave it out"
        )
    for name, chosen, instead in (("model", scoring.model, "bgnbd"), ("spend", scoring.spend, "gamma-gamma")):
        if chosen == "auto":
            raise InputError(
                f"{setting(name, 'auto')} chooses by the last days of the orders, which {setting('totals')} do not "
                f"have; name one, as {setting(name, instead)}"
            )
    of_days = {"season": scoring.season, "fit_by": scoring.fit_by, "period": window.period}
    for name, asked_for in of_days.items():
        if asked_for not in (None, "none"):
            raise InputError(
                f"{setting(name, asked_for)} needs days or lines, which {setting('totals')} do not have; leave it out"
            )


def _calendar(scoring: Scoring, window: Window, old: OldRun | None) -> Season | None:
    """The season of a file; None where there is none, it is to be estimated, or an old run has one."""
    if scoring.season == "none":
        return None
    if window.period is not None:
        raise InputError(
            f"{setting('season', scoring.season)} is of the models that count time in {setting('unit')}, and "
            f"{setting('period', window.period)} counts periods; leave one out"
        )
    return None if scoring.season in KEYWORDS or old is not None else read_calendar(scoring.season)


def _n_scores(scoring: Scoring, cuts: Thresholds | None) -> int:
    """Levels of each score: as asked, or as many as there are own cut-offs for."""
    if cuts is None:
        return scoring.rfm_bins
    if scoring.rfm_bins not in (Scoring().rfm_bins, cuts.bins):
        raise InputError(
            f"{setting('rfm_bins', scoring.rfm_bins)} and {setting('rfm_cuts')} for {cuts.bins} scores; leave "
            f"{setting('rfm_bins')} out"
        )
    return cuts.bins


def _covariates(orders: Orders, scoring: Scoring) -> Covariates | None:
    """Traits of customers, keyed by the column that has the ids in the orders, or by `customer_id`."""
    if scoring.covariates is None:
        if scoring.covariate_columns is not None or scoring.dropout_effect != "odds":
            raise InputError(
                f"{setting('covariate_columns')} and {setting('dropout_effect')} say how to use "
                f"{setting('covariates')}; give that file too"
            )
        return None
    if scoring.model == "pnbd" and scoring.dropout_effect != "odds":
        raise InputError(
            f"{setting('dropout_effect', scoring.dropout_effect)} is of BG/NBD and MBG/NBD; pnbd has one way"
        )
    if purchase_model(scoring.model).name not in CONTINUOUS if scoring.model != "auto" else True:
        raise InputError(
            f"{setting('covariates')} goes with {setting('model')} {', '.join(CONTINUOUS)}, not with "
            f"{scoring.model}; choose one of them"
        )
    roots = orders.mapping.roles["customer"].expr.meta.root_names()
    for name in (*roots[:1], DEFAULT_NAMES["customer"]):
        try:
            return read_covariates(scoring.covariates, name, scoring.covariate_columns)
        except ColumnMissingError:
            if name == DEFAULT_NAMES["customer"]:
                raise
    return None


def _check_time(name: str, window: Window) -> None:
    is_discrete = name != "auto" and purchase_model(name).is_discrete
    if is_discrete and window.period is None:
        raise InputError(
            f"{setting('model', name)} counts opportunities; say how long one is: "
            f"{setting('period')} week, month, quarter or year"
        )
    if window.period is not None and not is_discrete:
        raise InputError(
            f"{setting('period', window.period)} goes with {setting('model', 'bgbb')}; "
            f"{setting('model', name)} counts time in {setting('unit')}"
        )


def _check_covariates(scoring: Scoring) -> None:
    """What does not go with them."""
    if scoring.covariates is None:
        return
    if scoring.fit_by is not None:
        raise InputError(
            f"{setting('fit_by', scoring.fit_by)} and {setting('covariates')} are both given; leave one out, or put "
            f"the groups into the file of covariates"
        )
    if scoring.recalibrate:
        raise InputError(
            f"{setting('recalibrate', True)} needs a holdout, and a model with {setting('covariates')} is not refitted "
            f"to the past; leave one out"
        )


def _check_stages(scoring: Scoring) -> None:
    if scoring.model == "auto" or not purchase_model(scoring.model).has_stages:
        return
    for name, none in (("season", "none"), ("fit_by", None)):
        if getattr(scoring, name) != none:
            raise InputError(
                f"{setting(name, getattr(scoring, name))} goes with models without stages, unlike {scoring.model}; "
                f"leave it out, or choose one of {', '.join(CONTINUOUS)}"
            )


def _check_next_purchase(scoring: Scoring) -> None:
    is_discrete = scoring.model != "auto" and purchase_model(scoring.model).is_discrete
    if is_discrete and scoring.next_purchase == "model":
        raise InputError(
            f"{setting('next_purchase', 'model')} needs a day, and {setting('model', scoring.model)} counts periods; "
            f"leave one out, or choose rhythm"
        )


def plan(job: Job) -> dict[str, Any]:
    """What a run would do, from files' footers and settings alone."""
    n_rows = [file.n_rows for file in job.orders.files]
    return {
        "files": len(job.orders.files),
        "rows": sum(n or 0 for n in n_rows) if None not in n_rows else None,
        "columns": {role: {"mapping": r.mapping, "type": str(r.dtype)} for role, r in job.orders.mapping.roles.items()},
        "where": job.orders.mapping.where_text,
        "nobody": job.orders.definitions["nobody"],
        **job.orders.mapping.further,
        **job.orders.mapping.attribute_settings,
        "as_of": job.window.as_of.isoformat() if job.window.as_of else "last day in the data",
        "since": job.window.since.isoformat() if job.window.since else "first day in the data",
        "timezone": job.window.timezone or job.orders.timezone,
        "unit": job.window.model_unit,
        "period": job.window.period,
        **job.settings,
        "thresholds_from": str(job.old.path) if job.old else None,
        "scheme": job.scheme.name,
    }
