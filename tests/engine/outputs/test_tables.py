"""The tables of outputs against what commands write: logs with everything, and with no more than there must be."""

from datetime import date, timedelta

import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.outputs import commands, table_at, tables_of

CUT = date(2025, 8, 31)
TYPES = {"id": (pl.Int64, pl.String), "time": (pl.Date, pl.Datetime), "any": None}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Directories of each command's results, on a simulated shop and on a log of three columns."""
    folder = tmp_path_factory.mktemp("outputs")
    beside = ("surveys", "tickets", "contracts")
    engine.simulate(engine.Simulation(customers=1500, seed=3, side_files=beside), folder / "shop")
    shop, bare = folder / "shop" / "orders", folder / "bare.parquet"
    days = [date(2024, 1, 1) + timedelta(days=day) for day in range(120)]
    ids = ["c" + str(day % 23) for day in range(120)]
    who, amounts = [*ids[:-2], "never bought", None], [9.5] * 118 + [-9.5] * 2
    pl.DataFrame({"customer_id": who, "order_ts": days, "amount": amounts}).write_parquet(bare)
    made = {}

    def out(command, name):
        path = folder / f"{command}-{name}"
        made.setdefault(command, []).append(path)
        return path

    for name, log, window in (("shop", shop, engine.Window()), ("bare", bare, engine.Window())):
        engine.score(log, out=out("score", name), window=window, max_refused=0.1)
        engine.measure(log, out=out("measures", name), max_refused=0.1)
    first = made["score"][0]
    earlier = folder / "score-earlier"
    engine.score(shop, out=earlier, window=engine.Window(as_of=CUT))
    hive = out("score", "hive")
    engine.score(shop, out=hive, layout="hive", window=engine.Window(as_of=CUT), scoring={"recalibrate": True})
    engine.measure(shop, out=out("measures", "by"), by=["category"])
    engine.concentrate(shop, ["customer", "category"], out=out("concentration", "shop"))
    engine.compare(earlier, first, out=out("compare", "shop"))
    engine.validate(shop, holdout_days=90, origins=2, out=out("validate", "shop"), scoring={"recalibrate": True})
    engine.validate_labels(shop, out=out("validate", "labels"))
    engine.explain(shop, "Champions", ["category"], scores=first, out=out("explain", "shop"))
    baskets = {"by": "product", "category": "category"}
    engine.study_baskets(shop, baskets, scores=first, out=out("baskets", "shop"))
    habits = {"by": "category", "product": "category", "discounted": "discount > 0", "most_variation": 0.99}
    engine.find_habits(shop, habits, scores=first, out=out("habits", "shop"))
    asked = engine.Profiling(by=("category",), first_by=("campaign",), next_by=("category",))
    engine.profile(first, settings=asked, out=out("profile", "shop"))
    engine.sample(first, out=out("sample", "shop"))
    engine.find_triggers(first, state=folder / "state", out=out("triggers", "shop"))
    spend = {"campaign": ["search"] * 8, "month": [f"2025-{m:02}" for m in range(1, 9)], "spend": [500.0, 9.0] * 4}
    other = {"campaign": ["radio", "social"], "month": ["2025-02"] * 2, "spend": [1.0, 1e6]}
    costs = pl.concat([pl.DataFrame(spend), pl.DataFrame(other)])
    engine.acquisition_costs(first, costs, out=out("acquisition", "shop"))
    surveys, tickets, contracts = (folder / "shop" / f"{name}.parquet" for name in beside)
    engine.measure_experience(first, surveys=surveys, tickets=tickets, out=out("experience", "shop"))
    engine.measure_subscriptions(contracts, scores=first, out=out("subscriptions", "shop"))
    responses = folder / "responses.toml"
    responses.write_text('[[offer]]\nname = "mail"\ncost = 0.1\nresponse = 0.02\nerror = 0.01\n')
    asked_of_new = {"by": ["campaign"], "cohorts": "year", "residual": True}
    engine.value_newcomers(first, settings=asked_of_new, out=out("newcomers", "shop"))
    engine.find_clusters(first, settings={"k": (2, 3), "resamples": 2}, out=out("clusters", "shop"))
    events = events_of(shop)
    engine.measure_activity(shop, events, scores=first, out=out("activity", "shop"))
    engine.lay_out(first, responses, settings={"amount": 100.0}, out=out("budget", "shop"))
    engine.whatif(first, levers=engine.Levers(purchase_rate=0.05, tornado=True), out=out("whatif", "shop"))
    arms = {"name": "spring", "arms": "offer:0.5,control:0.5"}
    engine.assign_experiment(earlier, design=arms, out=folder / "spring")
    assigned = out("experiment-assign", "shop")
    engine.assign_experiment(earlier, design=arms | {"held_out": "5%", "strata": ["rfm"]}, out=assigned)
    engine.plan_experiment(first, planning={"replays": 12, "effect": 0.1}, out=out("experiment-plan", "shop"))
    engine.read_experiment(shop, folder / "spring", out=out("experiment-read", "shop"))
    return made


