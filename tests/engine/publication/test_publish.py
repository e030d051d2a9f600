import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.support.logs import write
from whalecurve import engine
from whalecurve.engine.publication import publish as output
from whalecurve.engine.publication.publish import (
    check_target,
    outputs_below,
    published,
    write_customers,
    write_json,
    write_table,
    write_table_parts,
)

CUSTOMERS = pl.DataFrame(
    {"customer_id": range(10), "rfm_segment": ["At risk", "Can't lose them", None, "a/b=c%", ""] * 2}
)


def publish(out, name="new", then=None):
    """Publish a result; `then` is called when it is written and not yet published."""
    with published(out) as staging:
        (staging / "manifest.json").write_text(name)
        (staging / "model.json").write_text("{}")
        (staging / "part").mkdir()
        (staging / "part" / f"{name}.txt").write_text(name)
        if then is not None:
            then()


def raising(error):
    def fail():
        raise error

    return fail


def what_is_at(out):
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


def left_beside(out):
    return sorted(path.name for path in out.parent.iterdir() if path != out)


def refusal(out, *, overwrite=False, files=()):
    with pytest.raises(engine.InputError) as caught:
        check_target(out, overwrite=overwrite, orders=list(files))
    message = str(caught.value)
    assert message.startswith(f'out="{out}": ')
    assert "\n" not in message
    return message


def test_a_result_appears_whole_at_the_end_of_the_block(tmp_path):
    out = tmp_path / "scores"
    with published(out) as staging:
        (staging / "a.txt").write_text("a")
        assert not out.exists()
    assert what_is_at(out) == ["a.txt"]
    assert left_beside(out) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_block_that_fails_leaves_nothing_and_the_previous_result_whole(tmp_path, error):
    fresh, held = tmp_path / "a" / "fresh", tmp_path / "b" / "held"
    publish(held, "old")
    for out in (fresh, held):
        with pytest.raises(error):
            publish(out, then=raising(error))
    assert not fresh.parent.exists()
    assert what_is_at(held) == ["manifest.json", "model.json", "part/old.txt"]
    assert left_beside(held) == []


@pytest.fixture(params=["exchange", "rename"])
def way(request, monkeypatch):
    """With, and without, a system that swaps two directories in one step."""
    if request.param == "rename":
        monkeypatch.setattr(output, "_exchange", lambda _a, _b: False)


@pytest.mark.usefixtures("way")
def test_a_new_result_takes_the_place_of_the_previous_one(tmp_path):
    out = tmp_path / "scores"
    publish(out, "old")
    publish(out, "new")
    assert what_is_at(out) == ["manifest.json", "model.json", "part/new.txt"]
    assert left_beside(out) == []


@pytest.mark.usefixtures("way")
def test_readers_find_a_whole_result_at_any_moment_of_an_exchange(tmp_path, monkeypatch):
    out, seen = tmp_path / "scores", []
    publish(out, "old")
    removing = output.shutil.rmtree

    def look(path, **options):
        seen.append(what_is_at(out))
        removing(path, **options)

    monkeypatch.setattr(output.shutil, "rmtree", look)
    publish(out, "new")
    assert seen
    assert all(found == ["manifest.json", "model.json", "part/new.txt"] for found in seen)


