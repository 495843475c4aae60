"""Every clock of the desk: how it is set, and a process that is killed while it strikes.

`table` has the clocks, `child` is the process that dies, `kept` is the world that it does not take
with it. What is no process's death is in `tests/unit/test_clocks.py`.
"""
