"""How an order log may be read: the export recognised, or roles by names and content; `whalecurve init`."""
