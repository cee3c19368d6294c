"""Policies as people read them: a document made from the entries, written as HTML or Markdown."""
