"""The vault: what people told us, sealed, and the keys it is sealed under."""
