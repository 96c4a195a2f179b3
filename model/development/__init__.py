"""development."""
