"""`docs/outputs/`: a page of tables for each command. `python -m tests.tools.outputs` writes them."""

from pathlib import Path

from whalecurve.engine.outputs import commands, markdown, tables_of

FOLDER = Path(__file__).parents[2] / "docs" / "outputs"
HEAD = """# Files and columns

Every table that a command writes. Each result has its own tables in `schema.json`, as JSON Schema, and each column of
its Parquet files carries its meaning (Arrow's metadata of the field). `whalecurve schema DIR --as dbt` prints a
`schema.yml` with tests for dbt-duckdb, `whalecurve schema --as markdown` these pages as one.

Types are those of Polars; `id` and `time` are the types of customers' ids and of times in the orders, `any` that of the
values. `currency` is the currency of the amounts, `time unit` the unit that the models count time in.

| command | files |
| --- | --- |
"""


def pages() -> dict[str, str]:
    """The text of each page, by its file."""
    rows = [
        f"| [{command}]({command}.md) | {', '.join(f'`{table.file}`' for table in tables_of(command))} |\n"
        for command in commands()
    ]
    each = {f"{command}.md": _titled(command) for command in commands()}
    return {"README.md": HEAD + "".join(rows)} | each


def _titled(command: str) -> str:
    text = markdown(tables_of(command))
    return text.replace(f"## whalecurve {command}\n", f"# Files of `whalecurve {command}`\n", 1).replace(
        "\n### ", "\n## "
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
