"""The stories: one function for each kind of probe, told through the public interface."""
