"""What benchmark results become: tables, charts, and an alarm where a lead is lost."""

import json

import pytest

from benchmarks import check, report


def bench(group, name, median, **about):
    return {"group": group, "extra_info": {"contestant": name, **about}, "stats": {"median": median}}


RESULTS = {
    "datetime": "2026-11-22T00:00:00",
    "machine_info": {"cpu": {"count": 2, "brand_raw": "a processor"}},
    "benchmarks": [
        bench("fit", "lifetimes", 8.0, versions={"numba": "0.68"}),
        bench("fit", "whalecurve", 0.1),
        bench("1e+06 order lines, fresh process", "whalecurve", 9.9, seconds=2.0, peak_mb=400.0, orders=1_000_000),
        bench(
            "1e+06 order lines, fresh process", "DuckDB, the same", 9.9, seconds=3.0, peak_mb=1500.0, orders=1_000_000
        ),
        bench("1e+07 order lines, fresh process", "whalecurve", 9.9, seconds=5.0, peak_mb=600.0, orders=10_000_000),
        bench(
            "1e+07 order lines, fresh process", "DuckDB, the same", 9.9, seconds=20.0, peak_mb=4000.0, orders=10_000_000
        ),
    ],
}


def test_whalecurve_comes_first_and_ratios_are_to_it():
    rows = report.rows_of(RESULTS)
    assert [(row.group, row.name, row.ratio) for row in rows[:2]] == [
        ("fit", "whalecurve", 1.0),
        ("fit", "lifetimes", pytest.approx(80.0)),
    ]


def test_seconds_and_memory_of_fresh_processes_are_those_of_the_work():
    row = report.rows_of(RESULTS)[2]
    assert (row.group, row.seconds, row.peak_mb) == ("1e+06 order lines, fresh process", 2.0, 400.0)
    assert "| 1e+06 order lines, fresh process | DuckDB, the same | 3.00 s | 1.5 | 1,500 MB |" in report.table_of(
        RESULTS
    )


def test_the_scaling_table_has_a_column_a_size_and_a_chart_of_each_measure():
    text = report.scaling_of(RESULTS)
    assert "| seconds, peak memory | 1 M lines | 10 M lines |" in text
    assert "| whalecurve | 2.00 s, 400 MB | 5.00 s, 600 MB |" in text
    assert text.count("```mermaid") == 2
    assert 'line "whalecurve" [2.00, 5.00]' in text
    assert 'line "DuckDB, the same" [1500.00, 4000.00]' in text


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
