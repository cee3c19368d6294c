"""The prover: plays every promise against a running system, and breaks each control to see it noticed."""
