import json

import duckdb
import jsonschema

from whalecurve.engine.outputs import Column, Table, commands, dbt_sources, json_schema, markdown, tables_of

TABLE = Table(
    command="score",
    file="customers/*.parquet",
    rows="one row per customer",
    columns=(
        Column(name="customer_id", type="id", meaning="the customer"),
        Column(name="clv", type="Float64", unit="currency", null="never bought", meaning='the "value" | to come'),
        Column(name="margin", type="Float64", unit="currency", optional="margin is mapped", meaning="sum"),
        Column(name="*_purchases", type="Float64", meaning="of a model"),
    ),
)


def test_json_schema_has_types_and_says_what_may_be_missing():
    (rows,) = json_schema([TABLE])["$defs"].values()
    assert rows["required"] == ["customer_id", "clv"]
    assert rows["properties"]["clv"] == {
        "type": ["number", "null"],
        "description": 'the "value" | to come',
        "x-type": "Float64",
        "x-unit": "currency",
        "x-null-when": "never bought",
    }
    assert rows["properties"]["customer_id"]["type"] == ["integer", "string"]
    assert list(rows["patternProperties"]) == ["^.*_purchases$"]


def test_rows_of_a_table_meet_its_schema_and_other_rows_do_not():
    (rows,) = json_schema([TABLE])["$defs"].values()
    validator = jsonschema.Draft202012Validator(rows)
    assert validator.is_valid({"customer_id": 3, "clv": None, "bgnbd_purchases": 0.5})
    assert not validator.is_valid({"customer_id": None, "clv": 1.0})
    assert not validator.is_valid({"customer_id": 3, "clv": 1.0, "other": 1})


def test_sources_of_dbt_quote_what_they_are_told_and_test_what_holds():
    text = dbt_sources([TABLE], {"score": "out"})
    assert '          external_location: "out/customers/*.parquet"\n' in text
    assert (
        '          - name: "customer_id"\n'
        "            quote: true\n"
        '            description: "the customer"\n'
        "            data_tests: [unique, not_null]\n"
    ) in text
    assert '            description: "the \\"value\\" | to come (currency); null: never bought"\n' in text
    assert "_purchases" not in text


def test_a_page_escapes_bars_and_says_when_a_column_is_there():
    page = markdown([TABLE])
    assert "## whalecurve score\n\n### `customers/*.parquet`\n\nOne row per customer.\n" in page
    assert '| `clv` | Float64, currency | the "value" \\| to come | never bought |' in page
    assert "| `margin` | Float64, currency | sum (there when margin is mapped) | never |" in page


def test_types_of_all_columns_are_known_to_every_form():
    every = [table for command in commands() for table in tables_of(command)]
    for table in every:
        for column in table.columns:
            assert column.type in {
                *("String", "Boolean", "Date", "Float64", "List(String)", "UInt8", "UInt32", "Int32", "Int64"),
                *("id", "time", "any"),
            }, column
    json.dumps(json_schema(every))


def test_types_for_dbt_are_those_of_duckdb():
    text = dbt_sources(
        [table for command in commands() for table in tables_of(command)], dict.fromkeys(commands(), "x")
    )
    types = {line.split(": ")[1] for line in text.splitlines() if "data_type" in line}
    assert {"varchar", "double", "utinyint"} <= types
    for name in types:
        assert duckdb.sql(f"SELECT CAST(NULL AS {name})").fetchall() == [(None,)]
