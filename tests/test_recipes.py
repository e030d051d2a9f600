"""The recipes of docs/recipes.md do what the page says: its files are taken from it, and run by what they are for."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import adbc_driver_postgresql.dbapi
import polars as pl
import pytest

from tests.support.databases import postgres_server
from tests.support.recipes import python_with
from tests.tools import image
from whalecurve import engine

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
FILES = {
    m["name"]: m["text"]
    for m in re.finditer(r"^```\w+\n(?P<text>(?:#|--) (?P<name>\S+)\n.*?)^```\n", PAGE, re.M | re.S)
}
"""The text of each file of the page, by the path in its first line."""
WHALECURVE = Path(sys.executable).parent / "whalecurve"


def environment(**more):
    path = f"{WHALECURVE.parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT / ".typings"))} | more


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(FILES[name], encoding="utf-8")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Orders of a shop and their scores."""
    folder = tmp_path_factory.mktemp("shop")
    engine.simulate({"customers": 700, "seed": 5}, folder / "shop")
    engine.score(folder / "shop" / "orders", out=folder / "scores", columns={"margin": ""})
    return folder


@pytest.fixture
def at_work(shop, tmp_path):
    """A directory with the orders and the scores of the shop."""
    shutil.copytree(shop / "shop" / "orders", tmp_path / "orders")
    shutil.copytree(shop / "scores", tmp_path / "scores")
    return tmp_path


def test_the_page_has_the_files_that_are_tried():
    assert set(FILES) == {
        "/etc/cron.d/whalecurve",
        "/etc/systemd/system/whalecurve.service",
        "/etc/systemd/system/whalecurve.timer",
        "models/customers.py",
        "models/order_lines.sql",
        "models/champions.sql",
        "dbt_project.yml",
        "profiles.yml",
        "dags/whalecurve_nightly.py",
        "whalecurve_assets.py",
        "load_scores.py",
    }


@pytest.mark.slow
def test_the_command_of_cron_scores_and_prints_nothing(at_work):
    line = FILES["/etc/cron.d/whalecurve"].splitlines()[1]
    command = line.split(None, 6)[6]
    for there, here in (
        ("/var/lib/whalecurve", at_work),
        ("/opt/whalecurve/bin/whalecurve", WHALECURVE),
        ("/srv/orders", at_work / "orders"),
    ):
        assert there in command
        command = command.replace(there, str(here))
    done = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert engine.open_run(at_work / "scores").manifest["customers"]["all"] == 700


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_units_of_systemd_are_in_order(tmp_path):
    for name in ("service", "timer"):
        text = FILES[f"/etc/systemd/system/whalecurve.{name}"]
        text = text.replace("/opt/whalecurve/bin/whalecurve", str(WHALECURVE))
        (tmp_path / f"whalecurve.{name}").write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "whalecurve.service", tmp_path / "whalecurve.timer"],
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in checked.stderr.splitlines() if "whalecurve" in line]
    assert (checked.returncode, own) == (0, [])


