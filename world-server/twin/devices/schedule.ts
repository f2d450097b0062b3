// A timetable of repeating tasks: one timer, buckets of 50 ms. A task that comes late is done once, not once for every time missed.

const tickMs = 50;

interface Task {
  readonly periodMs: number;
  readonly work: (timeMs: number) => void;
  dueMs: number;
}

export class Schedule {
  readonly #now: () => number;
  readonly #buckets = new Map<number, Task[]>();
  #next: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(now: () => number) {
    this.#now = now;
    this.#next = Math.floor(now() / tickMs);
  }

  /** Repeats `work` every `periodMs` (at least one tick), first after the given part (0 to 1) of the period. */
  add(periodMs: number, part: number, work: (timeMs: number) => void): void {
    const period = Math.max(tickMs, periodMs);
    this.#place({ periodMs: period, work, dueMs: this.#now() + part * period });
  }

  /** Does `work` one time, after `delayMs`. */
  once(delayMs: number, work: (timeMs: number) => void): void {
    this.#place({ periodMs: Number.POSITIVE_INFINITY, work, dueMs: this.#now() + delayMs });
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#buckets.clear();
  }

  #place(task: Task): void {
    const bucket = Math.max(this.#next, Math.floor(task.dueMs / tickMs));
    const tasks = this.#buckets.get(bucket);
    if (tasks === undefined) this.#buckets.set(bucket, [task]);
    else tasks.push(task);
  }

  #tick(): void {
    const nowMs = this.#now();
    const last = Math.floor(nowMs / tickMs);
    const due: Task[] = [];
    // After a long sleep there are fewer buckets than missed ticks.
    for (const bucket of [...this.#buckets.keys()].filter((key) => key <= last).sort((a, b) => a - b)) {
      due.push(...(this.#buckets.get(bucket) ?? []));
      this.#buckets.delete(bucket);
    }
    this.#next = last + 1;
    for (const task of due) {
      task.work(nowMs);
      if (task.periodMs === Number.POSITIVE_INFINITY) continue;
      task.dueMs = Math.max(task.dueMs + task.periodMs, nowMs);
      this.#place(task);
    }
  }
}
