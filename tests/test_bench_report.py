"""What benchmark results become: tables, charts, and an alarm where a lead is lost."""

import json
import sys

import pytest

from benchmarks import budgets, check, report, rows
from benchmarks import fresh as fresh_processes


def bench(group, name, median, **about):
    return {"group": group, "extra_info": {"contestant": name, **about}, "stats": {"median": median}}


def fresh(orders, name, seconds, cpu_seconds, peak_mb):
    about = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak_mb, "orders": orders}
    return bench(f"{orders:.0e} order lines, fresh process", name, 9.9, **about)


def results(*benchmarks):
    return RESULTS | {"benchmarks": list(benchmarks)}


RESULTS = {
    "datetime": "2026-11-22T00:00:00",
    "commit_info": {"id": "0123456789"},
    "versions": {"numba": "0.68"},
    "days": ["2026-11-22"],
    "commits": ["0123456"],
    "machine_info": {"cpu": {"count": 2, "brand_raw": "a processor"}},
    "benchmarks": [
        bench("fit", "lifetimes", 8.0),
        bench("fit", "whalecurve", 0.1),
        fresh(1_000_000, "whalecurve", 2.0, 2.5, 400.0),
        fresh(1_000_000, "DuckDB, the same", 3.0, 5.0, 1500.0),
        fresh(10_000_000, "whalecurve", 5.0, 8.0, 600.0),
        fresh(10_000_000, "DuckDB, the same", 20.0, 40.0, 4000.0),
    ],
}


def test_whalecurve_comes_first_and_ratios_are_to_it():
    found = rows.rows_of(RESULTS)
    assert [(row.group, row.name, row.ratio) for row in found[:2]] == [
        ("fit", "whalecurve", 1.0),
        ("fit", "lifetimes", pytest.approx(80.0)),
    ]


def test_seconds_and_memory_of_fresh_processes_are_those_of_the_work():
    row = rows.rows_of(RESULTS)[2]
    assert (row.group, row.seconds, row.cpu_seconds, row.peak_mb) == (
        "1e+06 order lines, fresh process",
        2.0,
        2.5,
        400.0,
    )
    assert (
        "| 1e+06 order lines, fresh process | DuckDB, the same | 5.00 s | 2 | 3.00 s | 1.5 | 1,500 MB |"
    ) in report.table_of(RESULTS)


def test_the_scaling_table_has_a_column_a_size_and_a_chart_of_each_measure():
    text = report.scaling_of(RESULTS)
    assert "| seconds, CPU seconds, peak memory | 1 M lines | 10 M lines |" in text
    assert "| whalecurve | 2.00 s, 2.50, 400 MB | 5.00 s, 8.00, 600 MB |" in text
    assert text.count("```mermaid") == 3
    assert 'line "whalecurve" [2.00, 5.00]' in text
    assert 'line "DuckDB, the same" [1500.00, 4000.00]' in text


def test_what_was_not_counted_leaves_its_cells_empty():
    assert "| fit | lifetimes |  |  | 8.00 s | 80 |  |" in report.table_of(RESULTS)


def test_a_later_run_replaces_what_it_measured_again_and_keeps_the_rest(tmp_path):
    again = results(bench("fit", "whalecurve", 0.2)) | {
        "datetime": "2026-11-28T00:00:00",
        "commit_info": {"id": "fedcba98"},
    }
    paths = [tmp_path / "first.json", tmp_path / "again.json"]
    for path, run in zip(paths, (RESULTS, again), strict=True):
        path.write_text(json.dumps(run), encoding="utf-8")
    merged = rows.read_results(paths)
    assert report.about(merged) == (
        "`make bench`, 2026-11-22, 2026-11-28, 2 cores of a processor; numba 0.68; commit 0123456, fedcba9."
    )
    assert [row.seconds for row in rows.rows_of(merged)] == [0.2, 8.0, 2.0, 3.0, 5.0, 20.0]


