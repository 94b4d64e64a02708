"""Images of functions: how they are made, what is in them, and by which digests they go. Nothing here knows a cluster.

`build` says what will be run, as data. `digests` reads what builders say of what they made; the others read the OCI
layout that buildah leaves.
"""
