"""The server: API, console, pages."""
