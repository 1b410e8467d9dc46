"""report: the run as one page, with every evaluated proof to read.

python -m stages.report    writes reports/report.html
"""

from pathlib import Path

from sokrates.pipeline import params as settings
from sokrates.pipeline.runlog import main, run
from sokrates.report.page import write_run_page


def report() -> None:
    with run("report", settings.load()):
        write_run_page(Path("."), Path("reports/report.html"))


if __name__ == "__main__":
    main(report)
