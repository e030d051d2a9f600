"""Whatever the columns of a log are called, hold and mean: a result that counts every line, or one line of refusal."""

import json
import random

import polars as pl
import pytest

from tests.support.commands import run
from tests.support.odd_logs import odd_log

N_CASES = 500
ANY = ("--max-refused", 1)  # however many lines are refused


def answer(*args):
    """What a command prints; None where it refuses its input in one line. A traceback is raised by `run`."""
    done = run(*args)
    if done.exit_code == 0:
        assert done.stderr == ""
        return done.stdout
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    if "json" in args:
        told = json.loads(done.stderr)
        assert (told["level"], told["kind"], told["exit_status"]) == ("error", "input", 1)
        assert told["message"]
    else:
        assert done.stderr.startswith("error: ")
    return None


def counted(log, rows):
    """How many lines are used: all lines of the log are, or are refused for a reason."""
    assert rows["read"] == log.n_lines
    assert rows["read"] == rows["filtered"] + rows["used"] + sum(rows["refused"].values())
    return rows["used"]


def recorded(out):
    """The record of a result."""
    return json.loads((out / "manifest.json").read_text())


def adds_up(log, n_used, revenue, n_lines):
    """Check that lines make up the lines used, and their revenue that of the log where no line is refused."""
    assert sum(n_lines) == n_used
    if n_used == log.n_lines and log.revenue is not None:
        assert sum(round(one * 10**6) for one in revenue) == log.revenue


def check(log, chance, out):
    printed = answer("check", *log.paths, *log.options, "--format", "json")
    if printed is not None:
        found = json.loads(printed)
        n_used = counted(log, found["rows"])
        adds_up(log, n_used, [found["amount"]], [n_used])


def concentration(log, chance, out):
    by = ",".join(["customer", *log.dimensions][chance.randrange(2) :]) or "customer"
    if answer("concentration", *log.paths, *log.options, *ANY, "--by", by, "--out", out) is not None:
        for one in recorded(out)["dimensions"]:
            members = pl.read_parquet(out / one["members"])
            adds_up(log, counted(log, one["rows"]), members["revenue"], members["n_lines"])


def measures(log, chance, out):
    by = ("--by", ",".join(log.dimensions)) if log.dimensions else ()
    if answer("measures", *log.paths, *log.options, *ANY, *by, "--out", out) is not None:
        counted(log, recorded(out)["rows"])


def score(log, chance, out):
    """Score the log; whether it could be."""
    kept = () if chance.random() < 0.1 else ("--no-measures",)
    if answer("score", *log.paths, *log.options, *ANY, "--out", out, "--layout", "flat", *kept) is None:
        return False
    customers = pl.read_parquet(out / "customers" / "*.parquet")
    assert customers["customer_id"].is_unique().all()
    adds_up(log, counted(log, recorded(out)["rows"]), customers["revenue"], customers["n_lines"])
    return True


def largest_segment(scores):
    """The RFM segment with most customers."""
    found = pl.read_parquet(scores / "segments.parquet").drop_nulls("action")
    return found.filter(scheme=found["scheme"][0]).sort("customers")["segment"][-1]


def explain(log, chance, out):
    if log.dimensions and score(log, chance, out / "scores"):
        asked = ("--segment", largest_segment(out / "scores"), "--by", ",".join(log.dimensions), "--min-customers", 1)
        given = ("--scores", out / "scores", "--out", out / "explained")
        if answer("explain", *log.paths, *log.options, *ANY, *asked, *given) is not None:
            counted(log, recorded(out / "explained")["rows"])


def profile(log, chance, out):
    if score(log, chance, out / "scores"):
        by = ("--by", ",".join(log.dimensions), "--first-by", ",".join(log.dimensions[:1]))
        asked = ("--segment", largest_segment(out / "scores"), "--min-customers", 1)
        if answer("profile", out / "scores", *asked, *by, "--out", out / "ideal") is not None:
            counted(log, recorded(out / "ideal")["rows"])


COMMANDS = {check: 9, concentration: 5, score: 3, measures: 1, explain: 1, profile: 1}
"""How often each is drawn: what is quick most of all."""


@pytest.mark.parametrize("seed", range(N_CASES))
def test_a_log_of_any_shape_has_a_result_or_one_line_that_refuses_it(tmp_path, capfd, seed):
    chance = random.Random(seed)
    command = chance.choices([*COMMANDS], [*COMMANDS.values()])[0]
    command(odd_log(tmp_path, chance), chance, tmp_path / "out")
    assert capfd.readouterr() == ("", ""), "a panic prints past Python"
