"""Lists of customers for the tools that act on them: mailing, advertising, customer relations."""
