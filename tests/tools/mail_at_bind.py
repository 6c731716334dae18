"""Signs mail, and checks it with no other DNS than a BIND that serves the zones that are handed in.

Standard input: {"folder": an empty one to work in, "zones": {origin: file}, "domain": of the mail, "keys": {selector: file with the private
key}, "addresses": [text]}.
Standard output: {"dkim": [{"selector"; "signed", "verified": "dkimpy" or "opendkim"; "result": "pass", or why not; "d": the
signing domain}], "spf": {address: result}, "dmarc": the text at _dmarc, or null, "strange": whether anything else than the zones has an
answer}.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time

import dkim
import dns.resolver
import spf

LOCAL = "127.0.0.1"


def only_here(event, details):
    """No packet leaves this machine, and nothing but our resolver looks names up."""
    if event in ("socket.connect", "socket.sendto") and isinstance(details[1], tuple) and details[1][0] != LOCAL:
        raise AssertionError(f"{event} {details[1]}")
    if event == "socket.getaddrinfo" and details[0] not in (LOCAL, None):
        raise AssertionError(f"{event} {details[0]}")


sys.addaudithook(only_here)

work = json.load(sys.stdin)
domain = work["domain"]
# Short and relative paths: a socket's may have 107 octets.
os.chdir(work["folder"])


def program(name, package):
    # Debian keeps servers where only root looks.
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin")
    assert path, f"{name} must be installed (Debian: {package})"
    return path


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


@contextlib.contextmanager
def running(command, is_up, tries=300):
    """Runs a server in the foreground until the block ends, however it ends."""
    with open("log", "ab") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        for _ in range(tries):
            if server.poll() is not None:
                break
            if is_up():
                yield
                return
            time.sleep(0.05)
        with open("log", encoding="utf-8", errors="replace") as log:
            raise AssertionError(f"{command[0]} does not come up: {log.read()}")
    finally:
        # Nothing is kept of it, and OpenDKIM takes five seconds to end by itself.
        server.kill()
        server.wait()


# --- BIND


def free_port():
    """A port that neither UDP nor TCP uses."""
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((LOCAL, 0))
            port = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind((LOCAL, port))
                return port


port = free_port()
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = [LOCAL]
resolver.port = port
resolver.lifetime = 10


def ask(name, rtype):
    try:
        return list(resolver.resolve(name, rtype, raise_on_no_answer=False).rrset or [])
    except dns.resolver.NXDOMAIN:
        return []


def bind():
    """It resolves, but knows no root but its own: what is not in its zones does not exist, and no question goes out."""
    write("root", "$TTL 3600\n. SOA localhost. root.localhost. 1 7200 3600 1209600 3600\n. NS localhost.\nlocalhost. A 127.0.0.1\n")
    zones = {".": "root", **work["zones"]}
    text = f"""
        options {{
            directory "."; pid-file none; session-keyfile none; managed-keys-directory ".";
            listen-on port {port} {{ {LOCAL}; }}; listen-on-v6 {{ none; }}; query-source address {LOCAL};
            recursion yes; allow-recursion {{ {LOCAL}; }}; forwarders {{ }}; dnssec-validation no; notify no; empty-zones-enable no;
        }};
        controls {{ }};
    """
    text += "".join(f'zone "{origin}" {{ type primary; file "{file}"; }};\n' for origin, file in zones.items())
    write("named.conf", text)
    # Debian's AppArmor holds the program at its own path to its own folders.
    shutil.copy(program("named", "bind9"), "named")

    def is_up():
        with contextlib.suppress(dns.exception.DNSException, OSError):
            return bool(resolver.resolve(".", "SOA", lifetime=0.5))

    return running(["./named", "-4", "-g", "-n", "1", "-c", "named.conf"], is_up)


# --- SPF: pyspf over that BIND


def look_up(name, qtype, *_rest):
    """In the place of pyspf's own: [((name, type), value)]."""
    values = ask(name, qtype)
    if qtype == "TXT":
        values = [value.strings for value in values]
    elif qtype == "MX":
        values = [(value.preference, value.exchange.to_text(True)) for value in values]
    else:
        values = [value.to_text().rstrip(".") for value in values]
    return [((name, qtype), value) for value in values]


spf.DNSLookup = look_up


def check_spf(address):
    return spf.query(i=address, s=f"info@{domain}", h=f"mail.{domain}", receiver="receiver.invalid").check()[0]


# --- DKIM: dkimpy, and the filter of OpenDKIM as a mail server talks to it

MAIL = (
    f"From: Info <info@{domain}>\r\n"
    "To: someone@example.net\r\n"
    "Subject: =?utf-8?B?44GU5rOo5paH?=\r\n"
    "Date: Tue, 24 Nov 2026 10:12:00 +0900\r\n"
    f"Message-ID: <1@{domain}>\r\n"
    "\r\n"
    "Your order has been shipped.\r\n"
).encode()


