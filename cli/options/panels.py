"""Panels of options in help texts, and the sections of a settings file that hold the same options."""

COLUMNS_PANEL = "Columns: each a name or an SQL expression"
WINDOW_PANEL = "Which days are observed"
SCORING_PANEL = "How customers are scored"
WRITING_PANEL = "What is written"
RUNNING_PANEL = "How it runs"
STORAGE_PANEL = "How object stores are reached"

ADVANCED_PANEL = "Advanced: finer choices of scoring"
"""Stands last in every help text."""

SECTIONS = {
    COLUMNS_PANEL: "columns",
    WINDOW_PANEL: "window",
    SCORING_PANEL: "scoring",
    ADVANCED_PANEL: "scoring",
    WRITING_PANEL: "output",
    RUNNING_PANEL: "running",
    STORAGE_PANEL: "storage",
}
"""Sections that all commands share, by the panel of their options. One with a command's name is for it alone."""
