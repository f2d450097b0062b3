// /docs/problems: every kind of problem and every refusal, each under the anchor to which problems link.

import { type RefusalName, refusalCodes } from "../protocol/refusals.ts";
import { problemKinds, statusOf } from "./problems.ts";

const kinds = Object.entries(problemKinds)
  .map(
    ([status, [name, title, advice]]) =>
      `<tr id="${name}"><td><code>urn:glasstown:problem:${name}</code></td><td>${status} ${title}</td><td>${marked(advice)}</td></tr>`,
  )
  .join("\n");

const refusals = (Object.entries(refusalCodes) as [RefusalName, number][])
  .map(
    ([name, code]) =>
      `<tr id="${name}"><td><code>urn:glasstown:refusal:${name}</code></td><td>${code}</td><td>${statusOf(name)}</td></tr>`,
  )
  .join("\n");

export function problemsPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Problems of the Glasstown ledger API</title>
<link rel="icon" href="favicon-32x32.png">
<link rel="stylesheet" href="page.css">
</head>
<body>
<p class="way"><a href="../docs">API</a> <a href="../openapi.json">openapi.json</a></p>
<main>
<h1>Problems</h1>
<p>Every error is a problem detail (RFC 9457, <code>application/problem+json</code>). <code>instance</code> names the request as
<code>X-Request-Id</code> and the node's log do; <code>errors</code> points into the body or names the parameter.</p>
<table><thead><tr><th>type</th><th>status</th><th>what to do</th></tr></thead><tbody>
${kinds}
</tbody></table>
<h1>Refusals</h1>
<p>What the ledger's rules refuse has the rule's name in <code>refusal</code>, its number in <code>code</code> and its circumstances in
<code>params</code>. Numbers are never used again. The name says what must hold.</p>
<table><thead><tr><th>type</th><th>code</th><th>status</th></tr></thead><tbody>
${refusals}
</tbody></table>
</main>
</body>
</html>
`;
}

function marked(text: string): string {
  return text.replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}
