"""Which test works out each number of the output by hand; a number that none of them knows fails here.

A line names columns of a table, and the test in whose source each of them stands. The laws that numbers keep are in
`engine/test_laws.py`, and beside the tests of each stage.
"""

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from tests.golden import dozen
from whalecurve import engine
from whalecurve.engine.concentration.appendix import Appendix
from whalecurve.engine.concentration.curves import Concentration

TESTS = Path(__file__).parent
CUSTOMERS, RFM, CONCENTRATION, MEASURES = (
    f"golden/test_{topic}" for topic in ("customers", "rfm", "concentration", "measures")
)
QUALITY = "engine/segment_quality/test_quality_table"

COVERED = [
    ("customers", "customer_id", "engine/scoring/test_score::test_within_each_file_customers_are_in_order"),
    ("customers", "first_purchase last_purchase n_purchase_days", f"{CUSTOMERS}::test_purchase_days_and_times"),
    ("customers", "frequency recency T days_since_last", f"{CUSTOMERS}::test_purchase_days_and_times"),
    ("customers", "n_lines n_return_lines n_orders", f"{CUSTOMERS}::test_lines_and_orders"),
    ("customers", "revenue margin value monetary_value return_rate average_order_value", f"{CUSTOMERS}::test_money"),
    ("customers", "r_score f_score m_score rfm_score rfm_segment", f"{RFM}::test_scores_and_segments_by_quantiles"),
    (
        "customers",
        "p_alive expected_purchases p_purchase churn_risk expected_value clv clv_total value_at_stake",
        f"{CUSTOMERS}::test_forecasts_are_those_of_the_fitted_models",
    ),
    (
        "customers",
        "expected_purchases_low expected_purchases_high clv_low clv_high",
        f"{CUSTOMERS}::test_intervals_are_even_on_the_log_scale_and_as_wide_as_their_level",
    ),
    (
        "customers",
        "risk value_class matrix_segment matrix_action",
        f"{CUSTOMERS}::test_cells_of_the_matrix_follow_from_risk_and_value",
    ),
    ("customers", "clv_tier", f"{CUSTOMERS}::test_clv_tiers_are_the_best_fifth_the_next_three_tenths_and_the_rest"),
    ("customers", "spend_falling", f"{CUSTOMERS}::test_nobodys_spend_is_falling"),
    ("customers", "lifecycle_stage", f"{CUSTOMERS}::test_stages_of_the_life_cycle"),
    ("customers", "loyalty_tier", f"{CUSTOMERS}::test_loyalty_tiers"),
    ("customers", "next_purchase is_overdue", f"{CUSTOMERS}::test_the_next_purchase_is_the_median_of_the_model"),
    (
        "customers",
        "next_purchase next_purchase_from next_purchase_to",
        f"{CUSTOMERS}::test_by_the_rhythm_half_of_the_gaps_as_long_as_the_silence_are_over",
    ),
    (
        "customers",
        "segment_action next_best_action next_best_action_from",
        f"{CUSTOMERS}::test_the_next_best_action_is_the_first_of_the_precedence",
    ),
    ("customers", "value_rank value_share cumulative_value_share pareto_class", f"{CUSTOMERS}::test_ranks_and_shares"),
    (
        "segments",
        "customers customer_share orders revenue margin value value_share clv clv_share "
        "value_at_stake mean_churn_risk action",
        f"{RFM}::test_a_segment_is_the_sum_of_its_customers",
    ),
    ("segments", "scheme segment", f"{RFM}::test_tiers_and_stages_are_segments_too"),
    (
        "segment_quality",
        "segment customers customer_share value_mean value_deviation value_spread value_within",
        f"{QUALITY}::test_a_dozen_is_as_worked_out_by_hand",
    ),
    (
        "segment_quality",
        "scheme clv_mean clv_deviation clv_spread clv_within gap_mean gap_deviation gap_spread gap_within",
        f"{QUALITY}::test_clv_and_gaps_are_judged_alike_of_those_who_have_them",
    ),
    ("segment_quality", "split_by split_share", f"{QUALITY}::test_the_split_that_takes_most_is_told_beyond_chance"),
    (
        "segment_quality",
        "remarks",
        "engine/segment_quality/test_remarks::test_segments_with_nothing_to_say_are_passed_over",
    ),
    (
        "concentration",
        "population curve share_of_customers cumulative_share cumulative_value",
        f"{CONCENTRATION}::test_the_curves",
    ),
    (
        "refused",
        "file row reason customer_id time amount",
        "engine/audit/test_audit::test_refused_rows_name_file_row_and_what_was_found",
    ),
    (
        "measures of concentration",
        "n_customers n_loss_makers total total_positive total_negative peak_share peak_customers_share drag_share "
        "top_1_share top_5_share top_10_share top_20_share n_for_80 for_80_customers_share n_for_80_of_peak "
        "for_80_of_peak_customers_share",
        f"{CONCENTRATION}::test_all_customers",
    ),
    (
        "measures of concentration",
        "gini gini_kind",
        f"{CONCENTRATION}::test_the_gini_coefficient_with_losses_is_the_normalised_one",
    ),
    (
        "members",
        "member n_lines n_lines_without_customer n_customers revenue margin value value_rank value_share "
        "cumulative_value_share pareto_class n_purchase_days",
        f"{CONCENTRATION}::test_the_members_of_a_study",
    ),
    ("members", "rfm_segment", f"{CONCENTRATION}::test_theil_is_split_by_rfm_segment"),
    (
        "appendix",
        "hhi effective_number theil theil_between theil_within hoover palma tail_exponent tail_from tail_n "
        "tail_undefined",
        f"{CONCENTRATION}::test_shares_in_the_appendix_need_values_that_are_not_negative",
    ),
    ("appendix", "undefined", f"{CONCENTRATION}::test_shares_in_the_appendix_need_values_that_are_not_negative"),
    (
        "appendix",
        "tail_exponent tail_standard_error",
        "engine/concentration/test_appendix::test_the_tail_is_what_lies_above_the_90th_percentile",
    ),
    ("measures/groups", "scheme group customers buyers repeat_rate", f"{MEASURES}::test_a_segment_has_its_own_row"),
    (
        "measures/groups",
        "repeat_customers repeat_rate year_buyers year_repeat_customers year_repeat_rate aged one_and_done "
        "one_and_done_rate new_observed new_back stickiness stickiness_low stickiness_high",
        f"{MEASURES}::test_who_came_back",
    ),
    (
        "measures/groups",
        "gaps mean_gap gap_p10 gap_p25 gap_p50 gap_p75 gap_p90 next_p25 next_p50 next_p75",
        f"{MEASURES}::test_time_between_purchases",
    ),
    (
        "measures/groups",
        "sold returned return_rate sale_lines return_lines line_return_rate",
        f"{MEASURES}::test_returns",
    ),
    (
        "measures/groups",
        "purchases_a_year average_purchase_value annual_churn lifespan simple_clv model_clv",
        f"{MEASURES}::test_the_simple_clv_beside_that_of_the_models",
    ),
    (
        "measures/periods",
        "start end is_complete active new previous retained reactivated retention churn reactivation purchases "
        "purchase_frequency revenue margin value average_purchase_value lifespan simple_clv",
        f"{MEASURES}::test_months",
    ),
    ("measures/periods", "scheme period at_start lost lost_share", f"{MEASURES}::test_the_lost_of_those_at_the_start"),
    ("measures/periods", "lifespan simple_clv", f"{MEASURES}::test_years"),
    ("measures/periods", "group", f"{MEASURES}::test_every_table_has_every_group_with_customers"),
    (
        "measures/cohorts",
        "scheme cohort age is_complete customers active active_share unbounded unbounded_share revenue margin "
        "cumulative_revenue cumulative_margin cumulative_value_per_customer",
        f"{MEASURES}::test_cohorts",
    ),
    ("measures/cohorts", "group", f"{MEASURES}::test_every_table_has_every_group_with_customers"),
    ("measures/gaps", "scheme days gaps censored at_risk not_back", f"{MEASURES}::test_time_between_purchases"),
    ("measures/gaps", "group", f"{MEASURES}::test_every_table_has_every_group_with_customers"),
    (
        "measures/stickiness",
        "scheme by value new observed back stickiness low high",
        f"{MEASURES}::test_stickiness_by_month",
    ),
    ("measures/stickiness", "group", f"{MEASURES}::test_every_table_has_every_group_with_customers"),
]

