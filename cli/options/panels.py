"""Panels of options in help texts, and the sections of a settings file that hold the same options."""

COLUMNS_PANEL = "Columns: each a name or an SQL expression"
WINDOW_PANEL = "Which days are observed"
SCORING_PANEL = "How customers are scored"
WRITING_PANEL = "What is written"
RUNNING_PANEL = "How it runs"

SECTIONS = {
    "columns": COLUMNS_PANEL,
    "window": WINDOW_PANEL,
    "scoring": SCORING_PANEL,
    "output": WRITING_PANEL,
    "running": RUNNING_PANEL,
}
"""Sections that all commands share, by name. A section with a command's name is for that command alone."""
