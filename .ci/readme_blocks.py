"""Print the code block of a README that follows the marker ``<!-- block: NAME -->`` or ``<!-- paste: NAME -->``."""

import re
import sys
from pathlib import Path

text = Path(sys.argv[1]).read_text(encoding="utf-8")
found = re.search(rf"<!-- (?:block|paste): {re.escape(sys.argv[2])} -->\s*```\w*\n(.*?)```", text, re.DOTALL)
if not found:
    sys.exit(f"no block {sys.argv[2]!r} in {sys.argv[1]}")
print(found[1])
