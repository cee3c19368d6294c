"""Ports: the few places where the world really varies."""
