"""Kill it anywhere, fail every call, cut the power: what was promised still holds."""
