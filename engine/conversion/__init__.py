"""An order log of any kind of files as Parquet."""
