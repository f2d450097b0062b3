// CityJSON 1.0, 1.1 and 2.0 as found in files: only what the import reads. https://www.cityjson.org/specs/2.0.1/

interface CityJsonSemantics {
  readonly surfaces?: readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[];
  readonly values?: unknown;
}
export interface CityJsonGeometry {
  readonly type: string;
  readonly lod?: string | number;
  readonly boundaries: unknown;
  readonly semantics?: CityJsonSemantics;
  readonly template?: number;
  readonly transformationMatrix?: readonly number[];
}
export interface CityJsonObject {
  readonly type: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly address?: unknown;
  readonly parents?: readonly string[];
  readonly children?: readonly string[];
  readonly geometry?: readonly CityJsonGeometry[];
}
