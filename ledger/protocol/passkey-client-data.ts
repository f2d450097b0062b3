// CollectedClientData (WebAuthn Level 3, section 5.8.1) from the bytes that were signed.
// Read as JSON, not by the limited verification algorithm (5.8.1.2): that one fixes the order of members, which not
// every browser keeps or has kept, and a browser's update must lock no one out of an account. What JSON leaves open is refused instead: a
// member twice, whichever a parser would take, and bytes that are no UTF-8 or begin with a mark.

export interface ClientData {
  readonly type: string;
  readonly challenge: string;
  readonly origin: string;
  /** The page was embedded in another origin's. */
  readonly crossOrigin: boolean;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Null when the bytes are not an object with the members that matter, each once and of its type. Unknown members may be there. */
export function readClientData(bytes: Uint8Array): ClientData | null {
  let value: unknown;
  let text: string;
  try {
    text = decoder.decode(bytes);
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || repeatsMember(text)) return null;
  // Entries, not properties: a member named __proto__ must not lend the object others.
  const members = new Map<string, unknown>(Object.entries(value));
  const [type, challenge, origin] = ["type", "challenge", "origin"].map((name) => members.get(name));
  const crossOrigin = members.get("crossOrigin") ?? false;
  if (typeof type !== "string" || typeof challenge !== "string" || typeof origin !== "string") return null;
  if (typeof crossOrigin !== "boolean") return null;
  return { type, challenge, origin, crossOrigin: crossOrigin || members.has("topOrigin") };
}

/** Whether a member of the outermost object occurs twice. `text` is known to be JSON, so strings and brackets are all there is to see. */
function repeatsMember(text: string): boolean {
  const seen = new Set<string>();
  let depth = 0;
  let isName = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token !== "," && depth === 1 && isName) {
      const name = JSON.parse(token) as string;
      if (seen.has(name)) return true;
      seen.add(name);
    }
    isName = depth === 1 && (token === "{" || token === ",");
  }
  return false;
}
