// QR codes from pictures and from the camera: by the browser where it can, else by a decoder of ours. Pictures of at most 32 megapixels.

interface Detector {
  detect(source: ImageBitmap | HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
type DetectorClass = { new (options: { formats: readonly string[] }): Detector };

const native = (globalThis as { readonly BarcodeDetector?: DetectorClass }).BarcodeDetector;
const pixelsMax = 32_000_000;
/** Frames are looked at so far apart. */
const frameMs = 200;

/** Loads the decoder, so that it is there without a network too. */
export async function warmUp(): Promise<void> {
  await import("qr/decode.js");
}

/** The texts of the QR codes in a picture; none when there is none, or it is no picture. */
export async function codesIn(picture: Blob): Promise<readonly string[]> {
  try {
    const image = await createImageBitmap(picture);
    if (image.width * image.height > pixelsMax) return [];
    const found = await detect(image, image.width, image.height, true);
    image.close();
    return found;
  } catch {
    return [];
  }
}

/** Looks through the camera until `stop`; `found` is called with what is seen. @throws {Error} when there is no camera, or it is not allowed. */
export async function watchCamera(
  video: HTMLVideoElement,
  found: (texts: readonly string[]) => void,
): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  await video.play();
  let watching = true;
  const look = async (): Promise<void> => {
    while (watching) {
      const texts = await detect(video, video.videoWidth, video.videoHeight, false).catch(() => []);
      if (watching && texts.length > 0) found(texts);
      await new Promise((resolve) => setTimeout(resolve, frameMs));
    }
  };
  void look();
  return () => {
    watching = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
}

async function detect(
  source: ImageBitmap | HTMLVideoElement,
  width: number,
  height: number,
  thorough: boolean,
): Promise<readonly string[]> {
  if (native !== undefined) {
    const codes = await new native({ formats: ["qr_code"] }).detect(source).catch(() => []);
    if (codes.length > 0) return codes.map(({ rawValue }) => rawValue);
  }
  if (width === 0 || height === 0) return [];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return [];
  context.drawImage(source, 0, 0);
  const { default: decodeQR } = await import("qr/decode.js");
  const effort = thorough ? { effort: Number.POSITIVE_INFINITY, timeLimit: 5_000 } : {};
  try {
    return [decodeQR(context.getImageData(0, 0, width, height), effort)];
  } catch {
    return [];
  }
}
