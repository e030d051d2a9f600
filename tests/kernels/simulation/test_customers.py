import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.functions.splitmix import mix64
from whalecurve.kernels.simulation.customers import acquire, due_orders, time_sequence
from whalecurve.kernels.simulation.draws import (
    STEP,
    beta_variate,
    exponential,
    log_gamma_variate,
    normal,
    pick,
    stream_start,
    uniform,
)
from whalecurve.kernels.simulation.lines import LONGEST_RETURN, SHORTEST_RETURN, due_returns, write_lines
from whalecurve.kernels.simulation.market import CUSTOMER, DAY, LINE, Market, Model, clock, later

SEED = np.uint64(2026)
N_DRAWS = 50_000
EVEN_CLOCK = np.linspace(0.0, 1.0, 9)
BGNBD = Model(False, 0.9, 5.0, 0.8, 4.0, 4.0, 3.5, 35.0)
PNBD = Model(True, 0.9, 5.0, 0.8, 40.0, 4.0, 3.5, 35.0)
MARKET = Market(
    city=np.array([0.5, 1.0]),
    campaign=np.array([0.25, 1.0]),
    channel=np.array([0.1, 0.4, 1.0]),
    product=np.array([0.2, 0.7, 1.0]),
    basket=np.array([0.6, 0.9, 1.0]),
    discount=np.array([[0.8, 1.0, 1.0], [0.1, 0.2, 1.0]]),
    discount_share=np.array([0.0, 0.1, 0.5]),
    city_dropout=np.ones(2),
    campaign_rate=np.ones(2),
    product_rate=np.ones(3),
    product_cost=np.array([0.4, 0.5, 0.6]),
    product_return=np.array([0.1, 0.2, 0.3]),
    habit_share=0.3,
    habit_return=np.array([1.0, 2.0]),
    cost_spread=0.05,
    handling_cost=6.0,
    return_wait=9.0,
    time_of_day=np.sqrt(np.linspace(0.0, 1.0, 9)),
    season=np.empty(0),
)


def stream_from(state):
    return np.array([state], dtype=np.uint64)


@scalar
def many(draw, stream, n):
    out = np.empty(n)
    for i in range(n):
        out[i] = draw(stream)
    return out


@scalar
def many_log_gammas(stream, shape, n):
    out = np.empty(n)
    for i in range(n):
        out[i] = log_gamma_variate(stream, shape)
    return out


@scalar
def many_betas(stream, a, b, n):
    out = np.empty(n)
    for i in range(n):
        out[i] = beta_variate(stream, a, b)
    return out


def test_the_generator_is_splitmix64_as_published():
    # First outputs for the state 1234567, printed with several public implementations.
    state, outputs = np.uint64(1234567), []
    for _ in range(5):
        with np.errstate(over="ignore"):
            state = state + STEP
        outputs.append(int(mix64(state)))
    assert outputs == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_streams_of_customers_purposes_and_seeds_start_apart():
    starts = {
        int(stream_start(np.uint64(seed), customer, purpose))
        for seed in (0, 1, 2**64 - 1)
        for customer in range(100)
        for purpose in range(50)
    }
    assert len(starts) == 3 * 100 * 50


@pytest.mark.parametrize(
    ("draw", "law"), [(uniform, stats.uniform()), (exponential, stats.expon()), (normal, stats.norm())]
)
def test_plain_draws_follow_their_law(draw, law):
    assert stats.kstest(many(draw, stream_from(1), N_DRAWS), law.cdf).pvalue > 0.001


@pytest.mark.parametrize("shape", [0.1, 0.25, 1.0, 4.0, 90.0])
def test_gamma_draws_follow_their_law(shape):
    draws = np.exp(many_log_gammas(stream_from(2), shape, N_DRAWS))
    assert stats.kstest(draws, stats.gamma(shape).cdf).pvalue > 0.001


@pytest.mark.parametrize(("a", "b"), [(0.8, 9.0), (1.0, 1.0), (0.3, 0.2), (20.0, 5.0)])
def test_beta_draws_follow_their_law(a, b):
    assert stats.kstest(many_betas(stream_from(3), a, b, N_DRAWS), stats.beta(a, b).cdf).pvalue > 0.001


