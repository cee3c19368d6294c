"""Legal rules with citation and date, and the official working days."""
