"""What simulated customers do beside buying: visits, carts, e-mails, contacts; some of it goes with their orders."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.simulation.drawn import Drawn
from whalecurve.engine.simulation.files import customer_ids
from whalecurve.kernels.arrays import Int64, Vector

WORD = "events"

MINUTE = 60_000_000
DAY = 1440 * MINUTE

CHANNELS = {"search": 0.35, "direct": 0.25, "email": 0.16, "social": 0.14, "affiliate": 0.10}
VISITS_A_YEAR, VISITS_SHAPE = 3.0, 0.5
READERS, OPENED, CLICKED = 0.6, 0.4, 0.25
CONTACTS_A_YEAR = 0.3
MAIN_CHANNEL = 0.8
ONLINE = ("web", "app")
TIED, LOOKING_DAYS, LOOKS = 0.7, 30.0, 3.0
BROWSERS, LEFT_DAYS, BROWSED_DAYS = 0.15, 120, 6.0
TRIED, WAITED_DAYS, RECOVERED_DAYS = 0.5, 7, 30
PLAIN_CARTS = 0.1
"""Share of visits with a cart where nothing is planted."""
ANONYMOUS = 0.1
ROWS_OF_NOBODY = 12

COLUMNS = {
    "customer_id": "as in the orders; null for visitors not logged in; some rows are of customers without orders",
    "visitor_id": "the browser",
    "time": "microseconds, no time zone",
    "type": "view, cart, checkout, purchase, email_sent, email_opened, email_clicked, support",
    "channel": "of visits and contacts; e-mails have email",
    "value": "of what is put into a cart",
}

HABITS: tuple[dict[str, Any], ...] = (
    {
        "fact": "channels",
        "meaning": "visits come by the customer's own channel with this probability, else by any",
        "effects": {"share": MAIN_CHANNEL},
    },
    {
        "fact": "readers",
        "meaning": "a share of the customers opens newsletters, with this probability each; the others open none",
        "effects": {"share": READERS, "opened": OPENED},
    },
)
"""What is planted of customers' habits, whatever they buy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Orders:
    """Orders by customer, then time: who (place of the customer), at (microseconds since 1970), amount, is_online."""

    who: Int64
    at: Int64
    amount: Vector
    is_online: NDArray[np.bool_]


def write_events(drawn: Drawn, directory: Path) -> dict[str, Any]:
    """Write `events.parquet`, a row an event in order of time, and return what is true of it. Orders are in memory."""
    rng = drawn.generator(WORD)
    orders = _orders(drawn)
    visits, planted = _visits(drawn, orders, rng)
    main = _any_channel(drawn.customers.height, rng)
    channel = _any_channel(visits.height, rng)
    if drawn.is_planted:
        channel = np.where(rng.random(visits.height) < MAIN_CHANNEL, main[visits["who"].to_numpy()], channel)
    visits = visits.with_columns(channel=_named(channel))
    parts = [_viewed(visits, rng)]
    truth: dict[str, Any] = {"planted": [], "independent": ["contacts"]}
    if drawn.is_planted:
        carts, told = _carts(drawn, orders, visits.filter("may_abandon"), rng)
        parts += [_bought(orders, main), carts]
        truth["planted"] = [*planted, told, *HABITS]
    else:
        truth["independent"] += ["visits", "carts", "channels", "e-mails"]
        own = visits.filter(pl.Series(rng.random(visits.height) < PLAIN_CARTS, dtype=pl.Boolean))
        value = rng.gamma(2.0, 20.0, own.height).round(2)
        parts.append(_rows(own["who"], own["at"] + MINUTE, "cart", channel=own["channel"], value=value))
    parts += [_mails(drawn, rng), _contacts(drawn, rng)]
    rows = pl.concat(parts).filter(pl.col("at") < _micros(drawn.last_day + timedelta(1)))
    table, counts = _table(drawn, rows, rng)
    table.write_parquet(directory / f"{WORD}.parquet", compression="zstd")
    return {"file": f"{WORD}.parquet", "rows": table.height, **counts, **truth, "columns": COLUMNS}


