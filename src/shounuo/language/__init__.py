"""The policy language: from a YAML file to a frozen Policy, every fault with line and remedy."""