def test_tiny_shapes_give_no_nan():
    assert np.isfinite(many_log_gammas(stream_from(4), 1e-5, 1000)).all()
    betas = many_betas(stream_from(4), 1e-5, 1e-5, 1000)
    assert ((betas >= 0.0) & (betas <= 1.0)).all()
    assert betas.mean() == pytest.approx(0.5, abs=0.07)  # all but a coin; four standard errors


def test_successive_streams_are_uncorrelated():
    first = np.array([uniform(stream_from(stream_start(SEED, customer, 0))) for customer in range(5000)])
    assert stats.kstest(first, stats.uniform().cdf).pvalue > 0.001
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 4 / np.sqrt(5000)


def test_picks_have_the_given_frequencies():
    cumulative = np.array([0.1, 0.1, 0.6, 1.0])
    stream = stream_from(5)
    counts = np.bincount([pick(stream, cumulative) for _ in range(20_000)], minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[[0, 2, 3]], 20_000 * np.array([0.1, 0.5, 0.4])).pvalue > 0.001


@given(st.lists(st.floats(0.0, 4000.0), min_size=2, max_size=20))
@settings(max_examples=100, deadline=None)
def test_the_clock_keeps_days_and_their_order(times):
    ticks = [clock(t, MARKET.time_of_day) for t in sorted(times)]
    assert ticks == sorted(ticks)
    assert [tick // DAY for tick in ticks] == [int(t) for t in sorted(times)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=60), st.sampled_from([1, DAY // 31]))
@settings(max_examples=200, deadline=None)
def test_the_sequence_is_a_stable_sort_by_time_and_number(events, unit):
    time = np.array([event[0] * unit + 3 * DAY for event in events], dtype=np.int64)
    number = np.array([event[1] for event in events], dtype=np.int64)
    assert time_sequence(time, number, 3 * DAY).tolist() == np.lexsort((number, time)).tolist()


@given(st.lists(st.integers(0, 100), max_size=40), st.integers(0, 101))
@settings(max_examples=100, deadline=None)
def test_returns_due_leave_the_queue_and_others_stay(times, until):
    pending = np.zeros(len(times), LINE)
    pending["time"] = times
    due = np.zeros(len(times), LINE)
    n_pending, n_due = due_returns(pending, len(times), until, due)
    assert sorted(due["time"][:n_due]) == sorted(t for t in times if t < until)
    assert sorted(pending["time"][:n_pending]) == sorted(t for t in times if t >= until)


def acquired(n, model=BGNBD, market=MARKET, day=0):
    customers, next_order = np.zeros(n, CUSTOMER), np.zeros(n)
    assert acquire(SEED, (0, n), day, model, market, customers, next_order, 0) == n
    return customers, next_order


def all_orders(customers, next_order, *, end, room=1000, season=MARKET.season):
    """Every order up to `end` days; the list grows by `room` whenever it is full."""
    place, orders = (0, len(customers), 0), np.zeros(room, CUSTOMER)
    customers, next_order = customers.copy(), next_order.copy()
    while place[0] < place[1]:
        if place[2] == len(orders):
            orders = np.concatenate([orders, np.zeros(room, CUSTOMER)])
        place = due_orders(SEED, (end, end), EVEN_CLOCK, season, customers, next_order, place, orders)
    return np.sort(orders[: place[2]], order=["number", "n_orders"])


def test_customers_are_drawn_from_the_models():
    customers, next_order = acquired(20_000, day=5)
    assert stats.kstest(next_order - 5.0, stats.uniform().cdf).pvalue > 0.001
    assert stats.kstest(customers["rate"], stats.gamma(0.9, scale=1 / 5.0).cdf).pvalue > 0.001
    assert stats.kstest(customers["dropout"], stats.beta(0.8, 4.0).cdf).pvalue > 0.001
    assert stats.kstest(customers["spend_rate"], stats.gamma(3.5, scale=1 / 35.0).cdf).pvalue > 0.001
    assert np.isinf(customers["death"]).all()


def test_lifetimes_of_pareto_nbd_follow_the_pareto_law():
    customers, next_order = acquired(20_000, PNBD)
    assert stats.kstest(customers["death"] - next_order, stats.lomax(0.8, scale=40.0).cdf).pvalue > 0.001
    assert (customers["dropout"] == 0.0).all()


def test_a_full_list_of_orders_is_continued_without_loss():
    customers, next_order = acquired(300)
    whole = all_orders(customers, next_order, end=200, room=100_000)
    assert (all_orders(customers, next_order, end=200, room=7) == whole).all()


def test_orders_do_not_depend_on_where_customers_are_stored():
    customers, next_order = acquired(300)
    shuffle = np.random.default_rng(1).permutation(300)
    expected = all_orders(customers, next_order, end=200)
    assert (all_orders(customers[shuffle], next_order[shuffle], end=200) == expected).all()


def test_orders_do_not_depend_on_the_length_of_a_slice():
    customers, next_order = acquired(300)
    expected = all_orders(customers, next_order, end=50)
    n_active, slices = 300, []
    for day in range(50):
        orders = np.zeros(10_000, CUSTOMER)
        place = (0, n_active, 0)
        _, n_active, n = due_orders(
            SEED, (day + 1, 50), EVEN_CLOCK, MARKET.season, customers, next_order, place, orders
        )
        assert (orders["time"][:n] // DAY == day).all()
        slices.append(orders[:n])
    assert (np.sort(np.concatenate(slices), order=["number", "n_orders"]) == expected).all()


def test_a_season_is_gone_through_at_its_pace():
    season = np.array([0.0, 0.5, 3.5, 4.0])
    assert later(0.5, 0.25, season) == 1.0
    assert later(0.5, 0.0, season) == 0.5
    assert later(1.0, 1.5, season) == pytest.approx(1.5, rel=1e-15)
    assert later(0.0, 3.75, season) == pytest.approx(2.5, rel=1e-15)
    assert later(0.0, 4.0, season) == np.inf
    assert later(7.25, 1.5, np.empty(0)) == 8.75


def test_waits_are_exponential_in_the_clock_of_a_season():
    season = np.append(0.0, np.cumsum(1.0 + 0.8 * np.cos(np.arange(200) / 9.0)))
    customers, next_order = acquired(300)
    customers["rate"], customers["dropout"] = 0.3, 0.0
    orders = all_orders(customers, next_order, end=200, season=season)
    times = np.interp(orders["time"] / DAY, np.arange(201), season)
    waits = np.diff(times)[orders["number"][1:] == orders["number"][:-1]]
    is_early = times[:-1][orders["number"][1:] == orders["number"][:-1]] < season[-1] - 60.0  # no later one is cut off
    assert stats.kstest(waits[is_early], stats.expon(scale=1.0 / 0.3).cdf).pvalue > 0.001


def test_waits_are_exponential_with_the_customers_rate():
    customers, next_order = acquired(200)
    customers["rate"], customers["dropout"] = 3.0, 0.0
    orders = all_orders(customers, next_order, end=100)
    waits = np.diff(orders["time"])[np.diff(orders["number"]) == 0] / DAY
    assert len(waits) > 50_000
    assert stats.kstest(waits, stats.expon(scale=1 / 3.0).cdf).pvalue > 0.001


def test_nobody_leaves_before_a_repeat_order_and_certain_leavers_leave_after_it():
    customers, next_order = acquired(200)
    customers["rate"], customers["dropout"] = 5.0, 1.0
    orders = all_orders(customers, next_order, end=100)
    assert (np.bincount(orders["number"]) == 2).all()


def test_nobody_orders_after_death():
    customers, next_order = acquired(500, PNBD)
    orders = all_orders(customers, next_order, end=300)
    assert (orders["time"] <= orders["death"] * DAY).all()
    alive_long = orders[(orders["death"] > 300) & (orders["rate"] > 0.2)]
    assert alive_long["time"].max() > 290 * DAY


def written(orders, market=MARKET, shape=4.0):
    n = len(orders)
    lines, pending = np.zeros(3 * n, LINE), np.zeros(3 * n, LINE)
    sequence = time_sequence(orders["time"].copy(), orders["number"].copy(), 0)
    n_lines, n_pending = write_lines(SEED, sequence, orders, np.zeros(0, LINE), 11, market, shape, lines, pending, 0)
    return lines[:n_lines], pending[:n_pending]


def first_day_orders(n, **changes):
    customers, next_order = acquired(n)
    for name, value in changes.items():
        customers[name] = value
    customers["rate"] = 1e-9
    return all_orders(customers, next_order, end=1)


def test_orders_are_numbered_in_time_order_with_one_to_three_lines():
    lines, _ = written(first_day_orders(5000))
    assert (np.diff(lines["time"]) >= 0).all()
    ids, n_lines = np.unique(lines["order"], return_counts=True)
    assert ids.tolist() == list(range(11, 5011))
    assert (np.diff(lines["order"]) >= 0).all()
    assert stats.chisquare(np.bincount(n_lines)[1:], 5000 * np.array([0.6, 0.3, 0.1])).pvalue > 0.001


def test_amounts_of_orders_follow_the_customers_gamma():
    lines, _ = written(first_day_orders(20_000, spend_rate=0.1))
    amounts = np.bincount(lines["order"] - 11, lines["amount"])
    assert stats.kstest(amounts, stats.gamma(4.0, scale=10.0).cdf).pvalue > 0.001


def test_every_line_is_worth_a_cent_at_least_in_whole_cents():
    lines, _ = written(first_day_orders(2000, spend_rate=1e9))
    assert (lines["amount"] == 0.01).all()
    lines, _ = written(first_day_orders(2000))
    assert (lines["amount"] == np.round(lines["amount"], 2)).all()
    assert (lines["margin"] == np.round(lines["margin"], 2)).all()


def test_margin_is_amount_less_cost_of_the_undiscounted_price():
    lines, _ = written(first_day_orders(3000, cost=0.125))
    share = MARKET.discount_share[lines["discount"]]
    cost = (MARKET.product_cost[lines["product"]] + 0.125) * lines["amount"] / (1.0 - share)
    assert np.abs(lines["amount"] - cost - lines["margin"]).max() < 0.0051  # half a cent: margins are rounded
    assert (lines["margin"] < 0.0).any()


def test_returns_take_back_their_line_later_and_cost_handling():
    lines, pending = written(first_day_orders(5000, habit=0))
    sold = {(int(line["order"]), int(line["product"]), float(line["amount"])): line for line in lines}
    for back in pending:
        line = sold[int(back["order"]), int(back["product"]), -float(back["amount"])]
        assert back["margin"] == round(-line["margin"] - 6.0, 2)
        assert SHORTEST_RETURN <= back["time"] // DAY - line["time"] // DAY <= LONGEST_RETURN
    returned = np.bincount(pending["product"]) / np.bincount(lines["product"])
    assert returned == pytest.approx([0.1, 0.2, 0.3], abs=0.03)  # over three standard errors


def test_the_campaign_stands_on_first_orders_only():
    customers, next_order = acquired(500)
    customers["rate"], customers["dropout"], customers["campaign"] = 5.0, 0.0, 1
    orders = all_orders(customers, next_order, end=1)
    lines, _ = written(orders)
    first = np.sort(orders["time"][orders["n_orders"] == 0])
    assert (np.isin(lines["time"], first) == (lines["campaign"] == 1)).all()
    assert (lines["campaign"][~np.isin(lines["time"], first)] == -1).all()


def test_planted_factors_act_on_those_they_concern():
    plain, _ = acquired(2000)
    toxic = MARKET._replace(
        product_rate=np.array([0.1, 1.0, 1.0]), city_dropout=np.array([1.0, 0.5]), campaign_rate=np.array([3.0, 1.0])
    )
    touched, next_order = acquired(2000, market=toxic)
    touched_orders = touched.copy()
    touched_orders["rate"] = 1e-9
    lines, _ = written(all_orders(touched_orders, next_order, end=1))
    unlucky = np.isin(np.arange(2000), lines["number"][lines["product"] == 0])
    factor = np.where(unlucky, 0.1, 1.0) * np.where(plain["campaign"] == 0, 3.0, 1.0)
    assert touched["rate"] == pytest.approx(plain["rate"] * factor, rel=1e-12)
    assert touched["dropout"] == pytest.approx(plain["dropout"] * np.where(plain["city"] == 1, 0.5, 1.0), rel=1e-12)
    assert 0.1 < unlucky.mean() < 0.5
