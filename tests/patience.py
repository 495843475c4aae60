"""How long a test waits for what it expects.

A machine that is busy with something else takes ten times as long as a quiet one. Whoever waits
for something that must not happen waits for a sign that it could have happened, not for a time.
"""

PATIENCE = 60.0
"""Seconds."""
