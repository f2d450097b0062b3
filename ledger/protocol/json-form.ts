// Forms of JSON that comes from outside: what each member must be, checked before anything is done with it. For code that goes to
// browsers' workers, where every kilobyte counts; servers describe what they accept by zod. Members that are not named are left out.

/** What is wrong, and where. */
export class FormError extends RangeError {
  override readonly name = "FormError";
}

export type FormResult<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: FormError };

/** Checks a value and answers it, made anew of the members that the form names. */
export class Form<T> {
  /** @throws {FormError} */
  readonly read: (value: unknown, at: string) => T;

  constructor(read: (value: unknown, at: string) => T) {
    this.read = read;
  }

  /** @throws {FormError} */
  parse(value: unknown): T {
    return this.read(value, "");
  }

  safeParse(value: unknown): FormResult<T> {
    try {
      return { success: true, data: this.read(value, "") };
    } catch (error) {
      if (error instanceof FormError) return { success: false, error };
      throw error;
    }
  }
}

export type FormOf<F> = F extends Form<infer T> ? T : never;

function wrong(at: string, what: string): never {
  throw new FormError(`${at === "" ? "the value" : at.slice(1)} must be ${what}`);
}

/** A text of at most `max` characters that the pattern, which must be anchored, matches. */
export function text(max: number, pattern = /^/): Form<string> {
  return new Form((value, at) =>
    typeof value === "string" && value.length <= max && pattern.test(value) ? value : wrong(at, "another text"),
  );
}

/** A whole number from `min` to `max`, both at most 2^53 - 1. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Form<number> {
  return new Form((value, at) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : wrong(at, `a whole number from ${min} to ${max}`),
  );
}

/** A finite number. */
export const finite = new Form<number>((value, at) =>
  Number.isFinite(value) ? (value as number) : wrong(at, "a number"),
);

export function oneOf<const T extends string | number>(...values: readonly T[]): Form<T> {
  return new Form((value, at) => (values.includes(value as T) ? (value as T) : wrong(at, values.join(" or "))));
}

/** Anything, as it is. */
export const anything = new Form<unknown>((value) => value);

/** At most `max` items. */
export function list<T>(max: number, item: Form<T>): Form<T[]> {
  return new Form((value, at) => {
    if (!Array.isArray(value) || value.length > max) return wrong(at, `a list of at most ${max}`);
    return value.map((each, i) => item.read(each, `${at}.${i}`));
  });
}

type Members<M> = { [K in keyof M]: FormOf<M[K]> };

/** An object. Only own members count. */
export function members<M extends Readonly<Record<string, Form<unknown>>>>(forms: M): Form<Members<M>> {
  return new Form((value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(at, "an object");
    const made: Record<string, unknown> = {};
    for (const [name, form] of Object.entries(forms)) {
      const found = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      const read = form.read(found, `${at}.${name}`);
      if (read !== undefined) made[name] = read;
    }
    return made as Members<M>;
  });
}

/** As `members`, and no others. */
export function exactly<M extends Readonly<Record<string, Form<unknown>>>>(forms: M): Form<Members<M>> {
  const some = members(forms);
  return new Form((value, at) => {
    const made = some.read(value, at);
    const extra = Object.keys(value as object).find((name) => !Object.hasOwn(forms, name));
    return extra === undefined ? made : wrong(at, `without ${extra.slice(0, 100)}`);
  });
}

/** Null, or of the form. */
export function nullable<T>(form: Form<T>): Form<T | null> {
  return new Form((value, at) => (value === null ? null : form.read(value, at)));
}

/** Missing, or of the form. */
export function optional<T>(form: Form<T>): Form<T | undefined> {
  return new Form((value, at) => (value === undefined ? undefined : form.read(value, at)));
}

/** Of the form, and `holds` too. */
export function where<T>(form: Form<T>, what: string, holds: (value: T) => boolean): Form<T> {
  return new Form((value, at) => {
    const read = form.read(value, at);
    return holds(read) ? read : wrong(at, what);
  });
}
