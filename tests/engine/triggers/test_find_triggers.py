"""Lists of days: a year of nights with planted events, nights left out, lists made again, runs that are killed."""

import json
import random
import shutil
import signal
import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, find_triggers, open_result, score
from whalecurve.engine.segments import rhythm_of
from whalecurve.engine.triggers import find_triggers as package
from whalecurve.engine.triggers import output
from whalecurve.engine.triggers.choice import Choice
from whalecurve.engine.triggers.settings import Triggering

BEGIN, END = date(2023, 1, 1), date(2024, 12, 31)
FIRST_NIGHT = date(2024, 1, 1)
ONCE, STOPPED, FAITHFUL, RISEN = 9_001, 9_002, 9_003, 9_004
ONCE_ON, STOPPED_ON, FAITHFUL_FROM, RISEN_ON = date(2024, 3, 10), date(2024, 5, 5), date(2023, 2, 14), date(2024, 8, 1)
COOLING_OFF = 30


def background(rng, n):
    """Customers who buy at a rate of their own and may leave after each purchase."""
    for customer in range(n):
        day, gap = int(rng.integers(0, 500)), 3.0 + rng.gamma(2.0, 15.0)
        while day < (END - BEGIN).days:
            yield customer, BEGIN + timedelta(days=day), round(float(rng.gamma(3.0, 10.0)), 2)
            day += max(1, int(rng.exponential(gap)))
            if rng.random() < 0.05:
                break


def every(n_days, first, last, customer, amount):
    day = first
    while day <= last:
        yield customer, day, amount
        day += timedelta(days=n_days)


@pytest.fixture(scope="module")
def log():
    rows = [
        *background(np.random.default_rng(1), 60),
        (ONCE, ONCE_ON, 20.0),
        *every(14, STOPPED_ON - timedelta(days=14 * 24), STOPPED_ON, STOPPED, 30.0),
        *every(10, FAITHFUL_FROM, END, FAITHFUL, 25.0),
        *every(7, date(2024, 2, 1), END, RISEN, 1.0),
        (RISEN, RISEN_ON, 5_000.0),
    ]
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")


def scored(log, folder, night):
    """The orders up to the day before a night, scored."""
    window = {"as_of": night - timedelta(days=1)}
    return score(log, out=folder / "scores", window=window, measures=False, overwrite=True)


def listed(log, folder, nights, **settings):
    """The lists of nights, one after the other, with a state."""
    for night in nights:
        scored(log, folder, night)
        yield find_triggers(folder / "scores", state=folder / "state", settings={"cooling_off": COOLING_OFF} | settings)