class Milter:
    """One mail on its way through a filter (Sendmail's milter protocol)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rwb")

    def send(self, command, *texts):
        octets = command + b"".join(texts)
        self.stream.write(struct.pack(">I", len(octets)) + octets)
        self.stream.flush()

    def receive(self):
        (length,) = struct.unpack(">I", self.stream.read(4))
        octets = self.stream.read(length)
        return octets[:1], octets[1:]

    def step(self, command, *texts):
        self.send(command, *texts)
        answer = self.receive()
        assert answer[0] in (b"c", b"O"), answer

    def headers(self, mail):
        """The header fields that the filter adds: [(name, value)]."""
        head, body = mail.split(b"\r\n\r\n", 1)
        self.step(b"O", struct.pack(">III", 6, 0x1FF, 0))
        self.step(b"C", b"mail.example.net\0", b"4", struct.pack(">H", 25), b"192.0.2.1\0")
        self.step(b"H", b"mail.example.net\0")
        self.step(b"M", f"<info@{domain}>\0".encode())
        self.step(b"R", b"<someone@example.net>\0")
        for field in re.split(rb"\r\n(?![ \t])", head):
            name, value = field.split(b":", 1)
            # A filter sees the lines of a folded field parted by LF alone.
            self.step(b"L", name + b"\0", value.removeprefix(b" ").replace(b"\r\n", b"\n") + b"\0")
        self.step(b"N")
        self.step(b"B", body)
        self.send(b"E")
        added = []
        while True:
            command, octets = self.receive()
            if command in (b"h", b"i"):
                name, value = octets[4 if command == b"i" else 0 :].split(b"\0")[:2]
                added.append((name.decode(), value))
            elif command in (b"a", b"c"):
                self.socket.close()
                return added
            else:
                raise AssertionError((command, octets))


def through_opendkim(mail, settings):
    write("opendkim.conf", "Socket local:milter\nRequireSafeKeys no\nSyslog no\n" + settings)
    with contextlib.suppress(FileNotFoundError):
        os.remove("milter")
    with running([program("opendkim", "opendkim"), "-f", "-x", "opendkim.conf"], lambda: os.path.exists("milter")):
        return Milter("milter").headers(mail)


def sign_dkimpy(selector, key):
    with open(key, "rb") as file:
        field = dkim.sign(MAIL, selector.encode(), domain.encode(), file.read(), canonicalize=(b"relaxed", b"relaxed"))
    return field + MAIL


def sign_opendkim(selector, key):
    settings = f"Mode s\nDomain {domain}\nSelector {selector}\nKeyFile {key}\nCanonicalization relaxed/relaxed\n"
    # It signs for the hosts that it is told are its own.
    [(name, value)] = through_opendkim(MAIL, settings + "InternalHosts 192.0.2.1\n")
    return name.encode() + b": " + value.replace(b"\n", b"\r\n") + b"\r\n" + MAIL


def txt(name, timeout=5):
    """In the place of dkimpy's own look-up."""
    records = ask(name.decode() if isinstance(name, bytes) else name, "TXT")
    return b"".join(records[0].strings) if records else None


def verify_dkimpy(mail):
    return "pass" if dkim.verify(mail, dnsfunc=txt) else "fail"


def verify_opendkim(mail):
    write(
        "unbound.conf",
        f"server:\n do-not-query-localhost: no\n do-ip6: no\n outgoing-interface: {LOCAL}\n module-config: iterator\n"
        f"forward-zone:\n name: .\n forward-addr: {LOCAL}@{port}\n",
    )
    added = through_opendkim(mail, "Mode v\nAuthservID receiver.invalid\nResolverConfiguration unbound.conf\n")
    [value] = [value for name, value in added if name == "Authentication-Results"]
    found = re.search(rb'\bdkim=(\w+)(?: reason="([^"]*)")?', value)
    return (found[2] or found[1]).decode()


signers = {"dkimpy": sign_dkimpy, "opendkim": sign_opendkim}
verifiers = {"dkimpy": verify_dkimpy, "opendkim": verify_opendkim}

with bind():
    results = []
    for selector, key in work["keys"].items():
        for signer, sign in signers.items():
            mail = sign(selector, key)
            tags = mail.split(b"\r\nFrom:")[0].decode()
            [signing_domain] = re.findall(r"[;\s]d=([^;\s]+)", tags)
            for verifier, verify in verifiers.items():
                row = {"selector": selector, "signed": signer, "verified": verifier, "d": signing_domain}
                results.append({**row, "result": verify(mail)})
    answer = {
        "dkim": results,
        "spf": {address: check_spf(address) for address in work["addresses"]},
        "dmarc": (txt(f"_dmarc.{domain}") or b"").decode() or None,
        "strange": bool(ask("example.net", "NS") or ask("com", "NS")),
    }
json.dump(answer, sys.stdout)
