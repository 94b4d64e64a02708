"""Training `links`: from schemas that declare their foreign keys to a version that the service can load.

`making.train` is the whole way; it wants numpy and safetensors alone.
"""