def days_from(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.fixture(scope="module")
def year(log, tmp_path_factory):
    """All lists of a year as one table with their day, and the events that were held back."""
    told, held = [], []
    for found in listed(log, tmp_path_factory.mktemp("year"), days_from(FIRST_NIGHT, END), watch=["at risk"]):
        told.append(found.customers.with_columns(on=pl.lit(found.on)))
        held.append(found.held_back.with_columns(on=pl.lit(found.on)))
    return pl.concat(told), pl.concat(held)


@pytest.mark.slow
def test_in_a_year_nobody_is_written_to_twice_within_the_cooling_off(year):
    told, _ = year
    gaps = told.select("customer_id", "on").unique().sort("customer_id", "on")
    apart = gaps.select((pl.col("on") - pl.col("on").shift(1).over("customer_id")).dt.total_days()).drop_nulls()
    assert apart.to_series().min() >= COOLING_OFF
    assert told.height == told.select("customer_id", "on").unique().height  # one trigger a list, as asked for
    assert told["customer_id"].n_unique() > 40
    assert set(told["trigger"]) >= {"second_purchase", "win_back", "anniversary", "loyalty_tier"}


@pytest.mark.slow
def test_in_a_year_every_planted_event_is_told_once(year):
    told, held = year

    def days(customer, *triggers):
        return told.filter(pl.col("customer_id") == customer, pl.col("trigger").is_in(triggers))["on"].to_list()

    (second,) = days(ONCE, "second_purchase")
    assert 3 <= (second - ONCE_ON).days <= 60
    (lost,) = days(ONCE, "win_back")
    assert lost >= second + timedelta(days=COOLING_OFF)
    (silent,) = days(STOPPED, "overdue", "spend_falling")
    assert 14 < (silent - STOPPED_ON).days < 90
    (lost,) = days(STOPPED, "win_back")
    assert lost >= silent + timedelta(days=COOLING_OFF)
    assert days(FAITHFUL, "anniversary") == [date(2024, 2, 14)]
    assert days(FAITHFUL, "overdue", "win_back", "second_purchase") == []
    (risen,) = days(RISEN, "loyalty_tier")
    risen_in = told.filter(customer_id=RISEN, trigger="loyalty_tier")["detail"].item()
    assert risen_in.endswith("→ platinum")
    assert timedelta(0) < risen - RISEN_ON <= timedelta(days=COOLING_OFF)
    waiting = held.filter(reason="cooling off").join(told, on=["customer_id", "trigger", "on"], how="semi")
    assert waiting.is_empty()


@pytest.mark.slow
def test_nights_that_are_left_out_lose_nothing(log, year, tmp_path):
    """Lists every fifth night hold the events of the nights between: silences of the planted customers, once each."""
    told = pl.concat(
        found.customers.with_columns(on=pl.lit(found.on))
        for found in listed(log, tmp_path, days_from(FIRST_NIGHT, END)[::5])
    )
    for customer, triggers in ((ONCE, {"second_purchase", "win_back"}), (FAITHFUL, {"anniversary"})):
        own = told.filter(customer_id=customer)
        assert set(own["trigger"]) >= triggers
        assert own.filter(pl.col("trigger").is_in(list(triggers))).height == len(triggers)
    assert (
        date(2024, 2, 14) <= told.filter(customer_id=FAITHFUL, trigger="anniversary")["on"].item() < date(2024, 2, 19)
    )


def test_a_silence_is_long_on_the_day_that_the_rhythm_says(log, tmp_path):
    """Without a state only the day itself counts: the day after as many days as half of those who come back take."""
    scored(log, tmp_path, ONCE_ON + timedelta(days=2))
    wait = rhythm_of(open_result(tmp_path / "scores").model["thresholds"]).days_of_all(0.5)
    due = ONCE_ON + timedelta(days=wait)
    for day, is_due in ((due - timedelta(days=1), False), (due, True), (due + timedelta(days=1), False)):
        found = find_triggers(tmp_path / "scores", settings={"on": day, "triggers": ["second_purchase"]})
        assert (ONCE in found.customers["customer_id"]) == is_due
        assert found.since is None


def test_the_list_of_a_day_is_made_once(log, tmp_path):
    night = ONCE_ON + timedelta(days=20)
    (first,) = listed(log, tmp_path, [night])
    scored(log.filter(pl.col("customer_id") != ONCE), tmp_path, night)
    again = find_triggers(tmp_path / "scores", state=tmp_path / "state", settings={"most": 5}, out=tmp_path / "list")
    assert (first.is_again, again.is_again) == (False, True)
    assert_frame_equal(again.customers, first.customers)
    assert_frame_equal(pl.read_parquet(tmp_path / "list" / "triggers.parquet"), first.customers)
    with pytest.raises(
        InputError, match="the state has the list of 2024-03-30 already; choose that day or a later one"
    ):
        find_triggers(tmp_path / "scores", state=tmp_path / "state", settings={"on": "2024-03-29"})


def test_a_list_that_is_made_again_says_the_same_of_itself(log, tmp_path):
    *_, first = listed(log, tmp_path, [ONCE_ON, ONCE_ON + timedelta(days=25)])
    asked = {"triggers": ["spend_falling"]}
    again = find_triggers(tmp_path / "scores", state=tmp_path / "state", settings=asked)
    assert again.is_again
    assert again.since == first.since == ONCE_ON
    assert sum(n["told"] for n in again.counts.values()) == again.customers.height > 0


def test_priorities_and_what_is_held_back(log, tmp_path):
    nights = days_from(date(2024, 7, 25), date(2024, 8, 6))
    lists = list(listed(log, tmp_path, nights, cooling_off=0, most=3))
    assert sum(found.customers.height for found in lists) > 3
    for found in lists:
        assert found.settings.most == 3
        order = [found.settings.looked_for.index(name) for name in found.customers["trigger"]]
        assert order == sorted(order)
        for _, rows in found.customers.group_by("customer_id"):
            assert sorted(rows["priority"]) == list(range(1, rows.height + 1))
        counts = found.counts
        assert sum(n["told"] for n in counts.values()) == found.customers.height
        assert sum(n["another_trigger"] + n["cooling_off"] for n in counts.values()) == found.held_back.height


def test_what_is_written_names_nobody_outside_the_list(log, tmp_path):
    (found,) = listed(log, tmp_path, [ONCE_ON + timedelta(days=20)])
    scores, out = tmp_path / "scores", tmp_path / "list"
    written = find_triggers(scores, state=tmp_path / "state", out=out)
    assert {path.name for path in out.iterdir()} == {
        "triggers.parquet", "triggers.csv", "held_back.parquet", "triggers.json", "model.json", "manifest.json",
        "schema.json",
    }  # fmt: skip
    record = json.loads((out / "triggers.json").read_text())
    assert record == json.loads(json.dumps(written.to_dict()))
    assert record["customers"] == found.customers["customer_id"].n_unique()
    assert "customer_id" not in json.dumps(record)
    assert pl.read_csv(out / "triggers.csv")["customer_id"].to_list() == found.customers["customer_id"].to_list()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"on": "2024-03-28"}, "on=2024-03-28: {scores} is as of 2024-03-29; choose a day from then on"),
        ({"on": "2024-05-01"}, "up to 31 days later, or score the orders up to the day before"),
        ({"triggers": ["birthday"]}, '`triggers` "birthday": no such trigger; choose one of spend_falling, overdue, '),
        ({"triggers": []}, "`triggers`: name at least one, and each once"),
        (
            {"triggers": ["overdue", "left_segment"]},
            "`triggers`: left_segment is of segments that are watched; name them with `watch`, or leave it out",
        ),
        ({"watch": ["Stars"]}, '`watch` "Stars": no such segment; choose one of Champions, '),
        ({"most": 0}, "most=0 is nothing; choose at least 1"),
        ({"cooling_off": -1}, "cooling_off=-1 is out of range; choose 0 to 3650 days"),
    ],
)
def test_what_cannot_be_listed_is_refused(log, tmp_path, settings, message):
    scored(log, tmp_path, date(2024, 3, 30))
    with pytest.raises(InputError) as told:
        find_triggers(tmp_path / "scores", settings=settings)
    assert message.format(scores=tmp_path / "scores") in str(told.value)