def test_where_the_new_result_cannot_take_its_place_the_previous_one_returns(tmp_path, monkeypatch):
    out, rename = tmp_path / "scores", Path.rename
    publish(out, "old")
    monkeypatch.setattr(output, "_exchange", lambda _a, _b: False)

    def failing(self, target):
        if ".staging-" in self.name and Path(target) == out and not self.name.endswith(".previous"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(engine.InputError, match=r"cannot be written \(Input/output error\)"):
        publish(out, "new")
    assert what_is_at(out) == ["manifest.json", "model.json", "part/old.txt"]
    assert left_beside(out) == []


def test_two_runs_that_both_found_nothing_do_not_overwrite_each_other(tmp_path):
    out = tmp_path / "scores"
    with pytest.raises(engine.InputError, match="another run wrote it meanwhile"):
        publish(out, "late", then=lambda: publish(out, "first"))
    assert what_is_at(out) == ["manifest.json", "model.json", "part/first.txt"]


KILLED = """
import os, signal, sys
from pathlib import Path
from whalecurve.engine.publication import publish
if sys.argv[2] == "between":
    publish._exchange = lambda a, b: False
    rename = Path.rename
    def dying(self, target):
        rename(self, target)
        os.kill(os.getpid(), signal.SIGKILL)
    Path.rename = dying
with publish.published(Path(sys.argv[1])) as staging:
    (staging / "half").write_text("half")
    if sys.argv[2] == "writing":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["writing", "between"])
def test_after_a_kill_the_previous_result_is_whole_and_the_next_run_clears_up(tmp_path, moment):
    out = tmp_path / "scores"
    publish(out, "old")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(out), moment], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert left_beside(out) != []
    if moment == "writing":
        assert what_is_at(out) == ["manifest.json", "model.json", "part/old.txt"]
    found = []
    with pytest.raises(ValueError, match="stop"):
        publish(out, then=lambda: found.extend(what_is_at(out)) or raising(ValueError("stop"))())
    assert found == ["manifest.json", "model.json", "part/old.txt"]  # put back where it was set aside
    assert left_beside(out) == []


def test_a_run_at_work_is_not_cleared_up_by_another(tmp_path):
    out = tmp_path / "scores"
    with published(out) as staging:
        thread = threading.Thread(target=publish, args=(tmp_path / "scores",))
        thread.start()
        thread.join()
        assert staging.is_dir()
        (staging / "late.txt").write_text("late")
        for path in out.rglob("*.*"):
            path.unlink()
        (out / "part").rmdir()
    assert what_is_at(out) == ["late.txt"]


def test_threads_that_write_on_after_a_failure_leave_nothing(tmp_path):
    def write_on(staging):
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            with suppress(OSError):
                (staging / "more").mkdir(parents=True, exist_ok=True)
                (staging / "more" / "late.txt").touch()

    def fail():
        (staging,) = (path for path in tmp_path.glob(".scores.staging-*") if path.is_dir())
        writing.append(threading.Thread(target=write_on, args=(staging,)))
        writing[0].start()
        raise ValueError("stop")

    writing: list[threading.Thread] = []
    with pytest.raises(ValueError, match="stop"):
        publish(tmp_path / "scores", then=fail)
    writing[0].join()
    publish(tmp_path / "scores")  # what came later than any patience goes now
    assert left_beside(tmp_path / "scores") == []


def test_names_with_pattern_characters_are_cleared_up_by_their_own_runs_only(tmp_path):
    for name in ("a[1]", "a*", "ab"):
        (tmp_path / f".{name}.staging-1").mkdir()
        (tmp_path / f".{name}.staging-1.lock").touch()
    publish(tmp_path / "a*")
    assert not (tmp_path / ".a*.staging-1").exists()
    assert (tmp_path / ".a[1].staging-1").exists()
    assert (tmp_path / ".ab.staging-1").exists()


def test_a_link_stays_a_link_and_missing_parents_are_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    real = tmp_path / "disk" / "real"
    publish(real, "old")
    Path("scores").symlink_to(real)
    publish(Path("scores"), "new")
    assert Path("scores").is_symlink()
    assert what_is_at(real) == ["manifest.json", "model.json", "part/new.txt"]
    Path("dangling").symlink_to(tmp_path / "not" / "yet")
    publish(Path("dangling"))
    assert what_is_at(tmp_path / "not" / "yet") == ["manifest.json", "model.json", "part/new.txt"]
    publish(Path("one") / "two" / "three")
    assert what_is_at(tmp_path / "one") == ["two/three/manifest.json", "two/three/model.json", "two/three/part/new.txt"]


def test_an_empty_directory_may_be_the_target(tmp_path):
    (tmp_path / "scores").mkdir()
    check_target(tmp_path / "scores", overwrite=False)
    publish(tmp_path / "scores")
    assert what_is_at(tmp_path / "scores") == ["manifest.json", "model.json", "part/new.txt"]


def test_what_is_there_is_replaced_only_if_asked_and_only_if_it_is_a_result(tmp_path):
    publish(tmp_path / "scores")
    assert refusal(tmp_path / "scores").endswith("exists; choose another directory, or replace it with overwrite=True")
    check_target(tmp_path / "scores", overwrite=True)
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "manifest.json").write_text("of something else")
    assert "holds files that are not a whalecurve result" in refusal(photos, overwrite=True)


def test_a_target_that_cannot_be_replaced_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "file", overwrite=True).endswith("a file; name a directory")
    assert refusal(tmp_path / "pipe", overwrite=True).endswith("a file; name a directory")
    assert "cannot be written" in refusal(tmp_path / "file" / "scores")
    monkeypatch.chdir(tmp_path)
    assert "the working directory, which cannot be replaced; name a directory below it" in refusal(Path())
    monkeypatch.setattr(Path, "is_mount", lambda self: self.name == "volume")
    assert "a mount point, which cannot be replaced; name a directory below it" in refusal(tmp_path / "volume")
    check_target(tmp_path / "volume" / "scores", overwrite=False)


def test_a_target_that_may_not_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path and mode != 0)
    assert f"{tmp_path} cannot be written; choose another" in refusal(tmp_path / "a" / "scores")


def test_the_orders_themselves_are_never_replaced(tmp_path):
    files = [str(write(tmp_path / "orders" / "2024" / "a.parquet"))]
    for out in (tmp_path / "orders", tmp_path / "orders" / "2024", tmp_path):
        assert "holds the orders themselves" in refusal(out, overwrite=True, files=files)
    (tmp_path / "link").symlink_to(tmp_path / "orders")
    assert "holds the orders themselves" in refusal(tmp_path / "link", overwrite=True, files=files)
    check_target(tmp_path / "orders" / "scores", overwrite=False, orders=files)
    check_target(tmp_path / "orders2", overwrite=False, orders=files)


@contextmanager
def at_most(n_bytes):
    """A system on which files cannot grow further, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def noise(n):
    return pl.DataFrame({"customer_id": range(n)}).with_columns(x=pl.col("customer_id").hash(), rfm_segment=pl.lit("s"))


@pytest.mark.parametrize("room", [0, 10, 1_000, 50_000])
@pytest.mark.parametrize(
    "writing",
    [
        lambda staging: write_customers(noise(200_000).lazy(), staging / "customers", "hive"),
        lambda staging: write_customers(noise(200_000).lazy(), staging / "customers", "flat"),
        lambda staging: write_table(noise(200_000), staging / "segments.parquet"),
        lambda staging: write_json({"x": "y" * 200_000}, staging / "model.json"),
    ],
    ids=["hive", "flat", "table", "json"],
)
def test_a_full_disk_is_one_line_and_leaves_the_previous_result(tmp_path, writing, room):
    out = tmp_path / "scores"
    publish(out, "old")
    with pytest.raises(engine.InputError) as caught, at_most(room), published(out) as staging:
        writing(staging)
    message = str(caught.value)
    assert message.startswith(f'out="{out}": cannot be written (')
    assert message.endswith("; make room or fix permissions, or choose another directory")
    assert "\n" not in message
    assert what_is_at(out) == ["manifest.json", "model.json", "part/old.txt"]
    assert left_beside(out) == []


def test_a_place_that_turns_out_to_be_closed_is_one_line():
    with pytest.raises(
        engine.InputError, match=r'out="/proc/no/scores": cannot be written \(No such file or directory\)'
    ):
        publish(Path("/proc/no/scores"))


@pytest.mark.parametrize("bug", [pl.exceptions.ComputeError("lengths differ"), TypeError("bug"), KeyError("bug")])
def test_a_bug_keeps_its_own_name(tmp_path, bug):
    with pytest.raises(type(bug)):
        publish(tmp_path / "scores", then=raising(bug))
    assert left_beside(tmp_path / "scores") == []


def test_customers_are_partitioned_by_segment_whatever_it_is_called(tmp_path):
    write_customers(CUSTOMERS.lazy(), tmp_path / "hive", "hive")
    write_customers(CUSTOMERS.lazy(), tmp_path / "flat", "flat")
    hive = pl.read_parquet(tmp_path / "hive", hive_schema={"rfm_segment": pl.String}).sort("customer_id")
    flat = pl.read_parquet(tmp_path / "flat")
    assert flat.equals(CUSTOMERS)
    assert (
        hive.drop_nulls()
        .filter(pl.col("rfm_segment") != "")
        .equals(CUSTOMERS.drop_nulls().filter(pl.col("rfm_segment") != ""))
    )
    assert hive["customer_id"].to_list() == list(range(10))


def test_json_has_no_room_for_nan(tmp_path):
    write_json({"é": [1.5, None]}, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"é": [1.5, None]}
    with pytest.raises(ValueError, match="Out of range float"):
        write_json({"x": float("nan")}, tmp_path / "b.json")


def test_outputs_are_listed_with_rows_and_bytes(tmp_path):
    (tmp_path / "b").mkdir()
    write_table(CUSTOMERS, tmp_path / "b" / "t.parquet")
    write_json({}, tmp_path / "a.json")
    assert outputs_below(tmp_path) == [
        {"path": "a.json", "rows": None, "bytes": 3},
        {"path": "b/t.parquet", "rows": 10, "bytes": (tmp_path / "b" / "t.parquet").stat().st_size},
    ]


@pytest.mark.parametrize("out", ["ftp://bucket/scores", "https://b", "file:///x", "hf://datasets/a", "ftp:/x"])
@pytest.mark.parametrize("as_path", [str, Path])
def test_a_url_is_no_target_even_where_a_path_has_folded_its_slashes(tmp_path, monkeypatch, out, as_path):
    monkeypatch.chdir(tmp_path)
    url = out if "://" in out else out.replace(":/", "://")
    message = f'out="{url}": a URL, and only local paths are written; name one, and copy it there later'
    with pytest.raises(engine.InputError) as caught:
        check_target(as_path(out), overwrite=True)
    assert str(caught.value) == message
    with pytest.raises(engine.InputError, match="a URL"), published(Path(out)):
        pytest.fail("not entered")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["scores:today", "2024:/x", "c:/x", "/data/s3:/bucket"])
def test_a_colon_in_a_name_makes_no_url(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    check_target(Path(out), overwrite=False)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "caf\udce9"])
def test_a_target_with_an_impossible_name_is_refused_before_work(tmp_path, name):
    with pytest.raises(engine.InputError, match=r"correct it|rename it"):
        check_target(tmp_path / name, overwrite=False)


def test_a_table_that_comes_in_parts_is_the_whole_table(tmp_path):
    table = pl.DataFrame({"id": ["a", None, "ä"], "n": [1, 2, 3], "day": [date(2024, 1, 1), None, date(2024, 1, 2)]})
    write_table_parts((table[i : i + 1] for i in range(3)), tmp_path / "parts.parquet")
    assert pl.read_parquet(tmp_path / "parts.parquet").equals(table)
    write_table_parts([table.clear()], tmp_path / "empty.parquet")
    assert pl.read_parquet(tmp_path / "empty.parquet").schema == table.schema
