"""An image's layers, bottom first, a line each: digest, size in MB (uncompressed), instruction.

Use: buildah inspect --type image IMAGE | python3 docker/layers.py STORAGE/DRIVER-layers/layers.json
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

image = json.load(sys.stdin)["OCIv1"]
sizes = {layer.get("diff-digest"): layer.get("diff-size") for layer in json.loads(Path(sys.argv[1]).read_text())}
made_by = [step["created_by"] for step in image["history"] if not step.get("empty_layer")]
for digest, step in zip(image["rootfs"]["diff_ids"], made_by, strict=True):
    instruction = re.sub(r"^/bin/sh -c (#\(nop\) )?", "", re.sub(r"(dir|file|multi):\w+ in", "…", step))
    print(f"{digest[7:19]}  {sizes[digest] / 1e6:8.1f} MB  {' '.join(instruction.split())[:70]}")
