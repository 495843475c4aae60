"""Bootstrap: the only place that reads Settings and names concrete classes."""
