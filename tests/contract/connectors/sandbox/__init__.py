"""The sandbox network under the connector contract."""
