"""Doors: each translates what comes in, calls the Desk or the Inlet, and answers."""