def _micros(day: date) -> int:
    return int((datetime.combine(day, time()) - datetime(1970, 1, 1)) / timedelta(microseconds=1))


def _orders(drawn: Drawn) -> _Orders:
    who = drawn.customers.select("customer_id", who=pl.int_range(pl.len(), dtype=pl.Int64))
    orders = (
        pl.scan_parquet(drawn.orders / "*.parquet")
        .filter(pl.col("amount") > 0)
        .group_by("order_id")
        .agg(pl.col("customer_id", "order_ts", "channel").first(), pl.col("amount").sum())
        .join(who.lazy(), on="customer_id")
        .sort("who", "order_ts", "order_id")
        .collect(engine="streaming")
    )
    return _Orders(
        who=orders["who"].to_numpy(),
        at=orders["order_ts"].dt.epoch("us").to_numpy(),
        amount=orders["amount"].cast(pl.Float64).round(2).to_numpy(),
        is_online=orders["channel"].is_in(ONLINE).to_numpy(),
    )


def _spread(drawn: Drawn, a_year: Vector, rng: np.random.Generator) -> pl.DataFrame:
    """Who and at of what happens at random between a customer's first day and the end of the log, so often a year."""
    begin = drawn.customers["first_day"].cast(pl.Datetime("us")).dt.epoch("us").to_numpy()
    length = _micros(drawn.last_day + timedelta(1)) - begin
    n = rng.poisson(a_year * length / (365.25 * DAY))
    who = np.repeat(np.arange(n.size), n)
    at = begin[who] + (rng.random(who.size) * length[who]).astype(np.int64)
    return pl.DataFrame({"who": who, "at": at})


