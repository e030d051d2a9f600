"""Order logs drawn from the models, with facts planted in them that an analysis should find.

Customers come over time (`kernels.simulation.customers`), buy by BG/NBD, (M)BG/CNBD-k or Pareto/NBD, and spend by
Gamma-Gamma. The log is drawn a day at a time: memory holds the customers who will order again
within the log, the returns on their way, and the files being written, whatever the log's
length. The same settings give the same rows, and `rows_per_file` decides only where files are cut.
"""

import json
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.experiments import slice_of
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.paths import refuse_impossible, refuse_url
from whalecurve.engine.publication import published
from whalecurve.engine.settings import Given, check_list, day, taken
from whalecurve.engine.simulation import catalogue, population
from whalecurve.engine.simulation import truth as simulate_truth
from whalecurve.engine.simulation.catalogue import NEUTRAL, PLANTED, Effects
from whalecurve.engine.simulation.days import Day, days_of_lines
from whalecurve.engine.simulation.drawn import Acquired, Drawn
from whalecurve.engine.simulation.files import OrderFiles
from whalecurve.engine.simulation.side_files import check_words, write_beside
from whalecurve.engine.simulation.treatment import Treated, Treatment, treated_customers
from whalecurve.engine.simulation.truth import STAGED
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.simulation import DAY, Model

logger = logging.getLogger(__name__)

UNIX_EPOCH = date(1970, 1, 1)
DEFAULT_CUSTOMERS = 100_000
DEFAULT_PURCHASE = {
    "bgnbd": (0.25, 8.0, 0.8, 9.0),
    "pnbd": (0.45, 16.0, 0.6, 80.0),
    "bgcnbd": (1.0, 8.0, 0.8, 6.0),
    "mbgcnbd": (1.0, 8.0, 0.8, 6.0),
}
DEFAULT_STAGES = 3

