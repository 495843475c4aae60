"""The core of the desk: no chat's and no network's name below bootstrap."""
