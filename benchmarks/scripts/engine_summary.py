"""The engine as a library: imported, and asked for one summary of an order log."""

import sys

from whalecurve.engine import Window, customer_summary, scan_orders

if __name__ == "__main__":
    customer_summary(scan_orders(sys.argv[1]), Window()).collect()
