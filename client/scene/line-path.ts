// A transit line's path as seen by something long: points at a distance along it, shifted to a side. World frame, metres.

type Point3 = readonly [number, number, number];

export class LinePath {
  readonly #points: readonly Point3[];
  readonly #along: readonly number[];
  readonly length: number;

  constructor(path: readonly Point3[]) {
    const points: Point3[] = [];
    const along: number[] = [];
    let length = 0;
    for (const point of path) {
      const last = points.at(-1);
      const step = last ? Math.hypot(point[0] - last[0], point[1] - last[1]) : 0;
      if (last && step < 0.01) continue;
      length += step;
      points.push(point);
      along.push(length);
    }
    this.#points = points;
    this.#along = along;
    this.length = length;
  }

  /** Distance along the path of the point nearest to a place. */
  nearest(x: number, y: number): number {
    let best = Number.POSITIVE_INFINITY;
    let found = 0;
    for (let i = 0; i + 1 < this.#points.length; i++) {
      const [ax, ay] = this.#points[i]!;
      const [bx, by] = this.#points[i + 1]!;
      const dx = bx - ax;
      const dy = by - ay;
      const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      const distance = (ax + dx * t - x) ** 2 + (ay + dy * t - y) ** 2;
      if (distance < best) {
        best = distance;
        found = this.#along[i]! + Math.hypot(dx, dy) * t;
      }
    }
    return found;
  }

  #segment(at: number): number {
    let i = 0;
    while (i + 2 < this.#points.length && this.#along[i + 1]! < at) i++;
    return i;
  }

  /** Metres to the right of the path's own direction. */
  sideOf(x: number, y: number, at: number): number {
    const i = this.#segment(at);
    const a = this.#points[i];
    const b = this.#points[i + 1];
    if (!a || !b) return 0;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    return ((x - a[0]) * (b[1] - a[1]) - (y - a[1]) * (b[0] - a[0])) / length;
  }

  /** A point on the path, moved to its right; beyond the ends the path goes straight on. */
  pointAt(at: number, side: number): Point3 {
    const i = this.#segment(at);
    const a = this.#points[i];
    const b = this.#points[i + 1];
    if (!a || !b) return a ?? [0, 0, 0];
    const span = this.#along[i + 1]! - this.#along[i]! || 1;
    const f = (at - this.#along[i]!) / span;
    const rightX = (b[1] - a[1]) / span;
    const rightY = -(b[0] - a[0]) / span;
    return [
      a[0] + (b[0] - a[0]) * f + rightX * side,
      a[1] + (b[1] - a[1]) * f + rightY * side,
      a[2] + (b[2] - a[2]) * Math.min(1, Math.max(0, f)),
    ];
  }
}
