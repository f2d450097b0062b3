// What a module tells of: event types with the schemas of their attributes. Emitting anything else is a bug and stops the block,
// because indexes, streams and other people's programs rely on the form.

import { z } from "zod";
import type { Execution } from "./module.ts";

/** Attributes are strings: numbers and amounts in decimal, one form each. */
export type Attributes = Readonly<Record<string, string>>;

export interface EventType {
  /** `<module>/<what happened>`. */
  readonly type: string;
  readonly attributes: z.ZodObject;
}

/** A decimal number without sign, such as a slot, a size or a count. */
export const countText = z.string().regex(/^(0|[1-9][0-9]*)$/);

/** Declares an event type; `emit` tells of one, its attributes checked by the compiler here and by value when it runs. */
export function declareEvent<Shape extends Readonly<Record<string, z.ZodType<string | undefined>>>>(
  type: string,
  shape: Shape,
): EventType & { emit(execution: Execution, attributes: z.infer<z.ZodObject<Shape, z.core.$strict>>): void } {
  return {
    type,
    attributes: z.strictObject(shape),
    emit: (execution, attributes) => execution.emit(type, attributes as Attributes),
  };
}
