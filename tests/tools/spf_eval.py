"""Evaluates SPF with pyspf over zones that are handed in; no packet leaves.

Standard input: a JSON list of trees {"zone": {name: {"A" | "AAAA" | "MX" | "TXT" | "PTR": [value]}}}, each with one of two questions:
{"domain"; "records": [text]; "addresses": [text]}: for each record, as if it stood at the domain: {"results": a word for each address,
"lookups" and "voids": the most that any address cost}.
{"clients": [[address, MAIL FROM, HELO]]}: for each {"verdict": a word, "explanation": the domain's own, else empty}.
Standard output: for each tree, the list of answers.
"""

import json
import socket
import sys

import spf


def no_network(*_args, **_keywords):
    raise AssertionError("the evaluation must not ask the network")


socket.socket = no_network
socket.create_connection = no_network
socket.getaddrinfo = no_network

zone = {}


def look_up(name, qtype, *_rest):
    """In the place of pyspf's own: [((name, type), value)]."""
    values = zone.get(name.lower().rstrip("."), {}).get(qtype, [])
    if qtype == "TXT":
        values = [(value.encode(),) for value in values]
    elif qtype == "MX":
        values = [(10, value) for value in values]
    return [((name, qtype), value) for value in values]


spf.DNSLookup = look_up


def evaluate(domain, record, addresses):
    zone.setdefault(domain, {})["TXT"] = [record]
    results, lookups, voids = [], 0, 0
    for address in addresses:
        query = spf.query(i=address, s=f"someone@{domain}", h=f"mail.{domain}", receiver="receiver.invalid")
        results.append(query.check()[0])
        lookups = max(lookups, query.lookups)
        voids = max(voids, query.void_lookups)
    return {"results": results, "lookups": lookups, "voids": voids}


def verdict(address, mail_from, helo):
    query = spf.query(i=address, s=mail_from, h=helo, receiver="unknown")
    query.set_default_explanation("")
    result, _code, explanation = query.check()
    return {"verdict": result, "explanation": explanation if result == "fail" else ""}


answers = []
for tree in json.load(sys.stdin):
    zone = tree["zone"]
    if "clients" in tree:
        answers.append([verdict(*client) for client in tree["clients"]])
    else:
        answers.append([evaluate(tree["domain"], record, tree["addresses"]) for record in tree["records"]])
json.dump(answers, sys.stdout)
