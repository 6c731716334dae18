"""Reads zone files with dnspython. Standard input: a JSON list of {"origin", "file"}, with "include" if it may include files beside it; standard output: for each, {"records"} or {"error"}.

A record is {"name": lower case, without the final dot; "type"; "ttl"; "octets": RDATA in hexadecimal, uncompressed; "text": of a TXT, its
strings joined, in hexadecimal, else null}.
"""

import json
import os
import sys

import dns.name
import dns.rdatatype
import dns.zone


def read(origin, path, include):
    # dnspython sees the names of included files from where it runs.
    os.chdir(os.path.dirname(path) if include else "/")
    with open(path, encoding="utf-8") as file:
        zone = dns.zone.from_file(
            file, origin=dns.name.from_text(origin), relativize=False, allow_include=include, check_origin=not include
        )
    return [
        {
            "name": name.to_text(omit_final_dot=True).lower(),
            "type": dns.rdatatype.to_text(rdata.rdtype),
            "ttl": ttl,
            "octets": rdata.to_wire().hex(),
            "text": b"".join(rdata.strings).hex() if rdata.rdtype == dns.rdatatype.TXT else None,
        }
        for name, ttl, rdata in zone.iterate_rdatas()
    ]


def answer(job):
    try:
        return {"records": read(job["origin"], job["file"], job.get("include", False))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(job) for job in json.load(sys.stdin)], sys.stdout)
