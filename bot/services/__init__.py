"""What the desk does: one file per thing, each an operation on one transaction."""