def _visits(drawn: Drawn, orders: _Orders, rng: np.random.Generator) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Who and at of every visit without a purchase, and what is planted among them.

    Where facts are planted, also may_abandon: whether something may be put into a cart.
    """
    n = drawn.customers.height
    if not drawn.is_planted:
        return _spread(drawn, np.full(n, VISITS_A_YEAR), rng), []
    visits = _spread(drawn, rng.gamma(VISITS_SHAPE, VISITS_A_YEAR / VISITS_SHAPE, n), rng)
    looked = _looks(orders, rng.random(n) < TIED, rng)
    browsers, browsed = _browsing(drawn, orders, rng)
    every = pl.concat([visits, looked, browsed])
    is_browser = pl.Series(np.isin(every["who"].to_numpy(), browsers))
    planted: list[dict[str, Any]] = [
        {
            "fact": "visits before orders",
            "meaning": "a share of the customers visits before each order but the first, 1 + Poisson(looks - 1) times "
            "in the days before it",
            "effects": {"share": TIED, "days": LOOKING_DAYS, "looks": LOOKS},
        },
        {
            "fact": "browse only",
            "meaning": "a share of those whose last order is some days before the end visits on, once in so many days, "
            "and neither buys nor ever leaves a cart",
            "effects": {"share": BROWSERS, "days": LEFT_DAYS, "visits_every_days": BROWSED_DAYS},
            "customers": browsers.size,
        },
    ]
    return every.with_columns(may_abandon=~is_browser), planted


def _looks(orders: _Orders, tied: NDArray[np.bool_], rng: np.random.Generator) -> pl.DataFrame:
    """Visits before orders, none of them before the order that came before."""
    is_repeat = np.zeros(orders.who.size, dtype=np.bool_)
    is_repeat[1:] = orders.who[1:] == orders.who[:-1]
    places = np.flatnonzero(is_repeat & tied[orders.who])
    gaps = orders.at[places] - orders.at[places - 1]
    places, gaps = places[gaps > DAY], gaps[gaps > DAY]
    n = 1 + rng.poisson(LOOKS - 1.0, places.size)
    of, room = np.repeat(places, n), np.repeat(np.minimum(gaps - DAY // 2, int(LOOKING_DAYS * DAY)), n)
    at = orders.at[of] - (rng.random(of.size) * room).astype(np.int64)
    return pl.DataFrame({"who": orders.who[of], "at": at})


def _browsing(drawn: Drawn, orders: _Orders, rng: np.random.Generator) -> tuple[Int64, pl.DataFrame]:
    """Those who only browse since their last order, and their visits."""
    end = _micros(drawn.last_day + timedelta(1))
    last = np.full(drawn.customers.height, end)
    last[orders.who] = orders.at
    chosen = np.flatnonzero((last < end - LEFT_DAYS * DAY) & (rng.random(last.size) < BROWSERS))
    length = end - last[chosen] - DAY
    n = rng.poisson(length / (BROWSED_DAYS * DAY))
    at = np.repeat(last[chosen] + DAY, n) + (rng.random(int(n.sum())) * np.repeat(length, n)).astype(np.int64)
    return chosen, pl.DataFrame({"who": np.repeat(chosen, n), "at": at})


def _carts(
    drawn: Drawn, orders: _Orders, visits: pl.DataFrame, rng: np.random.Generator
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Carts that are put together on visits and left: no order follows within the days, and no other cart is near."""
    tried = visits.filter(pl.Series(rng.random(visits.height) < TRIED, dtype=pl.Boolean))
    tried = tried.with_columns(day=pl.col("at") // DAY, sort=pl.Series(rng.random(tried.height)))
    days = pl.DataFrame({"who": orders.who, "bought": orders.at // DAY}).unique().sort("bought")
    waited = (
        tried.sort("day")
        .join_asof(
            days,
            left_on="day",
            right_on="bought",
            by="who",
            strategy="forward",
            coalesce=False,
            check_sortedness=False,
        )
        .with_columns(waited=pl.col("bought") - pl.col("day"))
        .filter(pl.col("waited").is_null() | (pl.col("waited") > WAITED_DAYS))
        .filter(pl.col("day") <= _micros(drawn.last_day) // DAY - WAITED_DAYS)
        .sort("who", "day", "sort")
    )
    is_near = (pl.col("who") == pl.col("who").shift(1)) & (pl.col("day") - pl.col("day").shift(1) <= WAITED_DAYS)
    left = waited.filter(~is_near.fill_null(value=False))
    value = rng.gamma(2.0, 20.0, left.height).round(2)
    at = pl.min_horizontal(pl.col("at") + 2 * MINUTE, (pl.col("day") + 1) * DAY - MINUTE)
    rows = _rows(left["who"], left.select(at)["at"], "cart", channel=left["channel"], value=value)
    recovered = int((left["waited"] <= WAITED_DAYS + RECOVERED_DAYS).sum())
    online = pl.DataFrame({"who": orders.who, "day": orders.at // DAY}).filter(pl.Series(orders.is_online)).n_unique()
    told = {
        "fact": "carts",
        "meaning": "a cart is filled before each order by web or app, and on some visits, where no order follows "
        "within the days; it is recovered where one follows in the days after these",
        "effects": {"days": WAITED_DAYS, "recovered_days": RECOVERED_DAYS, "share_of_visits": TRIED},
        "bought": online,
        "abandoned": left.height,
        "recovered": recovered,
        "abandoned_value": round(float(value.sum()), 2),
    }
    return rows, told


def _bought(orders: _Orders, main: Int64) -> pl.DataFrame:
    """The session of each order by web or app: a look, the cart, the checkout, the purchase, all on its day."""
    chosen = np.flatnonzero(orders.is_online)
    who, at, nothing = orders.who[chosen], orders.at[chosen], np.full(chosen.size, np.nan)
    filled, midnight, channel = orders.amount[chosen], at // DAY * DAY, _named(main[who])
    steps = (("view", 10, nothing), ("cart", 6, filled), ("checkout", 3, nothing), ("purchase", 0, nothing))
    return pl.concat(
        _rows(who, np.maximum(at - minutes * MINUTE, midnight), kind, channel=channel, value=value)
        for kind, minutes, value in steps
    )


def _any_channel(n: int, rng: np.random.Generator) -> Int64:
    return rng.choice(len(CHANNELS), n, p=np.array(list(CHANNELS.values())))


def _named(channel: Int64) -> pl.Series:
    return pl.Series(list(CHANNELS)).gather(channel)


def _viewed(visits: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The pages of visits, some minutes apart."""
    n_pages = rng.integers(1, 5, visits.height)
    page = np.arange(int(n_pages.sum())) - np.repeat(np.cumsum(n_pages) - n_pages, n_pages)
    who, at = visits["who"].to_numpy(), visits["at"].to_numpy()
    channel = visits["channel"].gather(np.repeat(np.arange(visits.height), n_pages))
    return _rows(np.repeat(who, n_pages), np.repeat(at, n_pages) + page * 3 * MINUTE, "view", channel=channel)


def _mails(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    """A newsletter on the first of each month, to all customers by then; some of them read it now and then."""
    begin = drawn.customers["first_day"].cast(pl.Datetime("us")).dt.epoch("us").to_numpy()
    reads = rng.random(begin.size) < (READERS if drawn.is_planted else 1.0)
    firsts = pl.date_range(drawn.first_day, drawn.last_day, "1d", eager=True)
    parts = [_rows(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), "email_sent")]
    for day in firsts.filter(firsts.dt.day() == 1):
        sent = _micros(day) + 9 * 60 * MINUTE
        who = np.flatnonzero(begin < _micros(day))
        opened = reads[who] & (rng.random(who.size) < OPENED)
        clicked = opened & (rng.random(who.size) < CLICKED)
        when = sent + rng.integers(1, 2880, who.size) * MINUTE
        parts += [
            _rows(who, np.full(who.size, sent), "email_sent", channel="email"),
            _rows(who[opened], when[opened], "email_opened", channel="email"),
            _rows(who[clicked], when[clicked] + MINUTE, "email_clicked", channel="email"),
        ]
    return pl.concat(parts)


def _contacts(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    found = _spread(drawn, np.full(drawn.customers.height, CONTACTS_A_YEAR), rng)
    return _rows(found["who"], found["at"], "support", channel="phone")


def _rows(
    who: pl.Series | Int64,
    at: pl.Series | Int64,
    kind: str,
    *,
    channel: str | pl.Series | None = None,
    value: Vector | None = None,
) -> pl.DataFrame:
    """Events of one kind; NaN is no value."""
    table = pl.DataFrame({"who": who, "at": at}, schema={"who": pl.Int64, "at": pl.Int64})
    names = channel if isinstance(channel, pl.Series) else pl.lit(channel, dtype=pl.String)
    values = pl.lit(None, dtype=pl.Float64) if value is None else pl.Series(value, nan_to_null=True)
    return table.with_columns(channel=names, value=values, type=pl.lit(kind))


def _table(drawn: Drawn, rows: pl.DataFrame, rng: np.random.Generator) -> tuple[pl.DataFrame, dict[str, int]]:
    """The events as they are written, with those of visitors who were not logged in and of nobody."""
    n = drawn.customers.height
    ids = drawn.customers["customer_id"]
    known = rows.with_columns(
        customer_id=ids.gather(rows["who"]), visitor_id=pl.lit("d") + pl.col("who").cast(pl.String)
    )
    views = known.filter(pl.col("type") == "view")
    anonymous = views.sample(n=round(ANONYMOUS * views.height), seed=int(rng.integers(2**31)))
    visitors = rng.integers(0, max(anonymous.height // 2, 1), anonymous.height)
    anonymous = anonymous.with_columns(
        customer_id=pl.lit(None, dtype=ids.dtype), visitor_id="v" + pl.Series(visitors).cast(pl.String)
    )
    nobody = views.head(ROWS_OF_NOBODY)
    nobody = nobody.with_columns(customer_id=pl.Series(customer_ids(np.arange(n, n + nobody.height), drawn.ids)))
    columns = ["customer_id", "visitor_id", "time", "type", "channel", "value"]
    table = (
        pl.concat([known, anonymous, nobody])
        .sort("at", "visitor_id", "type", "value", "channel")
        .with_columns(time=pl.col("at").cast(pl.Datetime("us")))
        .select(columns)
    )
    return table, {"rows_without_customer": anonymous.height, "rows_of_nobody": nobody.height}
