// Runs a dnsconfig.js as DNSControl would, with functions that only write down how they are called. Standard input: the file; standard output:
// [{"zone", "modifiers", "records": [{"type", "name", "values", "ttl", "critical"}]}].
"use strict";
const vm = require("node:vm");

const text = require("node:fs").readFileSync(0, "utf8");
const zones = [];
const isModifier = (value) => typeof value === "object" && value !== null && "modifier" in value;
const record = (type) => (name, ...rest) => ({
  type,
  name,
  values: rest.filter((value) => !isModifier(value)),
  ttl: (rest.find((value) => isModifier(value) && value.modifier === "ttl") || {}).value,
  critical: rest.some((value) => isModifier(value) && value.modifier === "critical"),
});
const scope = {
  END: { modifier: "end" },
  NO_PURGE: { modifier: "no-purge" },
  CAA_CRITICAL: { modifier: "critical" },
  TTL: (value) => ({ modifier: "ttl", value }),
  NAMESERVER_TTL: (value) => ({ modifier: "nameserver-ttl", value }),
  NAMESERVER: (host) => ({ type: "NS", name: "@", values: [host], apex: true }),
  NewRegistrar: (name) => ({ registrar: name }),
  NewDnsProvider: (name) => ({ provider: name }),
  DnsProvider: (provider) => ({ modifier: "provider", provider }),
  D: (zone, registrar, ...rest) => {
    if (!registrar || !registrar.registrar) throw new Error("D() wants a registrar");
    if (rest[rest.length - 1] !== scope.END) throw new Error("D() does not end in END");
    if (!rest.some((value) => value.modifier === "provider" && value.provider.provider)) {
      throw new Error("D() wants a provider");
    }
    const nameserverTtl = rest.find((value) => value.modifier === "nameserver-ttl");
    const records = rest.filter((value) => value.type);
    for (const item of records.filter((value) => value.apex)) item.ttl = nameserverTtl.value;
    zones.push({ zone, modifiers: rest.filter(isModifier).map((value) => value.modifier), records });
  },
};
for (const type of ["A", "AAAA", "CAA", "CNAME", "DNAME", "DS", "MX", "NS", "PTR", "SRV", "SSHFP", "TLSA", "TXT"]) {
  scope[type] = record(type);
}
vm.runInNewContext(text, scope, { timeout: 10000 });
process.stdout.write(JSON.stringify(zones));
