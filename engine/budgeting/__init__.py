"""Where a budget for contacting customers goes: over segments and offers, by what each is expected to bring."""
