"""Training `links`: from schemas that declare their foreign keys to a version that the service can load.

`making.train` is the whole way. It wants LightGBM, which nothing else here does: the extra `train`.
"""
