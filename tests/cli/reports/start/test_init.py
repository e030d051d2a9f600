from whalecurve.cli.reports.start.init import proposal_text
from whalecurve.engine.errors import Message, setting

RECORD = {
    "log": "a.csv",
    "export": None,
    "title": "",
    "settings": {"customer": "email", "fill_down": "email"},
    "why": {"customer": 'called "email"', "fill_down": ""},
    "doubts": [],
    "notes": [],
    "dimensions": [],
    "rows_sampled": 1200,
    "lines_tried": 1100,
    "refused": {},
    "written": "whalecurve.toml",
}


def test_decisions_come_by_option_with_why_below():
    assert proposal_text(RECORD, "whalecurve check a.csv").splitlines() == [
        "a.csv: no export that is known; 1,200 rows looked at",
        "",
        "customer     email",
        '             called "email"',
        "fill-down    email",
        "",
        "of 1,100 lines, 1,100 can be used",
        "",
        "written to whalecurve.toml",
        "next: whalecurve check a.csv",
    ]


def test_refused_lines_doubts_and_notes_are_told_where_there_are_some():
    doubt = Message(f"{setting('amount')} may as well be total")
    more = {
        "title": "Shop",
        "refused": {"null_time": 100},
        "doubts": [doubt],
        "notes": ["as it is"],
        "dimensions": ["x"],
    }
    text = proposal_text(RECORD | more, "next")
    assert text.startswith("a.csv: Shop, recognised by its columns;")
    assert "\nof 1,100 lines, 1,000 can be used; 100 are refused (100 null_time)\n" in text
    assert "\nnot sure: --amount may as well be total\n" in text
    assert "\nnote: as it is\n" in text
    assert "\ncolumns to compare by: x\n" in text
