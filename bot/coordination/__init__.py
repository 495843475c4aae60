"""Limits, wake-up and event feed: how loops and processes agree without knowing each other."""
