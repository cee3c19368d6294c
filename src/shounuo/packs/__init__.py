"""The packs: policies that come with Shounuo, as data."""
