// Between the world's frame (x east, y north, z up, right-handed; compass headings) and Babylon's (X east, Y up, Z north,
// left-handed). Swapping north and up is a mirror, and so is the change of hand: what is seen keeps its shape.

/** Radians about Babylon's Y axis that turn a thing modelled looking to +Z (north) to a compass heading in degrees. */
export const yawOf = (heading: number): number => (heading * Math.PI) / 180;

/** Compass heading of a direction east, north; degrees from 0 up to 360. */
export function headingTo(east: number, north: number): number {
  const degrees = (Math.atan2(east, north) * 180) / Math.PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

/** Shortest turn from one heading to another, -180 to 180 degrees. */
export function turnBetween(from: number, to: number): number {
  return ((((to - from) % 360) + 540) % 360) - 180;
}

export const wrapHeading = (heading: number): number => ((heading % 360) + 360) % 360;

/** Writes a matrix (column by column, as Babylon keeps it) that scales, turns to a heading, and moves. Babylon's frame. */
export function writePlacement(
  into: Float32Array,
  offset: number,
  x: number,
  y: number,
  z: number,
  heading: number,
  scaleX: number,
  scaleY: number,
  scaleZ: number,
  pitch = 0,
): void {
  const yaw = yawOf(heading);
  const c = Math.cos(yaw);
  const s = Math.sin(yaw);
  const cp = Math.cos(pitch);
  const sp = Math.sin(pitch);
  // Rows are the images of the thing's right, up and forward axes; positive pitch lifts the front.
  into[offset] = c * scaleX;
  into[offset + 1] = 0;
  into[offset + 2] = -s * scaleX;
  into[offset + 3] = 0;
  into[offset + 4] = -s * sp * scaleY;
  into[offset + 5] = cp * scaleY;
  into[offset + 6] = -c * sp * scaleY;
  into[offset + 7] = 0;
  into[offset + 8] = s * cp * scaleZ;
  into[offset + 9] = sp * scaleZ;
  into[offset + 10] = c * cp * scaleZ;
  into[offset + 11] = 0;
  into[offset + 12] = x;
  into[offset + 13] = y;
  into[offset + 14] = z;
  into[offset + 15] = 1;
}

/** A whole number's hash, 0 to 1: the same look for the same thing everywhere. */
export function hashOf(number: number): number {
  let h = Math.imul(number ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4_294_967_296;
}

/** FNV-1a of a text, 32 bits. */
export function hashOfText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
