"""The user's definitions: segments, tiers and actions, as TOML."""
