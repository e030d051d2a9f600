import os
import re
import shlex
import subprocess
import sys
from datetime import date, datetime

import polars as pl
import pytest

from tests.support.commands import COMMANDS, misuse, printed, run
from tests.support.databases import duckdb_file
from tests.support.logs import log, write
from whalecurve import engine
from whalecurve.cli.options.orders import OrderLog


def help_of(command):
    """The help of a command, as one line without boxes."""
    shown = run(*command.split(), "--help")
    assert shown.exit_code == 0
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", shown.stdout).split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_is_described(name):
    command = COMMANDS[name]
    assert command.help
    assert [p.name for p in command.params if not p.help] == []
    shown = help_of(name)
    assert "Example: whalecurve " in shown
    assert "[bold]" not in shown


SHOWN_DEFAULTS = [
    *("customer_id", "order_ts", "amount", "margin, where files have it", "order_id, where files have it"),
    *("cost, where files have it and no margin", "a negative amount does", "the zone of the column", "all cores"),
    *("the last day in the data", "the first day in the data", "margin where there is one, else revenue"),
    *("0.05 of the rows that name a customer", "60% of available memory", "365d", "auto", "0.1", "standard", "flat"),
]


@pytest.mark.parametrize("default", SHOWN_DEFAULTS)
def test_help_shows_what_holds_where_an_option_is_not_given(default):
    assert re.search(rf"\[default: \(?{re.escape(default)}\)?\]", help_of("score"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_shows_a_default_or_is_required_or_a_flag(name):
    silent = [
        p.name
        for p in COMMANDS[name].params
        if p.param_type_name == "option"
        and not (p.required or p.default is not None or isinstance(p.show_default, str))
        and p.name not in ("config", "help", "out")  # without them, nothing
    ]
    assert silent == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_every_command_is_one_that_parses(name):
    (example,) = re.findall(r"\[bold\]whalecurve (.*?)\[/bold\]", COMMANDS[name].help)
    words = shlex.split(example)
    n_own = len(name.split())
    assert words[:n_own] == name.split()
    COMMANDS[name].make_context(name, words[n_own:])


def test_the_examples_of_check_and_score_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = log(price=pl.lit(2.5), quantity=pl.lit(2), customer_id=[1, 2, 3, 4, 5, 6]).drop("amount")
    write(tmp_path / "orders.parquet", lines)
    write(tmp_path / "orders" / "a.parquet", lines)
    for name in ("check", "score"):
        (example,) = re.findall(r"\[bold\]whalecurve (.*?)\[/bold\]", COMMANDS[name].help)
        assert "30" in printed(*shlex.split(example))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["--where", "amount > 1", "--where", "amount > 2"],
            "Invalid value for '--where': given 2 times; give it once",
        ),
        (["--as-of", "2024-01-01", "--as-of=2024-01-01"], "Invalid value for '--as-of': given 2 times; give it once"),
        (["--verbose", "-v", "--verbose"], "'--verbose' / '-v': given 3 times; give it once"),
        (["--as-of", "01.02.2024"], "Invalid value for '--as-of'"),
        (["--as-of", "2024-02-30"], "Invalid value for '--as-of'"),
        (["--format", "xml"], "Invalid value for '--format'"),
        (["--jobs", "0"], "Invalid value for '--jobs'"),
        (["--jobs", "two"], "Invalid value for '--jobs'"),
        (["--nosuch"], "No such option: --nosuch"),
        (["--where"], "Option '--where' requires an argument"),
    ],
)
def test_wrong_usage_of_check_is_status_2(args, message):
    assert message in misuse("check", "a.parquet", *args)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Missing option '--out'"),
        (["--out", "x", "--horizon", "soon"], '"soon" is no span of time; write days as 365d, or weeks 52w'),
        (["--out", "x", "--memory", "0GB"], '"0GB" is no size; write it as 4GB or 800MB'),
        (["--out", "x", "--max-refused", "1.5"], "Invalid value for '--max-refused'"),
        (["--out", "x", "--discount", "ten"], "Invalid value for '--discount'"),
        (["--out", "x", "--unit", "fortnight"], "Invalid value for '--unit'"),
        (["--out", "x", "--value", "profit"], "Invalid value for '--value'"),
        (["--out", "x", "--layout", "tree"], "Invalid value for '--layout'"),
        (["--out", "x", "--rfm-bins", "5.5"], "Invalid value for '--rfm-bins'"),
    ],
)
def test_wrong_usage_of_score_is_status_2(args, message):
    assert message in misuse("score", "a.parquet", *args)


def test_wrong_usage_of_the_program_is_status_2():
    assert "No such command 'scroe'" in misuse("scroe")
    assert "Missing argument 'ORDERS" in misuse("check")


def test_several_orders_are_no_repetition(tmp_path):
    one, two = write(tmp_path / "a.parquet"), write(tmp_path / "b.parquet")
    assert printed("check", one, two).startswith("2 files, 12 rows")


