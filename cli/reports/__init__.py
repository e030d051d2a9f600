"""Results as text and JSON, a command a file by its panel; what several of them say is here."""
