// WebAssembly modules over the wire, in browsers and their workers.

/** Fetches and compiles a module. @throws {Error} when it cannot be had. */
export async function compileFrom(file: URL): Promise<WebAssembly.Module> {
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`a module of the core could not be loaded: status ${answer.status}`);
  const bytes = answer.clone();
  try {
    return await WebAssembly.compileStreaming(answer);
  } catch {
    // From servers that do not know the media type application/wasm, and for browsers without compileStreaming (Safari before
    // 15), the bytes come first.
    return WebAssembly.compile(await bytes.arrayBuffer());
  }
}
