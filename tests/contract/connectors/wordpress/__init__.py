"""WordPress before the contract suite."""
