"""Draws the plots of dvc.yaml without a network or a browser.

    python -m sokrates.ops.plots page FILE      the page that `dvc plots show` fills, scripts included
    python -m sokrates.ops.plots svg FOLDER     each plot as FOLDER/NAME.svg

DVC's own page loads its scripts from the network, when it is opened. `make setup` writes ours and names it in
.dvc/config.local, which is not in git: without set-up, `dvc plots show` makes DVC's own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import vl_convert
import yaml

EXPORTS = "window.vegaEmbed = vegaEmbed; window.vega = vega; window.vegaLite = vegaLite;"


def page() -> str:
    """A page with DVC's placeholder for the plots and every script that they need."""
    scripts = vl_convert.javascript_bundle(EXPORTS).replace("</script", "<\\/script")
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>SOKRATES: plots</title>\n'
        f"<script>{scripts}</script></head>\n<body>{{plot_divs}}</body></html>\n"
    )


def svg(name: str) -> str | None:
    """The plot of that name in dvc.yaml as SVG, drawn from the workspace; None if its files have no row."""
    shown = subprocess.run(
        ["dvc", "plots", "show", name, "--show-vega"], capture_output=True, text=True, check=True
    )
    plot = json.loads(shown.stdout)
    return vl_convert.vegalite_to_svg(plot) if plot else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["page", "svg"])
    parser.add_argument("target", type=Path, metavar="FILE or FOLDER")
    args = parser.parse_args()
    target: Path = args.target
    folder = target if args.what == "svg" else target.parent
    folder.mkdir(parents=True, exist_ok=True)
    if args.what == "page":
        target.write_text(page(), encoding="utf-8")
        return
    for plot in yaml.safe_load(Path("dvc.yaml").read_text())["plots"]:
        (name,) = plot
        drawn = svg(name)
        if drawn is None:
            print(f"{name}: no data, not drawn")
        else:
            (target / f"{name}.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
