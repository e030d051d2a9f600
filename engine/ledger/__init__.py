"""Order lines to one row of exact totals a customer."""
