"""`renga deploy`: from a working tree to Services that are Ready and have answered, by programs that everybody has.

`plan` says what will be run, as data; `renga_dev.images` how images are made. The other modules read what came of it:
`differences` what would change, `readiness` how far each Service is. Nothing here prints.
"""
