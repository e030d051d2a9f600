"""A file of events, opened: its roles, what became of its rows, and what types of events there are."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.activity.kinds import KINDS, kinds_of
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import day_bounds
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.side_inputs import REFUSED, SideInput, SideRole, Tally, open_side_input, tally

ROLES = (
    SideRole(
        name=CUSTOMER,
        setting="event_customer",
        kind="customer",
        usual=("customer_id", "customer", "user_id", "client_id", "profile_id", "external_id", "email"),
    ),
    SideRole(
        name="time",
        setting="event_time",
        kind="time",
        usual=("time", "event_time", "timestamp", "event_timestamp", "datetime", "occurred_at", "created_at", "date"),
    ),
    SideRole(
        name="type", setting="event_type", kind="text", usual=("type", "event", "event_type", "event_name", "action")
    ),
    SideRole(
        name="channel",
        setting="event_channel",
        kind="text",
        usual=("channel", "medium", "source", "utm_medium"),
        is_required=False,
    ),
    SideRole(name="value", setting="event_value", kind="money", usual=("value", "amount", "price"), is_required=False),
    SideRole(
        name="visitor",
        setting="event_visitor",
        kind="text",
        usual=("visitor", "visitor_id", "anonymous_id", "user_pseudo_id", "cookie_id", "device_id"),
        is_required=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Events of customers of a result.

    rows : customer_id, time, type, channel, value (null where there are none), and why a row is not used
    kinds : type and kind, the position in `KINDS`, of each type that occurs
    counts : rows by type, most first
    n_visitors : distinct visitors of the rows without a customer; None where visitors are not told
    """

    source: SideInput
    rows: pl.LazyFrame
    tally: Tally
    kinds: pl.DataFrame
    counts: dict[str, int]
    n_visitors: int | None

    @property
    def by_kind(self) -> dict[str, int]:
        """Rows of each kind that occurs, in the order of the kinds."""
        kind_of = dict(self.kinds.iter_rows())
        sums = dict.fromkeys(range(len(KINDS)), 0)
        for name, n in self.counts.items():
            sums[kind_of[name]] += n
        return {KINDS[kind]: n for kind, n in sums.items() if n}

    @property
    def of_no_kind(self) -> dict[str, int]:
        """Rows of each type that is none that is known, most first."""
        kind_of = dict(self.kinds.iter_rows())
        return {name: n for name, n in self.counts.items() if kind_of[name] == KINDS.index("other") and name != "other"}


def open_events(paths: Paths, settings: ActivitySettings, timezone: str | None) -> SideInput:
    """Open a file of events. No row is read, but a sample of text."""
    given = {role.name: getattr(settings, role.setting) for role in ROLES}
    return open_side_input(paths, ROLES, given, timezone, of="events", preset=settings.events_preset)


def events_of(
    source: SideInput,
    customers: pl.DataFrame,
    window: ObservedWindow,
    settings: ActivitySettings,
    *,
    normalise_ids: tuple[str, ...] = (),
) -> Events:
    """Count the rows by what becomes of them, and by type.

    Parameters
    ----------
    customers
        The customers of the result, in `customer_id`.
    normalise_ids
        What was done to the ids of the orders.
    """
    dtype = customers.schema[CUSTOMER]
    rows = source.rows(dtype, timezone=window.timezone, normalise_ids=normalise_ids)
    rows = rows.with_columns(_unobserved(window).alias(REFUSED))
    missing = {"channel": pl.String(), "value": pl.Int64()}
    rows = rows.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in missing.items() if name not in source.roles
    )
    counted = tally(source, rows, customers.lazy().select(CUSTOMER))
    with source.read():
        types = (
            rows.filter(pl.col(REFUSED).is_null())
            .group_by("type")
            .agg(n=pl.len().cast(pl.Int64))
            .collect(engine="streaming")
            .sort(pl.col("n"), "type", descending=[True, False])
        )
        n_visitors = None
        if "visitor" in source.roles:
            anonymous = rows.filter(pl.col(CUSTOMER).is_null() & pl.col("visitor").is_not_null())
            n_visitors = int(anonymous.select(pl.col("visitor").n_unique()).collect(engine="streaming").item())
    names = types["type"].to_list()
    kind_of = kinds_of(names, settings.event_kinds)
    kinds = pl.DataFrame(
        {"type": names, "kind": [KINDS.index(kind_of[name]) for name in names]},
        schema={"type": pl.String, "kind": pl.UInt8},
    )
    counts = dict(types.iter_rows())
    return Events(source=source, rows=rows, tally=counted, kinds=kinds, counts=counts, n_visitors=n_visitors)


def event_day() -> pl.Expr:
    """The calendar day of an event, in days since 1970 (Int32)."""
    return pl.col("time").dt.date().cast(pl.Int32)


def _unobserved(window: ObservedWindow) -> pl.Expr:
    """Why a row is not used, the days that are observed taken into account."""
    first, last = day_bounds(window)
    is_early = pl.lit(value=False) if first is None else event_day() < first
    return (
        pl.when(pl.col(REFUSED).is_not_null())
        .then(pl.col(REFUSED))
        .when(event_day() > last)
        .then(pl.lit("after the last day observed"))
        .when(is_early)
        .then(pl.lit("before the first day observed"))
    )