def test_the_start_up_table_names_the_log_that_was_measured():
    ours = bench(budgets.RETAIL, "whalecurve", 9.9, seconds=1.2, cpu_seconds=1.25, peak_mb=380.0, log="Online Retail")
    script = bench(budgets.RETAIL, "pandas + lifetimes script", 9.9, seconds=1.7, cpu_seconds=2.0, peak_mb=400.0)
    script["extra_info"]["log"] = "Online Retail"
    text = report.start_up_of(results(ours, script))
    assert "| Online Retail, 1,044,847 lines | whalecurve | 1.20 s | 1.25 s | 1 | 380 MB |" in text
    assert "| Online Retail, 1,044,847 lines | pandas + lifetimes script | 1.70 s | 2.00 s | 1.6 | 400 MB |" in text
    ours["extra_info"]["log"] = script["extra_info"]["log"] = "simulated"
    assert "| a log like Online Retail, 1,044,847 lines | whalecurve |" in report.start_up_of(results(ours, script))


def test_a_promise_is_met_at_its_bound_missed_beyond_it_and_open_where_it_was_not_measured():
    def lines_of(seconds):
        ours = bench(budgets.RETAIL, "whalecurve", 9.9, cpu_seconds=seconds)
        script = bench(budgets.RETAIL, "pandas + lifetimes script", 9.9, cpu_seconds=2.0)
        return report.budget_of(results(ours, script)).splitlines()

    work = "`score`, 1 M lines of Online Retail, over a pandas + lifetimes script, CPU"
    assert f"| {work} | at most 0.7 | 0.7 | met |" in lines_of(1.4)
    assert f"| {work} | at most 0.7 | 0.75 | **missed** |" in lines_of(1.5)
    assert "| the same, over the floor of a numba program, CPU | at most 2 | | not in this run |" in lines_of(1.4)


def test_a_ratio_is_checked_by_processor_time_where_contestants_have_processes_of_their_own():
    assert check.ratios_of(RESULTS)["1e+07 order lines, fresh process | DuckDB, the same"] == 5.0
    assert check.ratios_of(RESULTS)["fit | lifetimes"] == 80.0


def test_a_lead_that_has_shrunk_by_a_quarter_or_is_gone_is_told_and_less_is_not():
    before = check.ratios_of(RESULTS)
    now = dict(before)
    now["fit | lifetimes"] = 60.0
    assert check.worse(now, before) == ["fit | lifetimes: 80 times whalecurve's before, 60 now"]
    now["fit | lifetimes"] = 70.0
    assert check.worse(now, before) == []
    del now["fit | lifetimes"]
    assert check.worse(now, before) == ["fit | lifetimes: not measured any more"]


def test_a_stored_run_passes_its_own_check(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(check, "BASELINE", tmp_path / "baseline.json")
    (tmp_path / "latest.json").write_text(json.dumps(RESULTS), encoding="utf-8")
    assert check.main(str(tmp_path / "latest.json"), "--store") == 0
    assert check.main(str(tmp_path / "latest.json")) == 0
    assert capsys.readouterr().out == "no ratio has become worse\n"


def test_a_process_of_its_own_tells_its_processor_time_and_its_memory_apart_from_its_parents():
    held = bytearray(200_000_000)
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    commands = {"idle": [sys.executable, "-c", "pass"], "busy": [sys.executable, "-c", busy]}
    runs = fresh_processes.measured_in_turns(commands, rounds=1)
    assert runs["busy"].cpu_seconds >= 0.3
    assert runs["busy"].process_seconds >= 0.3
    assert 1.0 < runs["idle"].peak_mb < len(held) / 1e6


def test_a_process_that_fails_ends_a_benchmark_with_what_it_said():
    with pytest.raises(RuntimeError, match="no such thing"):
        fresh_processes.measured_in_turns({"it": [sys.executable, "-c", "raise SystemExit('no such thing')"]}, rounds=1)


def test_a_process_that_fails_lets_the_others_of_its_turns_go_on_where_failures_are_kept():
    commands = {
        "bad": [sys.executable, "-c", "raise SystemExit('no such thing')"],
        "good": [sys.executable, "-c", "pass"],
    }
    failures = {}
    assert list(fresh_processes.measured_in_turns(commands, rounds=2, failures=failures)) == ["good"]
    assert "no such thing" in failures["bad"]


def test_two_small_logs_are_apart_whichever_is_the_dearer():
    work = "`score`, 200,000 lines and 20 lines, the dearer over the cheaper, CPU"
    for small, tiny in ((1.5, 1.2), (1.2, 1.5)):
        runs = [
            bench(group, "whalecurve", 9.9, cpu_seconds=seconds)
            for group, seconds in ((budgets.SMALL, small), (budgets.TINY, tiny))
        ]
        assert f"| {work} | at most 1.1 | 1.25 | **missed** |" in report.budget_of(results(*runs)).splitlines()
