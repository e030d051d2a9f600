"""Bad input: exit status 1, one line on stderr that names place, fact and way out; nothing is written."""

import ast
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import COMMANDS as BY_NAME
from tests.support.commands import printed, printed_json, refusal, run
from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.cli.errors import OPTIONS, in_options, option_of, reported
from whalecurve.engine.errors import setting

BAD = {
    "no such path": (None, ["nope.parquet"], "nope.parquet: no such file or directory; check the path"),
    "no match": (None, ["*.parquet"], "*.parquet: the pattern matches no order file; check it, and quote it"),
    "directory without Parquet": (
        None,
        ["."],
        ".: a directory with no Parquet, Arrow or CSV file in it; name",
    ),
    "zero rows": (log().clear(), [], "a.parquet: no rows at all; name the files that hold the orders"),
    "missing column": (
        log().rename({"amount": "amounts"}),
        [],
        'a.parquet: no column "amount" for --amount; there are customer_id, order_ts, amounts; try --amount amounts (',
    ),
    "amount as text": (
        log(amount=pl.lit("3")),
        [],
        'a.parquet: --amount "amount" is String, expected a number; cast it',
    ),
    "time as text": (
        log(order_ts=pl.lit("3")),
        [],
        '--time "order_ts" is String, expected a date or datetime; parse it',
    ),
    "time as epoch": (log(order_ts=pl.lit(1)), [], "an epoch says neither its unit nor its zone, so spell it out:"),
    "no customer": (
        log(customer_id=pl.lit(None, dtype=pl.Int64)),
        [],
        'a.parquet: every customer id in "customer_id" is null or empty; map another column with --customer NAME',
    ),
    "as-of too early": (log(), ["--as-of", "2023-01-01"], "a.parquet: no order in the window (--as-of 2023-01-01);"),
    "since too late": (log(), ["--since", "2025-01-01"], "a.parquet: no order in the window (--since 2025-01-01);"),
    "window upside down": (log(), ["--since", "2024-01-03", "--as-of", "2024-01-02"], "swap them?"),
    "where matches nothing": (log(), ["--where", "amount > 99"], "a.parquet: --where matches none of 6 rows; check"),
    "invalid SQL": (log(), ["--amount", "amount +* 1"], 'a.parquet: --amount "amount +* 1" is neither a column nor'),
    "unknown zone": (
        log(),
        ["--timezone", "Mars"],
        '--timezone "Mars" is not a known zone; try one like Europe/London',
    ),
    "margin and cost": (log(), ["--margin", "amount", "--cost", "amount"], "--margin and --cost are both given;"),
}
BAD_SCORING = {
    "unknown preset": (["--segments", "standrd"], '--segments "standrd": no such preset; choose one of soulmates,'),
    "no such scheme": (["--segments", "own.toml"], "own.toml: cannot be read (No such file or directory); pass a TOML"),
    "uncovered cell": (["--segments", "gap.toml"], "gap.toml: no segment takes the cell r 1, f 1, m 1 ("),
    "scheme for other bins": (["--rfm-bins", "2"], "preset standard: the scheme is for 5 scores and --rfm-bins is 2;"),
    "unknown model": (["--model", "crystal"], '--model "crystal" is unknown; choose one of bgnbd'),
    "no horizon": (["--horizon", "0"], "--horizon 0 is not ahead; give a positive number of days, as 365"),
    "horizon behind": (["--horizon", "-5d"], "--horizon -5 is not ahead; give a positive number of days, as 365"),
    "risk horizon": (
        ["--risk-horizon", "0d"],
        "--risk-horizon 0 is not ahead; give a positive number of days, as 180, or auto",
    ),
    "discount": (["--discount", "-1"], "--discount -1.0 is not a valid yearly rate; 0.10 means 10%"),
    "no margin": (["--value", "margin"], "--value margin: the orders carry no margin; map it with --margin or --cost"),
    "bins": (["--rfm-bins", "11"], "--rfm-bins 11 is out of range; choose 2 to 10"),
    "quantile": (["--value-quantile", "1"], "--value-quantile 1.0 is out of range; choose a number between 0 and 1"),
    "too many refused": (
        ["--amount", "CASE WHEN amount > 3 THEN amount END"],
        "a.parquet: 3 of 6 rows (50.0%) cannot be used (3 null_amount), more than --max-refused 0.05; fix or exclude ",
    ),
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gap.toml").write_text(
        """
        name = "gap"
        description = "a scheme that leaves cells unnamed"
        bins = 5
        [[segment]]
        name = "some"
        action = "-"
        r = [2, 5]
        """
        + "".join(
            f'[matrix.{cell}]\nname = "{cell}"\naction = "-"\n' for cell in ("retain", "divest", "grow", "maintain")
        )
    )
    return tmp_path


def all_files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


