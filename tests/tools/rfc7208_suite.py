"""Prints the RFC 7208 test suite of openspf.org as JSON, read from the source package of pyspf in tests/.venv (tests/run puts it there).

Standard output: a list of {"title", "zone": {name: [[type, value]]}, "tests": [{"id", "ip", "helo", "mail_from", "results": [word],
"explanation"}]}; the explanation is absent where the suite says nothing of it, and null where it is to be the receiver's own.
"""

import json
import pathlib
import sys
import tarfile

import yaml

ARCHIVE = pathlib.Path(sys.prefix) / "sdists" / "pyspf-2.0.14.tar.gz"
SUITE = "pyspf-2.0.14/test/rfc7208-tests.yml"


def records(entries):
    """The suite has records of type SPF, which stand for TXT as well unless there is a TXT; `TXT: NONE` says that there is none."""
    rows = [("TIMEOUT", None) if entry == "TIMEOUT" else next(iter(entry.items())) for entry in entries]
    if not any(rtype == "TXT" for rtype, _ in rows):
        rows += [("TXT", value) for rtype, value in rows if rtype == "SPF"]
    return [[rtype, value] for rtype, value in rows if rtype != "SPF" and (rtype, value) != ("TXT", "NONE")]


def test(name, fields):
    results = fields["result"]
    out = {
        "id": name,
        "ip": fields["host"],
        "helo": fields["helo"],
        "mail_from": fields["mailfrom"],
        "results": results if isinstance(results, list) else [results],
    }
    if "explanation" in fields:
        out["explanation"] = None if fields["explanation"] == "DEFAULT" else fields["explanation"]
    return out


if not ARCHIVE.is_file():
    sys.exit(f"{ARCHIVE} is not there: tests/run downloads it")
with tarfile.open(ARCHIVE) as archive:
    text = archive.extractfile(SUITE).read()
json.dump(
    [
        {
            "title": scenario["description"],
            "zone": {name.lower(): records(entries) for name, entries in scenario["zonedata"].items()},
            "tests": [test(name, fields) for name, fields in scenario["tests"].items()],
        }
        for scenario in yaml.safe_load_all(text)
        if scenario
    ],
    sys.stdout,
)
