"""`python -m renga_infer`: the inference service, on the port that PORT says, until SIGTERM."""

import asyncio
import logging
import os
import sys

from renga_infer.settings import InferenceSettings, SettingsError

# Before numpy is imported: models are small, and each has a thread; threads within threads only wait for each other.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")


def main() -> int:
    """Serve; a setting that is wrong ends the process with its reason before the port is bound."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        settings = InferenceSettings.from_environment()
    except SettingsError as error:
        sys.stderr.write(f"renga_infer: {error}\n")
        return 1
    from renga_infer.registry.stores import store_at
    from renga_infer.server.running import listen, serve

    try:
        store = store_at(settings.models, settings.cache, settings.cache_bytes)
        listener = listen(settings)
    except ValueError as error:
        sys.stderr.write(f"renga_infer: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"renga_infer: cannot listen: {error.strerror or error}. Set PORT to a free port.\n")
        return 1
    asyncio.run(serve(settings, store, listener))
    return 0


if __name__ == "__main__":
    sys.exit(main())