def test_a_directory_of_something_else_is_no_state(log, tmp_path):
    scored(log, tmp_path, date(2024, 3, 30))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="holds no state of triggers; name a new or empty directory"):
        find_triggers(tmp_path / "scores", state=tmp_path / "state")
    assert (tmp_path / "state" / "thesis.tex").read_text() == "mine"


def test_segments_are_looked_for_where_one_is_watched():
    of_segments = {"entered_segment", "left_segment"}
    assert not of_segments & set(Triggering().looked_for)
    assert of_segments < set(Triggering(watch=("At risk",)).looked_for)


def test_a_state_of_customers_with_other_ids_is_refused(log, tmp_path):
    list(listed(log, tmp_path, [ONCE_ON]))
    scored(log.with_columns(pl.col("customer_id").cast(pl.String)), tmp_path, ONCE_ON + timedelta(days=1))
    with pytest.raises(InputError, match="holds ids of Int64, and those of the result are String; name another dir"):
        find_triggers(tmp_path / "scores", state=tmp_path / "state")


def test_a_state_that_is_damaged_is_refused(log, tmp_path):
    list(listed(log, tmp_path, [ONCE_ON]))
    scored(log, tmp_path, ONCE_ON + timedelta(days=1))
    for name in ("customers.parquet", "sent.parquet", "told.parquet"):
        (tmp_path / "state" / name).write_bytes(b"PAR1")
        with pytest.raises(InputError, match=r"cannot be read .*; restore it, or name a new directory"):
            find_triggers(tmp_path / "scores", state=tmp_path / "state")


