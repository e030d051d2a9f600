"""What a run read and wrote, as an event of OpenLineage: for catalogues that follow data from table to table."""

from whalecurve.engine.lineage.event import check_lineage, completed, write_lineage

__all__ = ["check_lineage", "completed", "write_lineage"]