FIRST_DAY = date(2024, 1, 1)
"""Of a simulated log, where none is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What log to draw; times in days, money in one currency.

    customers : how many; all of them order at least once. Default: 100,000, unless `orders` is given.
    orders : instead of `customers`, about how many order lines, returns included. The number of
        customers follows from the lines that the models expect of one: the log comes within
        about 2 % of the target from a million lines on, and scatters more below.
    days, start : the log covers `days` days from midnight of `start`.
    seed : 0 to 2^64 − 1.
    model, purchase : "bgnbd" with (r, alpha, a, b) or "pnbd" with (r, alpha, s, beta); "bgcnbd" and "mbgcnbd" with (r,
        alpha, a, b) of the rate of stages. With the first two and
        the defaults, over two years, four or five customers in ten order once, and the mean
        customer has eight lines.
    regularity : stages of a gap between orders in "bgcnbd" and "mbgcnbd", 1 to 12; None: 3. The more, the more regular.
    spend : Gamma-Gamma (p, q, v) for the revenue of an order; v in currency, q > 1.
    ids : "integer" (1, 2, ...) or "string" ("C0000000001", ...).
    planted : whether the facts of `truth.json` are in the log. Without them, product, category,
        brand, city, channel and campaign say nothing about behaviour or margin.
    rows_per_file : lines in each Parquet file but the last; up to three files, some 50 bytes a line, wait in memory.
    season : swing of the rates of purchases over the year, 0 (none) to below 1: 0.5 is half as many again as the mean
        before Christmas and half as many in early summer. Customers leave in the same clock, see `kernels.simulation`.
    treat : file of customers on whom there is an effect, with `customer_id` and, where not all of it are treated,
        `arm`; None for none. `treat_arm` is the arm that is treated (None: all of the file).
    treat_part : instead, the customers whose places by a name lie in a part of all, as "spring:0-0.5": those whom
        `assign_experiment` puts into the arm of an experiment spring that has these shares.
    treat_from : the first of `treat_days`, on which the treated have their rate of orders multiplied by `treat_rate`
        and the amounts by `treat_spend`.
    side_files : files beside the orders, as ("attributes",); they change nothing in the orders.
    """

    customers: int | None = None
    orders: int | None = None
    days: int = 730
    start: date = FIRST_DAY
    seed: int = 0
    model: str = "bgnbd"
    ids: str = "integer"
    planted: bool = True
    rows_per_file: int = 2_500_000
    purchase: tuple[float, float, float, float] | None = None
    regularity: int | None = None
    spend: tuple[float, float, float] = (4.0, 3.5, 35.0)
    season: float = 0.0
    treat: str | None = None
    treat_part: str | None = None
    treat_arm: str | None = None
    treat_from: date | None = None
    treat_days: int = 28
    treat_rate: float = 1.0
    treat_spend: float = 1.0
    side_files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check every setting, once."""
        check_list("side_files", self.side_files)
        check_words(self.side_files)
        object.__setattr__(self, "start", day("start", self.start) or FIRST_DAY)  # frozen, and text is welcome
        object.__setattr__(self, "treat_from", day("treat_from", self.treat_from))
        if self.customers is not None and self.orders is not None:
            raise InputError(
                f"simulation: both customers ({self.customers}) and orders ({self.orders}) are given; choose one"
            )
        for name, value, least in (
            ("customers", self.customers, 1),
            ("orders", self.orders, 1),
            ("days", self.days, 2),
            ("rows_per_file", self.rows_per_file, 1),
        ):
            if value is not None and value < least:
                raise InputError(f"simulation: {name} is {value}, expected at least {least}; raise it")
        if not 0 <= self.seed < 2**64:
            raise InputError(f"simulation: seed is {self.seed}, expected 0 to 2^64 - 1; choose another")
        for name, word, allowed in (
            ("model", self.model, tuple(DEFAULT_PURCHASE)),
            ("ids", self.ids, ("integer", "string")),
        ):
            if word not in allowed:
                raise InputError(f'simulation: {name} is "{word}", expected {" or ".join(allowed)}; choose one of them')
        if self.days > (date.max - self.start).days:
            raise InputError(f"simulation: {self.days} days from {self.start} pass the year 9999; take fewer days")
        _check_params("purchase", self.purchase_params, 4)
        _check_params("spend", self.spend, 3)
        if self.spend[1] <= 1.0:
            raise InputError(f"simulation: spend has q = {self.spend[1]}, and no mean; take q above 1")
        self._check_regularity()
        if not 0.0 <= self.season < 1.0:
            raise InputError(f"simulation: season is {self.season}, expected 0 to below 1; 0.5 is a strong one")
        self._check_treatment()

    def _check_treatment(self) -> None:
        asked = "treat" if self.treat is not None else "treat_part"
        if self.treat is not None and self.treat_part is not None:
            raise InputError(f"{setting('treat')} and {setting('treat_part')} both say who is treated; leave one out")
        if getattr(self, asked) is not None and self.season:
            raise InputError(f"{setting(asked)} and {setting('season')} do not go together; leave one out")
        _ = self.treatment  # checked once, too

    def _check_regularity(self) -> None:
        if self.model not in STAGED and self.regularity is not None:
            raise InputError(
                f"{setting('regularity', self.regularity)} is of {setting('model')} {' or '.join(STAGED)}; choose one"
            )
        if self.regularity is not None and not (1 <= self.regularity <= 12 and self.regularity == int(self.regularity)):
            raise InputError(f"simulation: regularity is {self.regularity}, expected a whole number from 1 to 12")
        if self.model in STAGED and self.orders is not None:
            raise InputError(
                f"simulation: orders is {self.orders}, and how many customers make so many by {self.model} is not "
                f"known; give customers"
            )

    @property
    def stages(self) -> int:
        """Stages of a gap between orders; 1 in models without."""
        if self.model not in STAGED:
            return 1
        return DEFAULT_STAGES if self.regularity is None else self.regularity

    @property
    def treatment(self) -> Treatment | None:
        """The effect that is planted on customers of a file or of a part; None for none."""
        asked = "treat" if self.treat is not None else "treat_part"
        if getattr(self, asked) is None:
            if (self.treat_arm, self.treat_from) != (None, None):
                raise InputError(
                    f"{setting('treat')} says who is treated; name a file, or {setting('treat_part')}, or leave out "
                    f"the other settings"
                )
            return None
        if self.treat_from is None:
            raise InputError(
                f"{setting(asked, getattr(self, asked))} needs a first day; name it with {setting('treat_from')}"
            )
        if self.treat_rate != 1.0 and self.model != "bgnbd":
            raise InputError(
                f"{setting('treat_rate')} needs customers who leave with an order, as those of "
                f"{setting('model', 'bgnbd')} do; take that, or {setting('treat_spend')}"
            )
        return Treatment(
            file=self.treat, part=slice_of(self.treat_part, "treat_part"), arm=self.treat_arm, start=self.treat_from,
            days=self.treat_days, purchase_rate=self.treat_rate, spend=self.treat_spend,
        )  # fmt: skip

    @property
    def purchase_params(self) -> tuple[float, ...]:
        """Parameters of the purchase process: those given, or the model's defaults."""
        return DEFAULT_PURCHASE[self.model] if self.purchase is None else self.purchase

    @property
    def operational_days(self) -> Vector | None:
        """Operational days at each midnight of the log; None without a season."""
        return population.operational_days(self.start, self.days, self.season) if self.season else None

    @property
    def effects(self) -> Effects:
        """The planted facts, or their absence."""
        return PLANTED if self.planted else NEUTRAL

    @property
    def expected_lines_per_customer(self) -> float:
        """Order lines that the models expect of a customer in this log, returns included."""
        shares = population.acquisition_shares(self.start, self.days)
        season = self.operational_days
        orders = population.orders_per_customer(self.model, self.purchase_params, shares, self.effects, season)
        return orders * population.lines_per_order(self.effects)

    @property
    def n_customers(self) -> int:
        """Customers in the log: as given, or as many as `orders` takes, at least one."""
        if self.orders is not None:
            return max(1, round(self.orders / self.expected_lines_per_customer))
        return DEFAULT_CUSTOMERS if self.customers is None else self.customers