NEEDS_ROWS = ("zero rows", "no customer", "as-of too early", "since too late", "where matches nothing")
COMMANDS = (["check"], ["score", "--out", "scores"], ["score", "--out", "scores", "--dry-run"])
CASES = [
    pytest.param(command, *case, id=f"{name}, {command[0]}{' --dry-run' if '--dry-run' in command else ''}")
    for name, case in BAD.items()
    for command in COMMANDS
    if not (name in NEEDS_ROWS and "--dry-run" in command)
]


@pytest.mark.parametrize(("command", "lines", "args", "message"), CASES)
def test_bad_orders_and_bad_mappings_are_one_line(here, command, lines, args, message):
    orders = [] if lines is None else [write(here / "a.parquet", lines).name]
    before = all_files(here)
    assert message in refusal(*command, *orders, *args)
    assert all_files(here) == before


@pytest.mark.parametrize(("args", "message"), BAD_SCORING.values(), ids=BAD_SCORING)
def test_bad_settings_are_one_line(here, args, message):
    write(here / "a.parquet")
    before = all_files(here)
    assert message in refusal("score", "a.parquet", *args, "--out", "deep/scores")
    assert all_files(here) == before


def test_a_file_that_is_no_parquet_is_named_among_many(here):
    write_all(here / "orders", log(), log(), log())
    (here / "orders" / "p1.parquet").write_text("customer_id,order_ts,amount\n1,2024-01-01,3\n")
    for command in (["check", "orders"], ["score", "orders", "--out", "scores"]):
        assert refusal(*command).startswith("orders/p1.parquet: not a readable Parquet file (")


def test_a_target_that_exists_or_cannot_be_written_is_one_line(here):
    write(here / "a.parquet")
    (here / "taken").mkdir()
    (here / "taken" / "photo.jpg").touch()
    (here / "file").touch()
    for out, message in (
        ("taken", "--out taken: exists; choose another directory, or replace it with --overwrite"),
        ("file", "--out file: a file; name a directory"),
        ("file/below", "cannot be written; choose another directory, or fix its permissions"),
        (".", "--out .: holds the orders themselves (a.parquet); choose another directory"),
    ):
        assert message in refusal("score", "a.parquet", "--out", out)
    assert "not a whalecurve result" in refusal("score", "a.parquet", "--out", "taken", "--overwrite")
    write(here / "b.parquet", log(customer_id=[1, 2, 3, 4, 5, 6]))
    assert refusal("score", "b.parquet", "--out", "/proc/none/scores").startswith("--out /proc/none/scores: cannot be")


def test_an_expression_that_fails_on_a_row_names_file_and_option(here):
    write_all(here / "orders", log(id=pl.lit("7")), log(id=["1", "2", "x", "4", "5", "6"]))
    message = refusal("score", "orders", "--customer", "CAST(id AS BIGINT)", "--out", "scores")
    assert message.startswith('orders/p1.parquet: --customer "CAST(id AS BIGINT)" does not work on every row (')


@pytest.mark.parametrize(
    "command",
    [("concentration",), ("explain", "--segment", "Loyal customers"), ("measures", "--out", "measured")],
    ids=lambda command: command[0],
)
def test_a_dimension_that_fails_on_a_row_names_file_and_option(here, command):
    write_all(here / "orders", log(id=pl.lit("7")), log(id=["1", "2", "x", "4", "5", "6"]))
    message = refusal(command[0], "orders", *command[1:], "--by", "CAST(id AS BIGINT)")
    assert message.startswith('orders/p1.parquet: --by "CAST(id AS BIGINT)" does not work on every row (')


def test_names_with_line_breaks_do_not_break_the_line(here):
    write(here / "a.parquet", log().rename({"amount": "net\namount\u2028"}))
    assert "net amount" in refusal("check", "a.parquet")


SETTINGS = (
    engine.Columns,
    engine.Window,
    engine.Scoring,
    engine.Explaining,
    engine.Profiling,
    engine.Seeding,
)


def marked_in_the_engine():
    """Names of settings in calls of `setting` in the source."""
    for path in (Path(__file__).parents[2] / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setting":
                yield from (node.args[0].value,) if isinstance(node.args[0], ast.Constant) else ()


def test_every_setting_that_the_engine_names_is_an_option_of_some_command():
    there_are = {option for command in BY_NAME.values() for param in command.params for option in param.opts}
    named = {*marked_in_the_engine(), *(field.name for settings in SETTINGS for field in fields(settings))}
    assert {"rfm_bins", "overwrite", "where", "second_purchase_days"} <= named
    assert {name: option_of(name) for name in named if option_of(name) not in there_are} == {}
    assert set(OPTIONS) <= named
    assert not set(OPTIONS.values()) & {f"--{name.replace('_', '-')}" for name in named}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("rfm_bins", None, ["--rfm-bins"]),
        ("overwrite", True, ["--overwrite"]),
        ("horizon_days", 30, ["--horizon", "30"]),
        ("allow", ["value", "since"], ["--allow", "value,since"]),
        ("return_flag", "", ["--return-flag", ""]),
        ("out", Path("my scores"), ["--out", "my scores"]),
        ("where", "name = 'it''s'", ["--where", "name = 'it''s'"]),
        ("amount", 'CAST("Unit $" AS DOUBLE)', ["--amount", 'CAST("Unit $" AS DOUBLE)']),
        ("where", "\"a$b\" = '`c\\d`'", ["--where", "\"a$b\" = '`c\\d`'"]),
    ],
)
def test_a_setting_with_its_value_is_written_for_the_shell(name, value, words):
    written = in_options(engine.Message(setting(name, value)))
    echoed = subprocess.run(["/bin/sh", "-c", f"printf '%s\\n' {written}"], capture_output=True, text=True, check=True)
    assert echoed.stdout == "".join(f"{word}\n" for word in words)


