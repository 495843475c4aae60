"""One package per network: its recorded fixtures, its fake network and its `CASE`."""
