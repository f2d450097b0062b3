// The bench of the WASM core in a Web Worker: is given one order, answers lines, at last `null`.

import { loadCore } from "../../../wasm-core/bindings/browser.ts";
import { openHashingPool } from "../../../wasm-core/bindings/parallel-browser.ts";
import { simdIsSupported } from "../../../wasm-core/bindings/simd.ts";
import type { Line } from "../measure.ts";
import { runAreas } from "./areas.ts";
import { moduleFiles, wasmBench } from "./wasm-bench.ts";

interface Order {
  readonly quick: boolean;
  /** Name of the one area to run. */
  readonly only?: string | undefined;
}

const send = (message: Line | null): void => self.postMessage(message);

async function bytesOf(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(`/modules/${name}`);
  if (!answer.ok) throw new Error(`${name}: status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function gzipBytes(data: Uint8Array<ArrayBuffer>): Promise<number> {
  const packed = new Blob([data]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}

async function run({ quick, only }: Order): Promise<void> {
  const bench = wasmBench({
    core: await loadCore(),
    quick,
    variant: simdIsSupported ? "simd" : "scalar",
    files: new Map(await Promise.all(moduleFiles.map(async (name) => [name, await bytesOf(name)] as const))),
    nativeSha256: null,
    openHashingPool,
    gzipBytes,
    print: (line) => send({ ...line, bench: `chromium:${line.bench}` }),
  });
  await runAreas(bench, only);
}

// A rejection that nobody handles reaches no one outside the worker; an error that is thrown does.
self.onmessage = ({ data }: MessageEvent<Order>) => {
  run(data).then(
    () => send(null),
    (error: unknown) =>
      setTimeout(() => {
        throw error;
      }),
  );
};
