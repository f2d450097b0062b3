// What of a citizen's words is passed on: no control characters, and nothing that turns the direction of other people's text.

/** Something that can be seen: not a space, control, mark, or one of the letters that are drawn as nothing. */
const visible = /[^\p{Z}\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;

/** The words as others read them, or null when nothing is left. */
export function spokenText(text: string): string | null {
  const plain = text
    .normalize("NFC")
    .replace(/\p{Zl}|\p{Zp}|[\t\n\v\f\r]/gu, " ")
    // Controls, lone surrogates, unassigned, and the bidirectional overrides and isolates (Unicode UAX #9).
    .replace(/\p{Cc}|\p{Cs}|\p{Cn}|[\u202a-\u202e\u2066-\u2069\ufeff]/gu, "")
    // More than four marks on one letter are there to paint over the neighbours.
    .replace(/(\p{M}{4})\p{M}+/gu, "$1")
    .replace(/ {2,}/g, " ")
    .trim();
  return visible.test(plain) ? plain : null;
}
