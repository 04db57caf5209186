"""Makes the modules of deploy/dev importable for these tests."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "dev"
sys.path.insert(0, str(FOLDER))
