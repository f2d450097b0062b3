// Names and speech above heads: plain elements over the canvas, moved by transforms. At most 60 are shown at once.

const labelsMax = 60;
const bubbleMs = (text: string): number => Math.min(12_000, 3500 + text.length * 60);

const style = `
.scene-labels{position:absolute;inset:0;overflow:hidden;pointer-events:none;contain:strict}
.scene-label{position:absolute;left:0;top:0;display:flex;flex-direction:column;align-items:center;gap:4px;will-change:transform;max-width:18rem}
.scene-label-name{font:600 13px/1.3 "Inter Variable",Inter,"Noto Sans KR Variable",system-ui,sans-serif;color:#1C2430;background:rgba(247,245,240,.86);border:1px solid rgba(28,36,48,.12);border-radius:8px;padding:1px 8px;white-space:nowrap;max-width:14rem;overflow:hidden;text-overflow:ellipsis}
.scene-label-speech{font:500 15px/1.35 "Inter Variable",Inter,"Noto Sans KR Variable",system-ui,sans-serif;color:#1C2430;background:#F7F5F0;border-radius:12px;padding:6px 12px;box-shadow:0 2px 10px rgba(28,36,48,.18);overflow-wrap:anywhere;display:-webkit-box;-webkit-line-clamp:5;-webkit-box-orient:vertical;overflow:hidden}
`;

interface Label {
  readonly root: HTMLDivElement;
  readonly name: HTMLDivElement | null;
  speech: HTMLDivElement | null;
  speechUntil: number;
  seen: boolean;
}

export class Labels {
  readonly #layer: HTMLDivElement;
  readonly #labels = new Map<string, Label>();
  readonly #pointer = document.createElement("div");
  #shown = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#layer = document.createElement("div");
    this.#layer.className = "scene-labels";
    // The same words are in the page's lists for those who do not see the city.
    this.#layer.setAttribute("aria-hidden", "true");
    const sheet = document.createElement("style");
    sheet.textContent = style;
    this.#pointer.className = "scene-label-name";
    this.#pointer.style.cssText = "position:absolute;left:0;top:0;display:none";
    this.#layer.append(sheet, this.#pointer);
    canvas.after(this.#layer);
  }

  /** The name of what the pointer stands on. */
  point(name: string | null, x: number, y: number): void {
    this.#pointer.style.display = name === null ? "none" : "";
    if (name === null) return;
    this.#pointer.textContent = name;
    this.#pointer.style.transform = `translate(${x.toFixed(0)}px,${(y - 14).toFixed(0)}px) translate(-50%,-100%)`;
  }

  set(id: string, name: string | null): void {
    const known = this.#labels.get(id);
    if (known && (known.name?.textContent ?? null) === name) return;
    this.remove(id);
    const root = document.createElement("div");
    root.className = "scene-label";
    root.style.display = "none";
    let tag: HTMLDivElement | null = null;
    if (name !== null) {
      tag = document.createElement("div");
      tag.className = "scene-label-name";
      tag.textContent = name;
      root.append(tag);
    }
    this.#layer.append(root);
    this.#labels.set(id, { root, name: tag, speech: null, speechUntil: 0, seen: false });
  }

  remove(id: string): void {
    this.#labels.get(id)?.root.remove();
    this.#labels.delete(id);
  }

  say(id: string, text: string, nowMs: number): void {
    const label = this.#labels.get(id);
    if (!label) return;
    label.speech?.remove();
    label.speech = document.createElement("div");
    label.speech.className = "scene-label-speech";
    label.speech.textContent = text.slice(0, 280);
    label.root.prepend(label.speech);
    label.speechUntil = nowMs + bubbleMs(text);
  }

  /** Begins a frame's placing. */
  begin(nowMs: number): void {
    this.#shown = 0;
    for (const label of this.#labels.values()) {
      label.seen = false;
      if (label.speech && nowMs > label.speechUntil) {
        label.speech.remove();
        label.speech = null;
      }
    }
  }

  /** Places a label's lower middle at CSS pixels; `name` hides the name when too far, speech stays. */
  place(id: string, x: number, y: number, showName: boolean): void {
    const label = this.#labels.get(id);
    if (!label || this.#shown >= labelsMax || (!showName && !label.speech)) return;
    this.#shown++;
    label.seen = true;
    label.root.style.display = "";
    if (label.name) label.name.style.display = showName ? "" : "none";
    label.root.style.transform = `translate(${x.toFixed(1)}px,${y.toFixed(1)}px) translate(-50%,-100%)`;
  }

  end(): void {
    for (const label of this.#labels.values()) if (!label.seen) label.root.style.display = "none";
  }

  dispose(): void {
    this.#layer.remove();
    this.#labels.clear();
  }
}