TERMS = {
    "return line, sale line": "engine/store/test_summary::test_a_flagged_return_with_a_positive_amount_is_taken_off",
    "window, both ends included": "engine/store/test_summary::test_both_ends_of_the_window_are_included",
    "as-of is the last day in the data": (
        "engine/store/test_summary::test_an_open_window_ends_with_the_last_day_in_the_data"
    ),
    "calendar day": "engine/orders/test_log::test_the_day_is_that_of_the_asked_zone_else_of_the_column",
    "margin from cost": "engine/orders/test_log::test_margin_is_amount_less_cost_unless_it_is_given",
    "risk horizon": f"{CUSTOMERS}::test_the_risk_horizon_is_what_it_takes_for_four_fifths_of_those_that_are_followed",
    "withheld risk": (
        "engine/selection/test_churn_risk::test_labels_that_are_no_better_than_chance_are_withheld_and_the_reason_given"
    ),
    "purchase day": f"{CUSTOMERS}::test_purchase_days_and_times",
    "thresholds of scores": f"{RFM}::test_thresholds_are_the_values_at_which_scores_begin",
    "nested scores": f"{RFM}::test_scores_within_scores",
    "fixed cut-offs": f"{RFM}::test_scores_by_cut_offs_of_ones_own",
    "segments of the presets": "engine/schemes/test_scheme::test_a_preset_names_every_cell_as_printed",
    "scores of customers never seen": "engine/rfm/test_scores::test_saved_thresholds_score_customers_never_seen",
    "months of CLV and their discount": (
        "engine/forecasts/test_clv::test_months_end_at_the_horizon_and_are_discounted_at_their_ends"
    ),
    "Gini with losses, the published example": (
        "engine/concentration/test_curves::test_the_gini_coefficient_says_which_one_it_is"
    ),
    "repeat customers alone": f"{CONCENTRATION}::test_repeat_customers_alone",
    "shares of a total that is not positive": (
        "engine/concentration/test_curves::test_a_total_that_is_not_positive_gives_amounts_and_no_shares"
    ),
    "retention by quarter": f"{MEASURES}::test_quarters",
    "retention by year": f"{MEASURES}::test_years",
    "stickiness by dimensions": "engine/measures/test_first_order::test_new_customers_are_counted_by_their_first_order",
    "migration between segments": "engine/comparison/test_migration::test_counts_are_those_of_the_customers_themselves",
}
"""What is no column, and the test that works it out."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Columns of every table that a run and a study of concentration write, by the name of the table."""
    folder = tmp_path_factory.mktemp("dozen")
    _, customers, tables = dozen.scored(folder, scoring=engine.Scoring(intervals=0.9))
    window = engine.Window(as_of=dozen.AS_OF)
    study = engine.concentrate(folder / "dozen.parquet", columns=dozen.COLUMNS, window=window)
    return {
        "customers": set(customers["ada"]),
        **{path.removesuffix(".parquet"): set(table.columns) for path, table in tables.items()},
        "measures of concentration": {field.name for field in fields(Concentration)},
        "appendix": {field.name for field in fields(Appendix)},
        "members": set(study.breakdowns[0].members.columns),
    }


def covered(table):
    return {name for covered_table, names, _ in COVERED if covered_table == table for name in names.split()}


@cache
def sources_of(module):
    """The source of each test of a module, by name."""
    source = (TESTS / f"{module}.py").read_text(encoding="utf-8")
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_source_segment(source, node) or "" for node in nodes}


def test_every_table_of_the_output_is_listed(written):
    assert {table for table, _, _ in COVERED} == written.keys()


@pytest.mark.parametrize("table", sorted({table for table, _, _ in COVERED}))
def test_every_column_of_the_output_is_worked_out_somewhere(written, table):
    assert covered(table) == written[table]


@pytest.mark.parametrize(("table", "names", "where"), COVERED)
def test_the_test_named_says_something_of_the_column(table, names, where):
    module, test = where.split("::")
    source = sources_of(module)[test]
    assert [name for name in names.split() if not re.search(rf"\b{name}\b", source)] == []


@pytest.mark.parametrize("where", TERMS.values(), ids=TERMS)
def test_the_test_of_every_term_exists(where):
    module, test = where.split("::")
    assert test in sources_of(module)
