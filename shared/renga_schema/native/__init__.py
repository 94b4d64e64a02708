"""Renga's own format for schemas: YAML, and JSON as its subset, for people to write.

`document` turns the text into data whose every part knows its place, `definition` says what may stand in it,
`shorthand` reads its short forms, and `build` makes the schema.
"""
