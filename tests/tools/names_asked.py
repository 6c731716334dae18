"""The names that `import --live` and `lint --live` ask of a domain, from the catalogue's files and the words of README.md alone.

Standard output: the names below the domain, one a line, sorted; the empty line is the domain itself. Argument: the folder of the senders;
without one only the names that are asked of every domain.
"""

import pathlib
import sys
import tomllib

# "the apex, www, mail, and the names of DMARC, MTA-STS, TLS-RPT and BIMI"
USUAL = ["", "www", "mail", "_dmarc", "_mta-sts", "mta-sts", "_smtp._tls", "default._bimi"]


def is_fixed(name):
    """Whether a name is the same for every customer."""
    return name not in ("", "@") and "{" not in name and "*" not in name


def selectors(sender):
    for dkim in sender.get("dkim", []):
        selector = dkim["selector"]
        # The customer's own choice: what the vendor proposes is the likeliest.
        for name, variable in sender.get("variable", {}).items():
            if selector == "{{ " + name.replace("-", "_") + " }}":
                selector = variable.get("default", selector)
        yield selector, dkim.get("host", "")
    for selector in sender.get("recognise", {}).get("dkim", []):
        yield selector, ""
    for retired in sender.get("retired", []):
        if "dkim" in retired:
            yield retired["dkim"], ""


names = set(USUAL)
for file in (file for folder in sys.argv[1:] for file in pathlib.Path(folder).glob("*.toml")):
    sender = tomllib.loads(file.read_text(encoding="utf-8"))
    for selector, host in selectors(sender):
        if is_fixed(selector) and "{" not in host:
            names.add(f"{selector}._domainkey" + (f".{host}" if host else ""))
    for record in sender.get("record", []):
        if is_fixed(record.get("name", "@")):
            names.add(record["name"])
print("\n".join(sorted(name.lower() for name in names)))