def _check_params(name: str, params: tuple[float, ...], n: int) -> None:
    if len(params) != n or not all(math.isfinite(value) and value > 0.0 for value in params):
        raise InputError(f"simulation: {name} is {params}, expected {n} finite numbers above 0; correct it")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SimulatedLog(Displayed):
    """A log that has been written; counts are exact. `n_lines` includes returns, `n_orders` does not.

    `side_files` are the files beside the orders.
    """

    orders: Path
    truth: Path
    n_customers: int
    n_lines: int
    n_orders: int
    bytes: int
    first_day: date
    last_day: date
    side_files: tuple[Path, ...] = ()

    def facts(self) -> dict[str, object]:
        """Customers, lines and days, and where they are."""
        return {
            "customers": self.n_customers,
            "lines": self.n_lines,
            "orders": self.n_orders,
            "first day": self.first_day,
            "last day": self.last_day,
            "in": self.orders,
        }


def _refuse_occupied(out: Path) -> None:
    refuse_url(out, "out")
    refuse_impossible(out, setting("out", out))
    if out.is_dir() and any(out.iterdir()):
        raise InputError(f"{out}: the directory is not empty; choose another, or remove it")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: there is a file of that name; choose another directory")


def _model(settings: Simulation) -> Model:
    r, alpha, a, b = map(float, settings.purchase_params)
    p, q, v = map(float, settings.spend)
    return Model(
        has_lifetime=settings.model == "pnbd",
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        p=p,
        q=q,
        v=v,
        stages=settings.stages,
        may_leave_first=settings.model == "mbgcnbd",
    )


def drawn_days(settings: Simulation, treated: Treated | None = None, acquired: Acquired | None = None) -> Iterator[Day]:
    """Draw the log that the settings describe, day by day, with those who are treated; `acquired` keeps who comes."""
    shares = population.acquisition_shares(settings.start, settings.days)
    return days_of_lines(
        _model(settings),
        catalogue.market(settings.effects, settings.operational_days),
        population.first_numbers(settings.n_customers, shares),
        settings.seed,
        treated,
        acquired,
    )


def _drawn(settings: Simulation, acquired: Acquired, orders: Path) -> Drawn:
    """What the log was drawn from, for the files beside it."""
    return Drawn(
        customers=acquired.table(ids=settings.ids, start=settings.start, p=settings.spend[0]),
        orders=orders,
        first_day=settings.start,
        last_day=settings.start + timedelta(days=settings.days - 1),
        ids=settings.ids,
        seed=settings.seed,
        is_planted=settings.planted,
    )