def test_words_of_others_stay_as_they_are():
    assert in_options("give `as_of`") == "give `as_of`"


def test_advice_about_a_wrong_type_works_when_taken_to_the_shell(here):
    write(here / "a.parquet", log().rename({"amount": "Unit Price"}).with_columns(pl.col("Unit Price").cast(pl.String)))
    said = shlex.split(refusal("check", "a.parquet", "--amount", "Unit Price"))
    at = said.index("as") + 1
    assert said[at : at + 2] == ["--amount", 'TRY_CAST("Unit Price" AS DOUBLE),']
    assert run("check", "a.parquet", "--amount", said[at + 1].rstrip(",")).exit_code == 0


def test_a_note_speaks_of_options_where_it_is_printed_and_of_python_where_it_is_written(here):
    write(here / "a.parquet")
    zone = ("--timezone", "Asia/Tokyo")
    same = "changes nothing: the times carry no zone and are taken as they stand"
    assert f"note: --timezone Asia/Tokyo {same}" in printed("check", "a.parquet", *zone).splitlines()
    assert printed_json("check", "a.parquet", *zone)["warnings"] == [f'timezone="Asia/Tokyo" {same}']
    assert f"note: --timezone Asia/Tokyo {same}" in printed("score", "a.parquet", "--out", "scores", "--full", *zone)
    assert printed_json("score", "a.parquet", "--out", "other", *zone)["manifest"]["warnings"][0].startswith(
        "timezone="
    )
    for path in (path for path in here.rglob("*.json")):
        assert not set(path.read_text()) & set("\ufdd0\ufdd1\ufdd2")


def test_a_bug_keeps_its_traceback(monkeypatch):
    def buggy(*_):
        raise RuntimeError("bug")

    monkeypatch.setattr("whalecurve.engine.check_orders", buggy)
    with pytest.raises(RuntimeError, match="bug"):
        run("check", "a.parquet")
    with pytest.raises(OSError, match="also a bug"), reported():
        raise OSError("also a bug")


CROWDED = """
import resource, sys
from whalecurve.engine.scoring import score as pipeline
writing = pipeline.write_customers
def on_a_full_disk(*args):
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
    writing(*args)
pipeline.write_customers = on_a_full_disk
from whalecurve.cli.main import app_of
app_of()(sys.argv[1:], prog_name="whalecurve")
"""


def test_a_full_disk_is_one_line_and_leaves_the_previous_result(here):
    write(here / "a.parquet", log(customer_id=[1, 2, 3, 4, 5, 6]))
    assert run("score", "a.parquet", "--out", "scores").exit_code == 0
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    args = [sys.executable, "-c", CROWDED, "score", "a.parquet", "--out", "scores", "--overwrite"]
    done = subprocess.run(args, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: --out scores: cannot be written (")
    assert done.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


INTERRUPTED = """
import signal, sys
from whalecurve.engine.scoring import score as pipeline
def slow(*args, **options):
    print("writing", flush=True)
    signal.pause()
pipeline.write_table = slow
from whalecurve.cli.main import app_of
app_of()(sys.argv[1:], prog_name="whalecurve")
"""


def test_an_interrupt_leaves_nothing_half_written(here):
    write(here / "a.parquet", log(customer_id=[1, 2, 3, 4, 5, 6]))
    before = all_files(here)
    args = [sys.executable, "-c", INTERRUPTED, "score", "a.parquet", "--out", "deep/scores"]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as working:
        assert working.stdout is not None
        assert working.stdout.readline() == "writing\n"
        assert len(all_files(here)) > len(before)
        os.kill(working.pid, signal.SIGINT)
        _, said = working.communicate()
    assert working.returncode == 130
    assert "Traceback" not in said
    assert all_files(here) == before


def test_a_reader_that_stops_reading_is_no_error(here):
    write(here / "a.parquet")
    args = [sys.executable, "-m", "whalecurve.cli", "check", "a.parquet"]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as working:
        assert working.stdout is not None
        working.stdout.close()
        assert working.stderr is not None
        assert "Traceback" not in working.stderr.read()
        working.wait()