def dbt(folder, *words):
    python = python_with("dbt.adapters.duckdb")
    done = subprocess.run(
        [python.parent / "dbt", "--quiet", "--no-send-anonymous-usage-stats", *words, "--profiles-dir", "."],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def table_of(folder, query):
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(folder / "shop.duckdb", read_only=True) as connection:
        return connection.sql(query).pl()


def test_a_model_of_dbt_scores_the_lines_of_another(at_work):
    put(at_work, "models/customers.py", "models/order_lines.sql", "dbt_project.yml", "profiles.yml")
    dbt(at_work, "build")
    found = table_of(at_work, "select customer_id, clv, rfm_segment from customers order by customer_id")
    expected = engine.open_run(at_work / "scores").to_polars().select(found.columns)
    assert found.equals(expected.with_columns(pl.col("rfm_segment").cast(pl.String)))


def test_dbt_reads_a_result_as_a_source_and_its_tests_pass(at_work):
    put(at_work, "models/champions.sql", "dbt_project.yml", "profiles.yml")
    schema = subprocess.run(
        [WHALECURVE, "schema", "scores", "--as", "dbt"], cwd=at_work, env=environment(), capture_output=True, check=True
    )
    (at_work / "models" / "whalecurve.yml").write_bytes(schema.stdout)
    dbt(at_work, "build")
    champions = table_of(at_work, "select count(*) as n from champions").item()
    segments = engine.open_run(at_work / "scores").segments
    assert champions == segments.filter(scheme="rfm", segment="Champions")["customers"].item()
    results = json.loads((at_work / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    tests = [one["status"] for one in results if one["unique_id"].startswith("test.")]
    assert len(tests) > 20
    assert set(tests) == {"pass"}


def run_by(python, code, folder, **more):
    done = subprocess.run(
        [python, "-c", code], cwd=folder, env=environment(**more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def test_airflow_reads_both_dags(tmp_path):
    python = python_with("airflow.providers.standard")
    put(tmp_path, "dags/whalecurve_nightly.py")
    code = """
import gc, runpy
from airflow.sdk import DAG
kept = runpy.run_path("dags/whalecurve_nightly.py")
dags = sorted((one for one in gc.get_objects() if isinstance(one, DAG)), key=lambda dag: dag.dag_id)
for dag in dags:
    dag.validate()
    dag.check_cycle()
print([(dag.dag_id, dag.task_ids, [asset.uri for task in dag.tasks for asset in task.outlets]) for dag in dags])
"""
    printed = run_by(python, code, tmp_path, AIRFLOW_HOME=str(tmp_path / "airflow"))
    manifest = "file:///srv/whalecurve/scores/manifest.json"
    assert printed == str([("whalecurve_lists", ["lists"], []), ("whalecurve_score", ["score"], [manifest])])


def test_dagster_makes_the_asset_with_what_the_manifest_says(at_work):
    python = python_with("dagster")
    put(at_work, "whalecurve_assets.py")
    code = """
import dagster as dg
import whalecurve_assets
assert whalecurve_assets.defs.get_schedule_def("nightly").cron_schedule == "30 3 * * *"
made = dg.materialize([whalecurve_assets.scores]).asset_materializations_for_node("scores")[0]
print(made.metadata["customers"].value, made.tags["dagster/data_version"])
"""
    printed = run_by(python, code, at_work, WHALECURVE_HOME=str(at_work), DAGSTER_HOME=str(at_work))
    assert printed == f"700 {engine.open_run(at_work / 'scores').manifest['run_id']}"


def test_scores_are_loaded_into_postgresql_and_replaced(at_work):
    put(at_work, "load_scores.py")
    query = "SELECT customer_id, clv, rfm_segment, r_score FROM customer_scores ORDER BY customer_id"
    with postgres_server() as address:
        for _ in range(2):
            subprocess.run([sys.executable, "load_scores.py", address], cwd=at_work, env=environment(), check=True)
        with adbc_driver_postgresql.dbapi.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            loaded = pl.from_arrow(cursor.fetch_arrow_table())
    expected = engine.open_run(at_work / "scores").to_polars().select(loaded.columns)
    assert loaded.rows() == expected.rows()


def test_the_image_is_warmed_up_before_it_gives_up_its_privileges():
    steps = image.instructions()
    words = [word for word, _ in steps]
    assert int(dict(steps)["USER"].partition(":")[0]) > 0
    assert words.index("USER") > max(i for i, (_, rest) in enumerate(steps) if "warmup" in rest)
    assert words[words.index("USER") + 1 :] == ["ENTRYPOINT"]


def test_the_builder_sees_what_the_package_is_made_of_and_nothing_else():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-dir"]
    assert {Path(folder).parts[0] for folder in packages.values()} | {"pyproject.toml", "README.md", "LICENSE"} == set(
        image.context()
    )
