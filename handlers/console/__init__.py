"""The console: the desk in a browser, drawn from committed state and redrawn as events come."""
