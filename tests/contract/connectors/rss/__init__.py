"""Feeds before the contract suite."""
