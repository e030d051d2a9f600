"""Reports in a browser: nothing is asked for, said, cut off or out of reach, on a screen, a phone and paper."""

import json
import re
from datetime import date, timedelta

import polars as pl
import pytest

from tests.support import experiments
from tests.support.browser import OUTSIDE, SMALLEST, started, tools
from tests.support.logs import write
from tests.support.pages import page_of
from tests.tools.readme import retail_log
from whalecurve import engine

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = {"screen": 900, "phone": 390, "small phone": 320}
LEAST_TEXT = 10.0
NAMES = ["<script>alert('x')</script>", '"><img src=x onerror=alert(1)>', "🐋 'quoted' \"twice\"", "W" * 60]


@pytest.fixture(scope="module")
def browser():
    with started() as browser:
        yield browser


def scheme_of(names):
    """A scheme of as many segments as names, by recency."""
    quoted = [json.dumps(name, ensure_ascii=False) for name in names]
    segments = [
        f"[[segment]]\nname = {name}\nr = {i}\nf = [1, {len(names)}]\naction = {name}"
        for i, name in enumerate(quoted, start=1)
    ]
    cells = [f'[matrix.{cell}]\nname = "{cell}"\naction = "-"' for cell in ("retain", "divest", "grow", "maintain")]
    return "\n".join(['name = "hostile"', 'description = "-"', f"bins = {len(names)}", *segments, *cells])


def scored(folder, lines, **scoring):
    folder.mkdir()
    engine.score(write(folder / "orders.parquet", lines), out=folder / "scores", scoring=engine.Scoring(**scoring))
    return folder / "scores"


