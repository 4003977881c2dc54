// Prints the SHA-256 of the canonical form (RFC 8785) of each line of a file of JSON. RFC 8785 is defined by ECMAScript: numbers and strings are what
// JSON.stringify writes, members are sorted as Array.sort sorts them.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
};

for (const line of readFileSync(process.argv[2], "utf8").trimEnd().split("\n")) {
  console.log(createHash("sha256").update(canonical(JSON.parse(line))).digest("hex"));
}
