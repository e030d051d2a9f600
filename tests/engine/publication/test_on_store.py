"""Results on an object store: whole or not at all, whatever happens meanwhile, and readable throughout."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.support.logs import simple_log
from tests.support.object_stores import SECRET, Bucket, Server, proxy
from whalecurve import engine
from whalecurve.engine.object_stores import set_storage_options
from whalecurve.engine.object_stores.store import Store
from whalecurve.engine.publication import (
    at_hand,
    check_target,
    on_store,
    published,
    write_json,
    write_manifest,
    write_table,
)

pytestmark = pytest.mark.stores

TABLE = pl.DataFrame({"a": [1, 2, 3]})


def write(folder, word):
    """A small result."""
    write_json({"word": word}, folder / "model.json")
    (folder / "customers").mkdir()
    for n in range(3):
        write_table(TABLE.with_columns(word=pl.lit(word)), folder / "customers" / f"{n}.parquet")
    write_manifest({"command": "test", "word": word}, folder)


def publish(out, word):
    with published(Path(out)) as staging:
        write(staging, word)


def words(out):
    """What a reader finds: the word of every file, all of one run."""
    with at_hand(out) as directory:
        records = [json.loads((directory / name).read_text()) for name in ("model.json", "manifest.json")]
        tables = [pl.read_parquet(path)["word"].unique().to_list() for path in sorted(directory.rglob("*.parquet"))]
    assert len(tables) == 3
    return {record["word"] for record in records} | {word for own in tables for word in own}


def runs(bucket):
    return sorted({key.split("/")[2] for key in bucket.keys("scores/runs/")})


def refusal(act, *args, **options):
    with pytest.raises(engine.InputError) as caught:
        act(*args, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert SECRET not in message
    return message


@pytest.fixture
def out(bucket):
    return f"{bucket.url}/scores"


def test_a_result_is_there_whole_and_another_takes_its_place(bucket, out):
    publish(out, "old")
    assert words(out) == {"old"}
    publish(out, "new")
    assert words(out) == {"new"}
    assert len(runs(bucket)) == 2
    current = json.loads(bucket.get("scores/manifest.json"))["on_store"]
    assert current["run"] == f"runs/{runs(bucket)[1]}"
    assert {file["path"] for file in current["files"]} == {
        "manifest.json", "model.json", "customers/0.parquet", "customers/1.parquet", "customers/2.parquet",
    }  # fmt: skip
    assert words(f"{out}/runs/{runs(bucket)[1]}") == {"new"}


def test_what_is_staged_among_the_files_of_all_is_for_its_owner_alone(out):
    with published(Path(out)) as staging:
        assert stat.S_IMODE(staging.stat().st_mode) == 0o700
        write(staging, "new")
    assert not staging.exists()
    with at_hand(out) as copy:
        assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700


def test_the_last_runs_are_kept_and_older_ones_go(bucket, out):
    set_storage_options({"keep_runs": "2"})
    try:
        for word in "abcd":
            publish(out, word)
            first = runs(bucket)[0]
    finally:
        set_storage_options({})
    assert len(runs(bucket)) == 2
    assert words(f"{out}/runs/{first}") == {"c"}
    assert words(out) == {"d"}


def test_of_two_publishers_one_wins_and_the_other_says_so(bucket, out):
    publish(out, "old")

    def lose():
        with published(Path(out)) as staging:
            write(staging, "late")
            publish(out, "early")

    message = refusal(lose)
    assert message == f'out="{out}": another run wrote it meanwhile; choose another place, or run again'
    assert words(out) == {"early"}
    assert len(runs(bucket)) == 2


def test_of_many_publishers_at_once_one_wins(bucket, out):
    publish(out, "old")  # a store that has answered once is waited for, however busy the machine is
    together, told = threading.Barrier(4), []

    def run(word):
        try:
            with published(Path(out)) as staging:
                write(staging, word)
                together.wait()
        except engine.InputError as error:
            told.append(str(error))
        finally:
            if together.n_waiting:  # others wait for one that failed before it came so far
                together.abort()

    threads = [threading.Thread(target=run, args=(word,)) for word in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [f'out="{out}": another run wrote it meanwhile; choose another place, or run again'] * 3
    assert words(out) < set("abcd")
    assert len(runs(bucket)) == 2


def test_a_run_that_fails_leaves_nothing_and_the_old_result(bucket, out):
    publish(out, "old")

    def fail():
        with published(Path(out)) as staging:
            write(staging, "new")
            raise engine.InputError("no more")

    assert refusal(fail) == "no more"
    assert words(out) == {"old"}
    assert len(runs(bucket)) == 1


def test_what_is_not_there_as_it_was_sent_is_not_published(bucket, out, monkeypatch):
    publish(out, "old")
    listed = Store.list

    def without_one(self, prefix, most=None):
        return [one for one in listed(self, prefix, most) if not one.key.endswith("/1.parquet")]

    monkeypatch.setattr(Store, "list", without_one)
    message = refusal(publish, out, "new")
    monkeypatch.undo()
    for name, value in bucket.server.environment.items():
        monkeypatch.setenv(name, value)
    assert message.endswith("/customers/1.parquet: is not on the store as it was sent; run again")
    assert words(out) == {"old"}


@pytest.mark.parametrize("answer", [500, 503])
def test_errors_of_the_store_that_pass_are_sat_out(bucket, out, monkeypatch, answer):
    with proxy(bucket.server) as (behind, faults):
        monkeypatch.setenv("AWS_ENDPOINT_URL", behind.endpoint)
        faults.answers, faults.methods = [answer, answer], ("PUT",)
        publish(out, "new")
        assert words(out) == {"new"}
        assert faults.answers == []


def test_errors_of_the_store_that_stay_end_the_run_and_the_old_result_stays(bucket, out, monkeypatch):
    publish(out, "old")
    monkeypatch.setattr("whalecurve.engine.object_stores.store.LASTING_RETRIES", 1)
    with proxy(bucket.server) as (behind, faults):
        monkeypatch.setenv("AWS_ENDPOINT_URL", behind.endpoint)
        faults.methods = ("PUT",)

        def fail_in_upload():
            with published(Path(out)) as staging:
                write(staging, "new")
                faults.answers = [503] * 100

        message = refusal(fail_in_upload)
        faults.answers = []
        assert "cannot be written, the store answers 503 Service Unavailable; try again later" in message
        assert words(out) == {"old"}
        assert len(runs(bucket)) == 1


def test_a_lost_answer_to_the_last_write_is_no_loss(bucket, out, monkeypatch):
    """The store has written the manifest and answers with an error: the client writes again, and finds itself."""
    publish(out, "old")
    with proxy(bucket.server) as (behind, faults):
        monkeypatch.setenv("AWS_ENDPOINT_URL", behind.endpoint)
        faults.lose = "PUT /" + bucket.name + "/scores/manifest.json"
        publish(out, "new")
        assert faults.lose is None
    assert words(out) == {"new"}


PUBLISHER = """
import sys
sys.path.insert(0, sys.argv[3])
from tests.engine.publication.test_on_store import publish
publish(sys.argv[1], sys.argv[2])
"""


def killed_at(bucket: Bucket, behind: Server, faults, moment: int, when: str) -> bool:
    """Publish in a process of its own that is killed at its request of this number; whether it came so far."""
    is_killed = threading.Event()
    process: list[subprocess.Popen[bytes]] = []

    def kill(number):
        if number == moment:
            is_killed.set()
            os.kill(process[0].pid, signal.SIGKILL)
            process[0].wait()

    faults.seen.clear()
    started = threading.Lock()
    with started:
        setattr(faults, when, lambda number: (started.acquire(), started.release(), kill(number)))
        words_of_command = [sys.executable, "-c", PUBLISHER, f"{bucket.url}/scores", "new", str(Path.cwd())]
        environment = os.environ | behind.environment | {"TMPDIR": tempfile.gettempdir()}
        process.append(subprocess.Popen(words_of_command, env=environment, stderr=subprocess.PIPE))
    process[0].communicate()
    setattr(faults, when, lambda number: None)
    return is_killed.is_set()


MOMENTS = range(30) if "WHALECURVE_EVERY_MOMENT" in os.environ else (1, 5, 9)
"""Numbers of requests to the store, of the dozen that a small result takes, at which its process is killed."""


@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_a_whole_result_and_later_runs_sweep(bucket, out, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    publish(out, "old")
    came_so_far = []
    with proxy(bucket.server) as (behind, faults):
        for moment in MOMENTS:
            for when in ("before", "after"):
                came_so_far.append(killed_at(bucket, behind, faults, moment, when))
                found = words(out)
                assert found in (({"old"}, {"new"}) if came_so_far[-1] else ({"new"},)), (moment, when)
                publish(out, "old")
                assert words(out) == {"old"}
    assert any(came_so_far)
    left = runs(bucket)
    monkeypatch.setattr(on_store, "ABANDONED", timedelta(days=-1))
    publish(out, "last")
    assert len(runs(bucket)) == 3 <= len(left)
    assert not [key for key in bucket.keys("scores/") if key.endswith("/.begun")]
    assert words(out) == {"last"}
    assert list(tmp_path.glob(".whalecurve-*")) == []


def test_a_first_run_that_was_killed_is_no_result_and_in_nobodys_way(bucket, out):
    bucket.put("scores/runs/20200101T000000Z-0/customers/0.parquet", b"PAR1")
    assert refusal(engine.open_result, out).startswith(f"{out}: no whalecurve result; name a place")
    check_target(Path(out), overwrite=False)
    publish(out, "new")
    assert words(out) == {"new"}


def test_what_would_be_lost_is_refused_before_any_work(bucket, out):
    check_target(Path(out), overwrite=False)
    publish(out, "old")
    exists = f'out="{out}": exists; choose another place, or replace it with overwrite=True'
    assert refusal(check_target, Path(out), overwrite=False) == exists
    check_target(Path(out), overwrite=True)
    bucket.put("other/notes.txt", b"mine")
    assert refusal(check_target, Path(f"{bucket.url}/other"), overwrite=True) == (
        f'out="{bucket.url}/other": holds something other than a whalecurve result; choose another place'
    )
    assert refusal(check_target, Path(bucket.url), overwrite=True).endswith(
        f"a whole bucket; name a place in it, as {bucket.url}/scores"
    )
    assert "holds the orders themselves" in refusal(
        check_target, Path(out), overwrite=True, orders=[f"{out}/orders/a.parquet"]
    )
    for result in (out, f"{out}/runs/1", bucket.url):
        assert "is the result that is read" in refusal(check_target, Path(out), overwrite=True, results=[result])
    assert "there is no bucket" in refusal(check_target, Path("s3://no-such-bucket-at-all/x"), overwrite=False)


def test_a_file_that_is_gone_or_changed_is_named(bucket, out):
    publish(out, "old")
    (run,) = runs(bucket)
    bucket.put(f"scores/runs/{run}/model.json", b"{}")
    assert refusal(words, out) == f"{out}/runs/{run}/model.json: is changed, by its manifest; make the result again"
    bucket.remove(f"scores/runs/{run}/model.json")
    assert refusal(words, out) == f"{out}/runs/{run}/model.json: is missing, by its manifest; make the result again"


def test_a_name_in_a_manifest_does_not_lead_out_of_the_copy(bucket, out):
    publish(out, "old")
    record = json.loads(bucket.get("scores/manifest.json"))
    record["on_store"]["files"][0]["path"] = "../../evil"
    bucket.put("scores/manifest.json", json.dumps(record).encode())
    assert "lies outside of the result" in refusal(words, out)


def test_a_score_on_a_store_is_that_on_disk_frame_for_frame_and_says_nothing_of_who_asked(bucket, out, tmp_path):
    simple_log(2_000, n_customers=300, seed=3).write_parquet(tmp_path / "orders.parquet")
    bucket.put("orders/a.parquet", tmp_path / "orders.parquet")
    set_storage_options({name.lower(): value for name, value in bucket.server.environment.items()})
    try:
        local = engine.score(tmp_path / "orders.parquet", out=tmp_path / "scores")
        run = engine.score(f"{bucket.url}/orders", out=out)
        assert str(run.out) == out
        assert run.to_polars().equals(local.to_polars())
        opened = engine.open_run(out)
        assert opened.identity == {"path": out, "run_id": run.manifest["run_id"], "as_of": run.as_of.isoformat()}
        assert opened.segments.equals(local.segments)
        assert opened.to_polars().equals(local.to_polars())
        assert opened.measures == local.measures
    finally:
        set_storage_options({})
    for key in bucket.keys("scores/"):
        content = bucket.get(key)
        for secret in (SECRET, bucket.server.environment["AWS_ACCESS_KEY_ID"], bucket.server.endpoint):
            assert secret.encode() not in content, key


def test_a_run_whose_place_was_taken_by_another_is_not_mixed_with_it(bucket, out, tmp_path):
    simple_log(500, n_customers=50, seed=3).write_parquet(tmp_path / "orders.parquet")
    first = engine.score(tmp_path / "orders.parquet", out=out)
    held = engine.open_run(out)
    engine.score(tmp_path / "orders.parquet", out=out, overwrite=True, scoring=engine.Scoring(rfm_bins=3))
    assert held.to_polars()["recency_score"].max() == 5 if "recency_score" in held.columns else True
    with pytest.raises(engine.InputError, match="another run was published there meanwhile; open it again"):
        first.to_polars()


@pytest.mark.slow
def test_a_run_that_is_told_to_stop_while_it_uploads_leaves_the_old_result_and_says_so(bucket, out, tmp_path):
    simple_log(500, n_customers=50, seed=3).write_parquet(tmp_path / "orders.parquet")
    publish(out, "old")
    command = [sys.executable, "-m", "whalecurve.cli", "score", str(tmp_path / "orders.parquet"), "--out", out, "-q"]
    process: list[subprocess.Popen[bytes]] = []
    with proxy(bucket.server) as (behind, faults):

        def stop(number):
            if number > 0 and faults.seen[number].startswith("PUT") and "customers" in faults.seen[number]:
                process[0].send_signal(signal.SIGTERM)

        faults.before = stop
        environment = os.environ | behind.environment
        process.append(subprocess.Popen([*command, "--overwrite"], env=environment, stderr=subprocess.PIPE))
        _, told = process[0].communicate()
    assert (process[0].returncode, told.decode()) == (
        143, "error: stopped by SIGTERM before the end; unfinished files are removed\n",
    )  # fmt: skip
    assert words(out) == {"old"}
