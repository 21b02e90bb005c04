import assert from "node:assert/strict";
import { isForUs, isFromOtherSite, isLoopback, parseAuthority } from "./host.ts";

Deno.test("parseAuthority() reads names and addresses, with a port that may be empty", () => {
  const cases = {
    "localhost": "localhost",
    "LOCALHOST.:9090": "localhost",
    "a_b-c.example:": "a_b-c.example",
    "127.0.0.1:65535": "127.0.0.1",
    "[::1]:9090": "[::1]",
    "[::FFFF:127.0.0.1]": "[::ffff:127.0.0.1]",
  };
  for (const [text, host] of Object.entries(cases)) assert.equal(parseAuthority(text), host, text);
});

Deno.test("parseAuthority() refuses what is no host", () => {
  for (
    const text of [
      "",
      ":80",
      "a b",
      "a:b",
      "a:65536",
      "a:1:2",
      "::1",
      "[::1",
      "[1]",
      "a/b",
      "u@a",
      "a\\b",
      "a#b",
      "\xe9",
    ]
  ) assert.equal(parseAuthority(text), undefined, text);
});

Deno.test("isLoopback() knows the addresses of the loopback interface", () => {
  for (const address of ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"]) {
    assert(isLoopback(address), address);
  }
  for (
    const address of ["128.0.0.1", "10.127.0.1", "::", "0.0.0.0", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1"]
  ) {
    assert(!isLoopback(address), address);
  }
});

Deno.test("isForUs() wants an address or a known name of who asks over loopback", () => {
  const names = ["db1", "ktm.example"];
  const right = ["127.0.0.1", "192.0.2.1", "[::1]", "localhost", "db1", "ktm.example", undefined];
  const wrong = [
    "evil.example",
    "db1.evil.example",
    "127.0.0.1.evil.example",
    "256.0.0.1",
    "127.1",
    "",
    "localhost.evil",
  ];
  for (const peer of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    for (const host of right) assert(isForUs(host, peer, names), host);
    for (const host of wrong) assert(!isForUs(host, peer, names), host);
  }
});

Deno.test("isForUs() takes any name of who asks over the network: a pod's, or a service's", () => {
  for (const host of ["banyandb.default.svc.cluster.local", "10.1.2.3", "db1"]) {
    for (const peer of ["10.1.2.9", "::ffff:10.1.2.9", "fd00::9"]) assert(isForUs(host, peer, []), host);
  }
});

Deno.test("isFromOtherSite() tells a page's requests from those of a person or a program", () => {
  const sent = (site: string, mode = "no-cors", dest = "empty") => ({
    "sec-fetch-site": site,
    "sec-fetch-mode": mode,
    "sec-fetch-dest": dest,
  });
  assert(!isFromOtherSite({}), "a program");
  assert(!isFromOtherSite(sent("none", "navigate", "document")), "an address that was typed");
  assert(!isFromOtherSite(sent("cross-site", "navigate", "document")), "a link that was followed");
  assert(!isFromOtherSite(sent("same-origin", "cors")));
  assert(isFromOtherSite(sent("cross-site")));
  assert(isFromOtherSite(sent("same-site", "cors")), "another port");
  assert(isFromOtherSite(sent("cross-site", "navigate", "iframe")));
  assert(isFromOtherSite(sent("cross-site", "no-cors", "script")));
});