def test_order_options_reach_the_engine_as_columns_and_window():
    orders = OrderLog(
        paths=["a"],
        customer="c",
        amount="p * q",
        where="q > 0",
        timezone="UTC",
        as_of=datetime(2024, 3, 31),
        since=None,
    )
    assert orders.columns == engine.Columns(customer="c", amount="p * q", where="q > 0")
    assert orders.window() == engine.Window(as_of=date(2024, 3, 31), timezone="UTC")


def test_options_that_mend_a_log_reach_the_engine_too():
    orders = OrderLog(paths=["a"], keep="s = 'paid'", refund="back", order_total=True, normalise_ids="trim, lower")
    steps = ("trim", "lower")
    assert orders.columns == engine.Columns(keep="s = 'paid'", refund="back", order_total=True, normalise_ids=steps)


def test_the_usual_window_gives_the_unit_and_never_the_days():
    usual = engine.Window(as_of=date(2020, 1, 1), since=date(2019, 1, 1), timezone="UTC", unit="week")
    assert OrderLog(paths=["a"], since=datetime(2023, 1, 1)).window(usual) == (
        engine.Window(since=date(2023, 1, 1), unit="week")
    )


def test_the_version_is_that_of_the_package():
    assert re.fullmatch(r"whalecurve \d+\.\d+\.\d+\n", printed("--version"))


ALL_HELP = """
import sys
from whalecurve.cli.main import app_of
for command in ([], *(name.split() for name in sys.argv[1:])):
    try:
        app_of()([*command, "--help"], prog_name="whalecurve")
    except SystemExit as done:
        assert done.code == 0
print(*sys.modules)
"""


def test_help_waits_for_no_library_that_computes():
    """Which is what makes it answer at once; how fast that is, `benchmarks/test_startup.py` measures."""
    done = subprocess.run([sys.executable, "-c", ALL_HELP, *COMMANDS], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"typer", "whalecurve.cli.commands.start.score"} <= loaded
    assert not loaded & {"polars", "numba", "numpy", "scipy", "pyarrow", "whalecurve.engine", "whalecurve.kernels"}


def test_the_number_of_threads_holds_wherever_it_is_written(tmp_path):
    path = write(tmp_path / "a.parquet")
    (tmp_path / "settings.toml").write_text("jobs = 1\n")
    shown = (
        "import sys, atexit\n"
        "@atexit.register\n"
        "def show():\n"
        "    import polars, numba\n"
        "    print(polars.thread_pool_size(), numba.config.NUMBA_NUM_THREADS, file=sys.stderr)\n"
        "from whalecurve.cli.main import app_of\n"
        "app_of()(sys.argv[1:])\n"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")}
    for given in (["--jobs", "1"], ["--config", tmp_path / "settings.toml"]):
        args = [sys.executable, "-c", shown, "check", path, *given]
        done = subprocess.run(args, capture_output=True, text=True, check=True, env=environment)
        assert done.stderr == "1 1\n"


def test_a_query_goes_with_one_database_and_may_stand_in_the_settings_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    duckdb_file(tmp_path / "shop.duckdb", log())
    asked = ("check", "shop.duckdb", "--query", "SELECT * FROM orders WHERE amount > 1")
    assert "\n5 usable order lines of 3 customers" in printed(*asked)
    done = run("check", "shop.duckdb", "other.duckdb", "--query", "SELECT 1")
    assert (done.exit_code, done.stderr) == (
        1, "error: --query is for one database, and 2 are named; name one\n"
    )  # fmt: skip
    done = run("check", "shop.duckdb")
    assert done.exit_code == 1
    assert 'which rows are the order lines with --query "SELECT * FROM orders"' in done.stderr
    (tmp_path / "whalecurve.toml").write_text('query = "SELECT * FROM orders WHERE amount > 4"\n')
    assert "\n2 usable order lines of 1 customer" in run("check", "shop.duckdb").stdout


def test_every_command_that_reads_orders_takes_a_query(tmp_path, monkeypatch):
    takers = [name for name, command in COMMANDS.items() if "query" in {p.name for p in command.params}]
    assert sorted(takers) == [
        "activity", "baskets", "check", "concentration", "convert", "experiment read", "explain", "habits", "init",
        "measures", "score", "validate",
    ]  # fmt: skip


def test_init_keeps_the_query_for_the_commands_that_follow_and_convert_makes_a_log_of_its_answer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    duckdb_file(tmp_path / "shop.duckdb", log())
    query = 'SELECT *\nFROM orders -- "all"'
    printed("init", "shop.duckdb", "--query", query)
    assert "\n6 usable order lines of 3 customers" in run("check", "shop.duckdb").stdout
    (tmp_path / "whalecurve.toml").unlink()
    printed("convert", "shop.duckdb", "orders", "--query", query)
    assert pl.read_parquet(tmp_path / "orders" / "*.parquet").rows() == log().rows()
