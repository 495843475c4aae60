"""The store: the only place that knows SQL, and the only place where a commit happens."""
