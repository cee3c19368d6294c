"""The words of the field, pure: no clock, no I/O, no settings, no randomness."""
