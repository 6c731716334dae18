"""Reads the formats for other tools back, each with a reader that is not zoneplan's.

Standard input: a JSON list of {"format", "folder": where the files are}; standard output: for each, {"zones": {origin: [record]}} or {"error"}.
A record is as read_zone.py has it, without its octets if it is a TXT: tools cut its strings anew.
"""

import csv
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.tsig
import dns.zone

# Debian keeps named where only root looks.
PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"


def name(text):
    return dns.name.from_text(text).to_text(omit_final_dot=True).lower()


def rdata(rtype, text):
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rtype), text, origin=dns.name.root, relativize=False)


def txt(value):
    """A TXT of its joined octets."""
    strings = [value[i : i + 255] for i in range(0, len(value), 255)] or [b""]
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)


def fact(owner, ttl, data):
    is_txt = data.rdtype == dns.rdatatype.TXT
    if is_txt:
        assert all(len(string) <= 255 for string in data.strings)
    return {
        "name": owner,
        "type": dns.rdatatype.to_text(data.rdtype),
        "ttl": ttl,
        "octets": "" if is_txt else data.to_wire(origin=dns.name.root).hex(),
        "text": b"".join(data.strings).hex() if is_txt else None,
    }


def zone_facts(zone, without=()):
    facts = [fact(name(owner.to_text()), ttl, data) for owner, ttl, data in zone.iterate_rdatas()]
    return [f for f in facts if f["type"] not in without]


def files(folder, ending):
    """Files by origin; several files of one zone have a number before the ending."""
    for entry in sorted(os.listdir(folder)):
        if entry.endswith(ending):
            origin = re.sub(r"\.\d+$", "", entry[: -len(ending)])
            # The keyzone's part is named after its site.
            if origin.endswith(".keyzone"):
                with open(os.path.join(folder, "keyzone-origin"), encoding="utf-8") as file:
                    origin = file.read()
            yield origin, os.path.join(folder, entry)


def collect(folder, ending, read):
    zones = {}
    for origin, path in files(folder, ending):
        with open(path, encoding="utf-8", newline="") as file:
            zones.setdefault(origin, []).extend(read(origin, file.read(), path))
    return zones


