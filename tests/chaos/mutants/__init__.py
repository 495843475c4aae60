"""Desks with one promise broken on purpose: what the judge must catch."""
