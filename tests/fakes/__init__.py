"""Stand-ins that tests own: clocks, networks, proxies."""
