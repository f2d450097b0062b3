// A QR code (ISO/IEC 18004) drawn as one path, black on white in every theme, with its quiet zone of four modules.

import type { JSX } from "preact";
import encodeQR from "qr";

export function QrCode(props: {
  text: string;
  /** What a screen reader says of it. */
  label: string;
  /** How much may be damaged and still be read; less makes room for more. */
  ecc?: "low" | "medium";
  testid?: string;
}): JSX.Element {
  const modules = encodeQR(props.text, "raw", { ecc: props.ecc ?? "medium", border: 4 });
  const path = modules.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg
      class="qr"
      role="img"
      aria-label={props.label}
      data-testid={props.testid}
      viewBox={`0 0 ${modules.length} ${modules.length}`}
      shape-rendering="crispEdges"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
