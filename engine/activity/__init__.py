"""What customers do beside buying: visits, carts, e-mails, contacts; and whether it tells who buys next."""