def _treated(settings: Simulation) -> Treated | None:
    treatment = settings.treatment
    if treatment is None:
        return None
    shares = population.acquisition_shares(settings.start, settings.days)
    first_number = population.first_numbers(settings.n_customers, shares)
    return treated_customers(treatment, first_number=first_number, ids=settings.ids, start=settings.start)


def simulate(
    settings: Simulation | Given, out: str | Path, *, progress: Callable[[int], None] | None = None
) -> SimulatedLog:
    """Write a log to `out/orders/part-00000.parquet`, ..., and what it was made from to `out/truth.json`.

    Files beside the orders are `out/WORD.parquet`, by the words of `side_files`; 60 bytes a customer are kept for them.
    `out` must not exist, or be an empty directory; InputError otherwise, and where it cannot be
    written. It appears whole or not at all. `progress` is called with the lines drawn so far, after each day.

    Parameters
    ----------
    settings
        How large the log is and how its customers buy: a `Simulation`, or a dict of its names.
    out
        A directory that is not there yet, or is empty.
    progress
        Called with the number of lines drawn so far, after each day.

    Returns
    -------
    SimulatedLog
        Where it is, and how many lines and customers it has.

    Raises
    ------
    InputError
        Settings that are out of range, or an `out` that is in use or cannot be written.

    Examples
    --------
    >>> import whalecurve as wc
    >>> log = wc.simulate({"customers": 50, "seed": 7}, "small-shop")
    >>> log.n_customers
    50
    """
    settings, out = taken(Simulation, settings) or Simulation(), Path(out)
    began = time.perf_counter()
    n_lines = n_orders = n_returns = 0
    busy_days = []
    epoch = (settings.start - UNIX_EPOCH).days * DAY
    _refuse_occupied(out)
    treated = _treated(settings)
    acquired = Acquired() if settings.side_files else None
    with published(out) as staging:
        parts = staging / "orders"
        parts.mkdir()
        with OrderFiles(parts, rows_per_file=settings.rows_per_file, epoch=epoch, ids=settings.ids) as files:
            for n_days, day in enumerate(drawn_days(settings, treated, acquired)):
                files.add(day.lines)
                n_lines += len(day.lines)
                n_orders += day.n_orders
                n_returns += day.n_returns
                if len(day.lines) > 0:
                    busy_days.append(settings.start + timedelta(days=n_days))
                if progress is not None:
                    progress(n_lines)
            n_bytes = files.finish()
        beside = (
            {} if acquired is None else write_beside(settings.side_files, _drawn(settings, acquired, parts), staging)
        )
        log = SimulatedLog(
            orders=out / "orders",
            truth=out / "truth.json",
            n_customers=settings.n_customers,
            n_lines=n_lines,
            n_orders=n_orders,
            bytes=n_bytes,
            first_day=busy_days[0],
            last_day=busy_days[-1],
            side_files=tuple(out / f"{word}.parquet" for word in beside),
        )
        truth = truth_of(settings, log, n_returns, treated) | beside
        (staging / "truth.json").write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    logger.info("simulate: %d order lines in %.1f s", n_lines, time.perf_counter() - began)
    return log


def truth_of(settings: Simulation, log: SimulatedLog, n_returns: int, treated: Treated | None = None) -> dict[str, Any]:
    """Return the content of `truth.json`: what was asked for, what came out, and the parameters between."""
    treatment = settings.treatment
    planted: dict[str, Any] = {}
    if treatment is not None and treated is not None:
        planted = {"treatment": treatment.described(int(treated.is_treated.sum()))}
    if settings.season:
        planted["season"] = simulate_truth.season_described(settings.season)
    unasked = ["treat", *([] if settings.season else ["season"]), *([] if settings.side_files else ["side_files"])]
    unasked += [] if settings.model in STAGED else ["regularity"]
    asked = {name: value for name, value in asdict(settings).items() if not name.startswith(tuple(unasked))}
    return {
        "settings": asked | {"start": settings.start.isoformat()},
        "seed": settings.seed,
        "counts": {
            "customers": log.n_customers,
            "orders": log.n_orders,
            "lines": log.n_lines,
            "returned_lines": n_returns,
        },
        "first_day": log.first_day.isoformat(),
        "last_day": log.last_day.isoformat(),
        **simulate_truth.described(
            settings.model, settings.purchase_params, settings.spend, settings.effects, settings.stages
        ),
        **planted,
    }
