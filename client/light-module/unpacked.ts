// Bytes that the build embedded: base64 of their deflated form, which costs little more over the wire than a file beside the script,
// and finds its way through every bundler.

export async function unpacked(packed: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}
