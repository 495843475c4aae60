"""How good the alerts are, on public data that stays outside of the project."""
