// Keyboard, mouse and touch, turned into wishes. Keys are left alone while someone types.

export interface Wishes {
  /** Forward and right, each -1 to 1. */
  forward: number;
  right: number;
  run: boolean;
  /** Flying: up and down. */
  rise: number;
}

export interface ControlHandlers {
  readonly onTurn: (dx: number, dy: number) => void;
  readonly onZoom: (factor: number) => void;
  /** A click or tap that was no drag; CSS pixels from the canvas's corner. */
  readonly onTap: (x: number, y: number) => void;
  readonly onHover: (x: number, y: number) => void;
  readonly onLeave: () => void;
  readonly onKey: (key: "view" | "fly" | "pick") => void;
}

const moveKeys = new Set([
  "KeyW",
  "KeyA",
  "KeyS",
  "KeyD",
  "ArrowUp",
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "ShiftLeft",
  "ShiftRight",
  "KeyQ",
  "KeyE",
  "Space",
]);
/** CSS pixels within which a press stays a tap. */
const tapSlack = 7;
/** CSS pixels at which the thumb's stick is fully out. */
const stickReach = 56;

interface Press {
  readonly id: number;
  readonly startX: number;
  readonly startY: number;
  x: number;
  y: number;
  dragged: boolean;
  /** A left thumb that walks; any other press looks. */
  stick: boolean;
}

/** True when keys belong to a field or a control, not to the city. */
export function typing(element: Element | null): boolean {
  if (!element) return false;
  if (element.closest("input, textarea, select, [contenteditable=''], [contenteditable='true']")) return true;
  return element.closest("button, a, summary, [role='slider'], [role='menu'], [role='listbox'], [role='tab']") !== null;
}

export class Controls {
  readonly wishes: Wishes = { forward: 0, right: 0, run: false, rise: 0 };
  readonly #canvas: HTMLCanvasElement;
  readonly #handlers: ControlHandlers;
  readonly #keys = new Set<string>();
  readonly #presses = new Map<number, Press>();
  readonly #stop = new AbortController();
  #pinch = 0;

  constructor(canvas: HTMLCanvasElement, handlers: ControlHandlers) {
    this.#canvas = canvas;
    this.#handlers = handlers;
    canvas.style.touchAction = "none";
    const signal = this.#stop.signal;
    globalThis.addEventListener("keydown", (event: KeyboardEvent) => this.#keyDown(event), { signal });
    globalThis.addEventListener(
      "keyup",
      (event: KeyboardEvent) => {
        this.#keys.delete(event.code);
        this.#refresh();
      },
      { signal },
    );
    addEventListener("blur", () => this.#release(), { signal });
    document.addEventListener(
      "focusin",
      (event) => {
        if (event.target instanceof Element && typing(event.target)) this.#release();
      },
      { signal },
    );
    canvas.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    for (const name of ["pointerup", "pointercancel"] as const)
      canvas.addEventListener(name, (event) => this.#up(event, name === "pointerup"), { signal });
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.#handlers.onZoom(Math.exp(Math.min(1, Math.max(-1, event.deltaY * 0.0012))));
      },
      { signal, passive: false },
    );
    canvas.addEventListener("pointerleave", () => this.#handlers.onLeave(), { signal });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(document.activeElement)) return;
    if (moveKeys.has(event.code)) {
      this.#keys.add(event.code);
      this.#refresh();
      if (event.code.startsWith("Arrow") || event.code === "Space") event.preventDefault();
      return;
    }
    if (event.repeat) return;
    if (event.code === "KeyV") this.#handlers.onKey("view");
    else if (event.code === "KeyF") this.#handlers.onKey("fly");
    else if (event.code === "Enter") this.#handlers.onKey("pick");
  }

  #refresh(): void {
    const down = (...codes: string[]): number => (codes.some((code) => this.#keys.has(code)) ? 1 : 0);
    this.wishes.forward = down("KeyW", "ArrowUp") - down("KeyS", "ArrowDown");
    this.wishes.right = down("KeyD", "ArrowRight") - down("KeyA", "ArrowLeft");
    this.wishes.rise = down("KeyE", "Space") - down("KeyQ");
    this.wishes.run = down("ShiftLeft", "ShiftRight") > 0;
    for (const press of this.#presses.values()) if (press.stick) this.#steer(press);
  }

  #release(): void {
    this.#keys.clear();
    this.#refresh();
  }

  #down(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    this.#canvas.setPointerCapture(event.pointerId);
    const stickTaken = [...this.#presses.values()].some((press) => press.stick);
    const touch = event.pointerType === "touch";
    // Two fingers set down together pinch, also when one of them is on the left.
    const resting = [...this.#presses.values()].find((press) => press.stick && !press.dragged);
    if (touch && resting) resting.stick = false;
    const stick = touch && !stickTaken && x < box.width / 2;
    this.#presses.set(event.pointerId, { id: event.pointerId, startX: x, startY: y, x, y, dragged: false, stick });
    this.#pinch = 0;
  }

  #move(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const press = this.#presses.get(event.pointerId);
    if (!press) {
      if (event.pointerType !== "touch") this.#handlers.onHover(x, y);
      return;
    }
    const dx = x - press.x;
    const dy = y - press.y;
    press.x = x;
    press.y = y;
    if (Math.hypot(x - press.startX, y - press.startY) > tapSlack) press.dragged = true;
    if (!press.dragged) return;
    if (press.stick) {
      this.#steer(press);
      return;
    }
    const looking = [...this.#presses.values()].filter((other) => !other.stick);
    if (looking.length >= 2) {
      const [a, b] = looking as [Press, Press];
      const span = Math.hypot(a.x - b.x, a.y - b.y);
      if (this.#pinch > 0 && span > 0) this.#handlers.onZoom(this.#pinch / span);
      this.#pinch = span;
      return;
    }
    const scale = (event.pointerType === "touch" ? 3.4 : 2.6) / Math.max(320, Math.min(box.width, 1400));
    this.#handlers.onTurn(dx * scale, dy * scale);
  }

  #steer(press: Press): void {
    const x = (press.x - press.startX) / stickReach;
    const y = (press.y - press.startY) / stickReach;
    const length = Math.hypot(x, y);
    const k = press.dragged && length > 0.12 ? 1 / Math.max(1, length) : 0;
    this.wishes.right = x * k;
    this.wishes.forward = -y * k;
    this.wishes.run = length > 1.7;
  }

  #up(event: PointerEvent, finished: boolean): void {
    const press = this.#presses.get(event.pointerId);
    this.#presses.delete(event.pointerId);
    this.#pinch = 0;
    if (!press) return;
    if (press.stick) this.#refresh();
    if (finished && !press.dragged) this.#handlers.onTap(press.x, press.y);
  }

  dispose(): void {
    this.#stop.abort();
    this.#presses.clear();
    this.#keys.clear();
  }
}