def test_a_result_of_an_older_version_is_to_be_scored_again(log, tmp_path):
    scored(log, tmp_path, ONCE_ON)
    record = json.loads((tmp_path / "scores" / "model.json").read_text())
    del record["definitions"]["scheme_rules"]
    (tmp_path / "scores" / "model.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="does not say from when on customers count as lost; score its orders again"):
        find_triggers(tmp_path / "scores")


def test_a_state_within_the_result_is_refused(log, tmp_path):
    scored(log, tmp_path, ONCE_ON)
    with pytest.raises(InputError, match="state="):
        find_triggers(tmp_path / "scores", state=tmp_path / "scores" / "state")
    assert not (tmp_path / "scores" / "state").exists()


def test_a_silence_that_was_told_stays_told_while_the_rhythm_moves():
    """A silence that is not long today, as everybody's rhythm has moved, is remembered, and what waits is not."""
    silences = pl.DataFrame(
        {
            "customer_id": [1, 2, 3],
            "last_purchase": [ONCE_ON] * 3,
            "told": pl.Series([2, 0, 1], dtype=pl.UInt8),
            "rfm_segment": ["Champions"] * 3,
            "loyalty_tier": ["gold"] * 3,
            "spend_falling": [False] * 3,
            "past": pl.Series([0, 4, 5], dtype=pl.UInt8),
        }
    )
    nobody = pl.DataFrame(schema={"customer_id": pl.Int64, "trigger": pl.String})
    waits = pl.DataFrame({"customer_id": [3], "trigger": ["win_back"]})
    remembered = package._remembered(silences, Choice(told=nobody, held_back=waits))
    assert remembered["told"].to_list() == [2, 4, 1]


def test_a_list_that_could_not_be_written_is_not_lost(log, tmp_path, monkeypatch):
    list(listed(log, tmp_path, [ONCE_ON]))
    night = ONCE_ON + timedelta(days=25)
    scored(log, tmp_path, night)
    shutil.copytree(tmp_path / "state", tmp_path / "as-it-was")

    def full(*_args, **_options):
        raise InputError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(package, "publish", full)
        with pytest.raises(InputError, match="no room"):
            find_triggers(tmp_path / "scores", state=tmp_path / "state", out=tmp_path / "list")
    again = find_triggers(tmp_path / "scores", state=tmp_path / "state", out=tmp_path / "list")
    expected = find_triggers(tmp_path / "scores", state=tmp_path / "as-it-was")
    assert package.publish is output.publish
    assert again.is_again
    assert expected.customers.height > 0
    assert_frame_equal(again.customers, expected.customers)


KILLED = """
import itertools, os, signal, sys
from whalecurve import engine

folder, scores, state, out, at = *sys.argv[1:5], int(sys.argv[5])
operations = itertools.count(1)

def count(event, args):
    if any(isinstance(arg, (str, os.PathLike)) and os.fspath(arg).startswith(folder) for arg in args):
        if next(operations) == at:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
engine.find_triggers(scores, state=state, out=out, overwrite=True)
print(next(operations) - 1)
"""


def test_a_run_that_is_killed_repeats_nothing_and_loses_nothing(log, tmp_path):
    """Whenever it is killed: the list of that night is made by the next run, and the one after has nothing of it."""
    list(listed(log, tmp_path, [ONCE_ON]))
    shutil.move(tmp_path / "state", tmp_path / "before")
    night, after = ONCE_ON + timedelta(days=25), ONCE_ON + timedelta(days=26)
    scored(log, tmp_path, after)
    shutil.move(tmp_path / "scores", tmp_path / "after")
    scored(log, tmp_path, night)

    def run(place, at):
        shutil.copytree(tmp_path / "before", place / "state")
        command = [sys.executable, "-c", KILLED, place, tmp_path / "scores", place / "state", place / "list", at]
        return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)

    whole = run(tmp_path / "whole", 0)
    expected = pl.read_parquet(tmp_path / "whole" / "list" / "triggers.parquet")
    following = find_triggers(tmp_path / "after", state=tmp_path / "whole" / "state").customers
    assert expected.height > 0
    for at in sorted(random.Random(5).sample(range(1, int(whole.stdout) + 1), 6)):
        place = tmp_path / str(at)
        assert run(place, at).returncode == -signal.SIGKILL
        again = find_triggers(tmp_path / "scores", state=place / "state", out=place / "list", overwrite=True)
        assert_frame_equal(again.customers, expected)
        assert_frame_equal(pl.read_parquet(place / "list" / "triggers.parquet"), expected)
        assert_frame_equal(find_triggers(tmp_path / "after", state=place / "state").customers, following)
        assert {path.name for path in place.iterdir()} == {"state", "list"}
