"""What we owe, one verb a file."""
