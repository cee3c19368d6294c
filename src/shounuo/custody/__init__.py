"""Custody: where keys live that must never lie in the database."""