def read_experiment_of(folder, scores, out):
    """Every other customer of the demo in an arm, as if they had been assigned a month before the end."""
    customers = pl.read_parquet(scores / "customers").sort("customer_id")
    orders = folder / "demo" / "orders.parquet"
    start = pl.read_parquet(orders)["order_ts"].max().date() - timedelta(days=27)
    before = pl.read_parquet(orders).filter(pl.col("order_ts").dt.date() < start)
    value = before.group_by("customer_id").agg(pl.col("margin").sum())
    known = customers.join(value, on="customer_id", how="left", maintain_order="left")["margin_right"].fill_null(0.0)
    arms = ["offer" if i % 2 else "control" for i in range(customers.height)]
    segments = customers["rfm_segment"].to_list()
    table = experiments.assigned(arms, start=start, value=known.to_list(), segment=segments)
    table = table.with_columns(customer_id=customers["customer_id"])
    directory = experiments.write(folder / "assigned", table, metric="margin", value="margin")
    engine.read_experiment(orders, directory, cost_per_customer=0.1, out=out)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The page of each log."""
    tools()
    folder, day = tmp_path_factory.mktemp("reports"), date(2024, 1, 1)
    (folder / "own.toml").write_text(scheme_of(NAMES), encoding="utf-8")
    shop = engine.simulate(engine.Simulation(customers=3_000, seed=1), folder / "shop")
    simulated = pl.concat([pl.read_parquet(path) for path in sorted((folder / "shop" / "orders").rglob("*.parquet"))])
    earlier = simulated.filter(pl.col("order_ts") < simulated["order_ts"].max() - timedelta(days=90))
    results = {
        "demo": scored(folder / "demo", simulated),
        "hostile": scored(folder / "hostile", simulated, segments=str(folder / "own.toml"), rfm_bins=len(NAMES)),
        "one": scored(folder / "one", pl.DataFrame({"customer_id": [1], "order_ts": [day], "amount": [5.0]})),
        "negative": scored(
            folder / "negative",
            pl.DataFrame({"customer_id": [1, 2], "order_ts": [day, day + timedelta(9)], "amount": [-1.0, -2e9]}),
        ),
    }
    old = scored(folder / "old", earlier)
    if (retail := retail_log()) is not None:
        columns = engine.Columns(
            customer="CustomerID", time="InvoiceDate", order="InvoiceNo", amount="Quantity * UnitPrice"
        )
        engine.score(retail, out=folder / "retail", columns=columns)
        results["retail"] = folder / "retail"
    assert shop.n_lines
    names = ("validation", "spread", "why", "ideal", "spring", "acquisition", "supposed", "budget")
    beside = [folder / name for name in names]
    engine.validate(folder / "demo" / "orders.parquet", holdout_days=90, out=beside[0])
    engine.concentrate(folder / "demo" / "orders.parquet", ["city", "brand"], out=beside[1])
    scores = results["demo"]
    engine.explain(folder / "demo" / "orders.parquet", "Champions", ["brand"], scores=scores, out=beside[2])
    engine.profile(scores, settings=engine.Profiling(by=("brand",)), out=beside[3])
    read_experiment_of(folder, scores, beside[4])
    costs = pl.DataFrame({"campaign": ["search", "social", "tv"], "month": ["2025-03"] * 3, "spend": [9.0, 5e4, 7.0]})
    engine.acquisition_costs(scores, costs, out=beside[5])
    engine.whatif(scores, levers={"retention": 0.05, "worth": 2.0, "tornado": True}, out=beside[6])
    (folder / "responses.toml").write_text('[[offer]]\nname = "a card by post"\ncost = 0.7\nresponse = 0.02\n')
    engine.lay_out(scores, folder / "responses.toml", settings={"amount": 900.0}, out=beside[7])
    more = {"demo": {"compare": old, "beside": beside}}
    for name, result in results.items():
        engine.report(result, out=folder / f"{name}.html", **more.get(name, {}))
    return {name: folder / f"{name}.html" for name in results}


CASES = ["demo", "hostile", "one", "negative", "retail"]


def opened(browser, reports, case, **options):
    if case not in reports:
        pytest.skip("no Online Retail log: WHALECURVE_DATA names the directory that has it")
    browser.open(reports[case], **options)
    return reports[case]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_is_asked_for_said_or_cut_off(browser, reports, case, width):
    path = opened(browser, reports, case, width=width)
    assert browser.requests == {path.as_uri()}
    assert browser.said == []
    assert browser.overflow == 0
    assert browser.run(OUTSIDE) == []
    assert browser.run(SMALLEST) >= LEAST_TEXT


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser, reports, case, is_dark):
    opened(browser, reports, case, width=390 if is_dark else 900, is_dark=is_dark)
    assert browser.violations() == []


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_a_screen_reader_meets_every_chart_once_with_its_finding(browser, reports, case, width):
    path = opened(browser, reports, case, width=width)
    page = page_of(path.read_text(encoding="utf-8"))
    tree = browser.tree()
    labels = [a["aria-label"] for tag, a in page.elements if tag == "svg"][::2]
    images = [" ".join(name.split()) for role, name in tree if role in ("image", "img")]
    assert images == [" ".join(label.split()) for label in labels]
    headings = [name for role, name in tree if role == "heading"]
    assert [" ".join(name.split()) for name in headings[:2]] == [page.texts["h1"][0], page.texts["h2"][0]]
    assert {"main", "navigation", "contentinfo", "banner"} <= {role for role, _ in tree}


def test_the_curve_is_read_by_keyboard_and_by_pointer(browser, reports):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    path = opened(browser, reports, "demo")
    rows = page_of(path.read_text(encoding="utf-8")).tables["Cumulative margin by share of customers, best first"]
    points = [row for row in rows if row["population"].shown == "all customers"]
    figure = browser.driver.find_element(By.ID, "figure-whale-curve")
    slider, output = (figure.find_element(By.TAG_NAME, tag) for tag in ("input", "output"))

    def said(i):
        share, amount = points[i]["cumulative share of margin"].value, points[i]["cumulative margin"].value
        top = points[i]["share of customers"].value
        return f"The top {100 * top:.1f}% of customers bring {100 * share:.1f}% ({amount:,.0f})"

    start = int(slider.get_property("value"))
    assert output.text == said(start)
    assert points[start]["share of customers"].value == pytest.approx(0.2, abs=0.006)
    slider.send_keys(Keys.ARROW_RIGHT)
    assert output.text == said(start + 1) == slider.get_attribute("aria-valuetext")
    slider.send_keys(Keys.END)
    assert output.text == said(len(points) - 1)
    chart = figure.find_element(By.CSS_SELECTOR, ".wide svg")
    ActionChains(browser.driver).move_to_element(chart).perform()
    middle = int(slider.get_property("value"))
    assert points[middle]["share of customers"].value == pytest.approx(0.5, abs=0.05)
    assert output.text == said(middle)


def test_without_scripts_the_page_says_the_same(browser, reports):
    opened(browser, reports, "demo")
    with_scripts = browser.tree()
    opened(browser, reports, "demo", has_scripts=False)
    without = browser.tree()
    assert not any(role == "slider" for role, _ in without)
    told = {"slider", "LabelText", "status", "generic", "StaticText", "InlineTextBox"}
    assert [node for node in with_scripts if node[0] not in told] == [node for node in without if node[0] not in told]
    browser.cdp("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("case", CASES)
def test_it_prints_on_a_few_pages(browser, reports, case):
    path = opened(browser, reports, case, is_dark=True)
    n_sections = path.read_text(encoding="utf-8").count("<section ")
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF-")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 1 <= pages <= 2 * n_sections
    assert len(pdf) < 2_000_000