def events_of(orders):
    """Visits before each order, some with a cart, so that activity tells who buys."""
    lines = pl.read_parquet(orders / "*.parquet").select("customer_id", "order_ts", "channel")
    before = pl.concat([lines.with_columns(pl.col("order_ts").dt.offset_by(days)) for days in ("-9d", "-22d", "-35d")])
    return before.select(
        "customer_id",
        time="order_ts",
        type=pl.when(pl.col("customer_id") % 2 == 0).then(pl.lit("cart")).otherwise(pl.lit("view")),
        channel="channel",
        value=pl.lit(9.0),
    )


def files_of(results, command):
    for directory in results[command]:
        for file in sorted(directory.rglob("*.parquet")):
            yield directory, file


@pytest.mark.parametrize("command", commands())
def test_every_column_of_every_file_is_described_with_its_type(results, command):
    assert results[command]
    for directory, file in files_of(results, command):
        table = table_at(
            command, file.relative_to(directory).as_posix().replace("customers/rfm_segment=", "customers/")
        )
        assert table is not None, file
        for name, dtype in pl.read_parquet_schema(file).items():
            column = table.column(name)
            assert column is not None, (file.name, name)
            if column.type in TYPES:
                assert TYPES[column.type] is None or dtype.base_type() in TYPES[column.type], (file.name, name)
            else:
                assert str(dtype) == column.type, (file.name, name)


@pytest.mark.parametrize("command", commands())
def test_nothing_is_described_that_no_command_writes(results, command):
    written = {}
    for directory, file in files_of(results, command):
        path = file.relative_to(directory).as_posix()
        table = table_at(command, path)
        if table is not None:
            written.setdefault(table.file, []).append(set(pl.read_parquet_schema(file)))
    for table in tables_of(command):
        assert table.file in written, table.file
        for column in table.columns:
            if "*" not in column.name:
                there = [column.name in names for names in written[table.file]]
                assert any(there), (table.file, column.name)
                assert column.optional is not None or all(there), (table.file, column.name)


@pytest.mark.parametrize("command", commands())
def test_a_column_that_is_never_null_is_not(results, command):
    for directory, file in files_of(results, command):
        table = table_at(command, file.relative_to(directory).as_posix())
        if table is None:
            continue
        frame = pl.read_parquet(file, hive_partitioning=False)
        for name in frame.columns:
            if table.column(name).null is None:
                assert frame[name].null_count() == 0, (file.name, name)


def test_no_description_is_the_same_as_the_name_or_ends_in_a_full_stop():
    for command in commands():
        for table in tables_of(command):
            for column in table.columns:
                assert column.meaning, column.name
                assert not column.meaning.endswith("."), column.name
                assert column.meaning != column.name


def test_a_command_that_writes_no_tables_has_none():
    assert tables_of("warmup") == ()
    assert table_at("score", "unknown.parquet") is None