# octoDNS: its own validation, then its own way into a zone file, which must come back without a difference.
def octodns(folder):
    import logging

    from octodns.manager import Manager

    logging.disable(logging.CRITICAL)
    origins = [origin for origin, _ in files(folder, ".yaml")]
    out = tempfile.mkdtemp()
    config = {
        "providers": {
            "config": {
                "class": "octodns.provider.yaml.YamlProvider",
                "directory": folder,
                "escaped_semicolons": True,
                "default_ttl": 1,
            },
            "bind": {"class": "octodns_bind.ZoneFileProvider", "directory": out, "check_origin": False},
        },
        "zones": {f"{origin}.": {"sources": ["config"], "targets": ["bind"]} for origin in origins},
    }
    path = os.path.join(out, "config.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    validate = os.path.join(os.path.dirname(sys.executable), "octodns-validate")
    subprocess.run([validate, "--config-file", path], check=True, capture_output=True)
    Manager(path).sync(dry_run=False, force=True)
    changes = Manager(path).sync(dry_run=True, force=True)
    assert not changes, f"octoDNS sees {changes} differences to the zone that it wrote itself"
    zones = {}
    for origin in origins:
        written = os.path.join(out, f"{origin}.")
        if os.path.exists(written):
            zone = dns.zone.from_file(written, origin=f"{origin}.", relativize=False, check_origin=False)
            zones[origin] = zone_facts(zone, {"SOA"})
        else:
            zones[origin] = []
    return zones


def dnscontrol(folder):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dnscontrol.js")
    zones = {}
    for _, path in files(folder, ".dnsconfig.js"):
        with open(path, "rb") as file:
            answer = subprocess.run(["node", script], stdin=file, check=True, capture_output=True)
        for domain in json.loads(answer.stdout):
            assert "no-purge" in domain["modifiers"]
            zones[domain["zone"]] = [js_fact(domain["zone"], record) for record in domain["records"]]
    return zones


def js_fact(zone, record):
    owner = zone if record["name"] == "@" else f"{record['name']}.{zone}"
    values = record["values"]
    if record["type"] == "TXT":
        (value,) = values
        data = txt(value.encode())
    elif record["type"] == "CAA":
        tag, value = values
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        data = rdata("CAA", f'{128 if record["critical"] else 0} {tag} "{quoted}"')
    else:
        data = rdata(record["type"], " ".join(str(value) for value in values))
    return fact(name(owner), record["ttl"], data)


def hcl_string(value):
    """python-hcl2 leaves strings as they are written; without templates their escapes are those of JSON."""
    assert not re.search(r"[$%]\{", value), value
    return json.loads(value)


def terraform(kind, read):
    def zone(_origin, text, _path):
        import hcl2

        document = hcl2.loads(text)
        variables = {key.strip('"') for block in document.get("variable", []) for key in block if key != "__is_block__"}
        for block in document.get("resource", []):
            for resource, body in block[f'"{kind}"'].items():
                assert re.fullmatch(r'"[A-Za-z_][A-Za-z0-9_-]*"', resource), resource
                assert body["zone_id"].removeprefix("${var.").removesuffix("}") in variables
                yield from read(body)

    return zone


def aws(body):
    rtype = hcl_string(body["type"])
    for value in body["records"]:
        value = hcl_string(value)
        # The provider puts a TXT into quotes.
        yield route53_fact(hcl_string(body["name"]), rtype, body["ttl"], f'"{value}"' if rtype == "TXT" else value)


def cloudflare_record(body):
    rtype = hcl_string(body["type"])
    if "data" in body:
        data = {key: hcl_string(value) if isinstance(value, str) else value for key, value in body["data"].items()}
        order = {
            "SRV": ["priority", "weight", "port", "target"],
            "TLSA": ["usage", "selector", "matching_type", "certificate"],
            "SSHFP": ["algorithm", "type", "fingerprint"],
            "DS": ["key_tag", "algorithm", "digest_type", "digest"],
            "CAA": ["flags", "tag", "value"],
        }[rtype]
        assert set(data) == set(order)
        if rtype == "CAA":
            data["value"] = '"' + data["value"].replace("\\", "\\\\").replace('"', '\\"') + '"'
        value = " ".join(str(data[key]) for key in order)
        assert rtype != "SRV" or body["priority"] == data["priority"]
    else:
        value = hcl_string(body["content"])
        if rtype == "MX":
            value = f"{body['priority']} {value}"
    yield fact(name(hcl_string(body["name"])), body["ttl"], rdata(rtype, value))


def octal(text):
    """Route 53's escapes are octal where zone files have decimal ones."""
    return re.sub(r"\\(?:([0-7]{3})|(.))", lambda m: f"\\{int(m[1], 8):03}" if m[1] else m[0], text)


def route53_fact(owner, rtype, ttl, value):
    assert len(value) <= 4000
    if rtype == "TXT":
        for string in re.findall(r'"((?:[^"\\]|\\.)*)"', value):
            assert len(string) <= 255
    return fact(name(octal(owner)), ttl, rdata(rtype, octal(value)))


def route53(_origin, text, _path):
    batch = json.loads(text)
    assert len(batch["Comment"]) <= 256
    sets = set()
    for change in batch["Changes"]:
        assert change["Action"] == "UPSERT"
        rrset = change["ResourceRecordSet"]
        assert re.fullmatch(r"(?:[a-z0-9_-]|\\[0-3][0-7]{2}|\.)+", rrset["Name"])
        assert (rrset["Name"], rrset["Type"]) not in sets, "one change for each name and type"
        sets.add((rrset["Name"], rrset["Type"]))
        for record in rrset["ResourceRecords"]:
            yield route53_fact(rrset["Name"], rrset["Type"], rrset["TTL"], record["Value"])


HEADER = "@ 3600 IN SOA ns1.wrap.invalid. hostmaster.wrap.invalid. 1 7200 3600 1209600 3600\n@ 3600 IN NS ns1.wrap.invalid.\n"


def unwrapped(zone):
    facts = zone_facts(zone, {"SOA"})
    wrapped = dns.name.from_text("ns1.wrap.invalid").to_wire().hex()
    return [f for f in facts if f["octets"] != wrapped]


def cloudflare(origin, text, path):
    plain = dns.zone.from_text(text, origin=f"{origin}.", relativize=False, check_origin=False)
    wrapped = path + ".wrapped"
    with open(wrapped, "w", encoding="utf-8") as file:
        file.write(HEADER + text)
    command = ["named-compilezone", "-q", "-i", "none", "-k", "ignore", "-F", "text", "-o", path + ".compiled", origin, wrapped]
    subprocess.run(command, check=True, env={"PATH": PATH}, capture_output=True)
    compiled = unwrapped(dns.zone.from_file(path + ".compiled", origin=f"{origin}.", relativize=False))
    facts = zone_facts(plain)
    assert sorted(map(str, facts)) == sorted(map(str, compiled)), "BIND and dnspython do not read the same"
    return facts


SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# A real named on 127.0.0.1 takes the script with TSIG, twice, and gives the zone by AXFR.
def nsupdate(folder):
    scripts = dict(files(folder, ".nsupdate"))
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        zones = ""
        for number, (origin, path) in enumerate(scripts.items()):
            with open(path, encoding="utf-8") as file:
                has_txt = f"update delete {origin}. IN TXT\n" in file.read()
            with open(f"{home}/{number}.db", "w", encoding="utf-8") as file:
                # What stands at a managed name and type before, and must go.
                old = '@ 3600 IN TXT "v=spf1 -all"\n' if has_txt else ""
                file.write(f"$ORIGIN {origin}.\n{HEADER}{old}")
            zones += f'zone "{origin}" {{ type primary; file "{home}/{number}.db"; check-names ignore; allow-update {{ key k; }}; allow-transfer {{ key k; }}; }};\n'
        with open(f"{home}/named.conf", "w", encoding="utf-8") as file:
            file.write(
                f'key k {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n'
                f'options {{ directory "{home}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; pid-file none; '
                f'session-keyfile "{home}/session.key"; recursion no; dnssec-validation no; notify no; }};\n'
                f"controls {{ }};\n{zones}"
            )
        with open(f"{home}/key", "w", encoding="utf-8") as file:
            file.write(f'key k {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n')
        with open(f"{home}/log", "wb") as log:
            named = subprocess.Popen(
                ["named", "-f", "-n", "1", "-c", f"{home}/named.conf"], env={"PATH": PATH}, stdout=log, stderr=log
            )
        try:
            wait_for(named, port, home)
            for origin, path in list(scripts.items()) * 2:
                with open(path, encoding="utf-8") as file:
                    script = f"server 127.0.0.1 {port}\n" + file.read()
                answer = subprocess.run(
                    ["nsupdate", "-v", "-k", f"{home}/key"], input=script.encode(), capture_output=True, env={"PATH": PATH}
                )
                assert answer.returncode == 0 and not answer.stderr, f"{origin}: nsupdate: {answer.stderr.decode()}"
            return {origin: transfer(origin, port) for origin in scripts}
        finally:
            named.terminate()
            named.wait()


def wait_for(named, port, home):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert named.poll() is None, open(f"{home}/log", encoding="utf-8").read()
            time.sleep(0.05)
    raise AssertionError("named does not listen")


def transfer(origin, port):
    keyring = {dns.name.from_text("k"): dns.tsig.Key("k", SECRET, dns.tsig.HMAC_SHA256)}
    messages = dns.query.xfr("127.0.0.1", origin, port=port, keyring=keyring, relativize=False, lifetime=30)
    return unwrapped(dns.zone.from_xfr(messages, relativize=False))


def csv_file(folder):
    zones = {}
    for _, path in files(folder, ".csv"):
        with open(path, encoding="ascii", newline="") as file:
            text = file.read()
        assert "\n" not in text.replace("\r\n", "")
        for row in csv.DictReader(text.splitlines(), strict=True):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values()), row
            record = fact(name(row["name"]), int(row["ttl"]), rdata(row["type"], row["value"]))
            zones.setdefault(row["zone"], []).append(record)
    return zones


READERS = {
    "octodns": octodns,
    "dnscontrol": dnscontrol,
    "terraform-cloudflare": lambda folder: collect(
        folder, ".cloudflare.tf", terraform("cloudflare_dns_record", cloudflare_record)
    ),
    "terraform-aws": lambda folder: collect(folder, ".aws.tf", terraform("aws_route53_record", aws)),
    "route53": lambda folder: collect(folder, ".route53.json", route53),
    "cloudflare": lambda folder: collect(folder, ".cloudflare.txt", cloudflare),
    "nsupdate": nsupdate,
    "csv": csv_file,
}


def answer(job):
    try:
        return {"zones": READERS[job["format"]](job["folder"])}
    except subprocess.CalledProcessError as error:
        return {"error": f"{error}: {error.stderr.decode()}"}
    except FileNotFoundError as error:
        return {"error": f"{error} (Debian: bind9, bind9-dnsutils, bind9-utils, nodejs)"}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(job) for job in json.load(sys.stdin)], sys.stdout)
