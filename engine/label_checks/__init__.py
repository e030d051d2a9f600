"""Labels of the past against what followed: whether customers did what their segment, cell or tier says of them."""
