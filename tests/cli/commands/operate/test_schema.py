import json

from tests.support.commands import printed, refusal


def test_all_tables_are_printed_in_each_form():
    assert "score/customers" in json.loads(printed("schema"))["$defs"]
    assert printed("schema", "--as", "dbt").startswith("version: 2\n")
    assert printed("schema", "--as", "markdown").startswith("## whalecurve acquisition\n")


def test_a_directory_without_a_result_is_refused(tmp_path):
    assert "no whalecurve result" in refusal("schema", tmp_path)
