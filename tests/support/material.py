"""Where the material that lives beside the repository is; tests ask the fixture `shared_material` for it."""

import os
from pathlib import Path

SHARED_MATERIAL = Path(os.environ.get("RENGA_SHARED_MATERIAL", Path(__file__).parents[3] / "shared"))
