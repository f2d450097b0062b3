// The genesis document in CometBFT v0.38's form, made once per chain and then only read.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { utf8Of } from "../../wasm-core/bindings/utf8.ts";
import { accountIdSchema, nameSchema, roles } from "../protocol/accounts.ts";
import { hex } from "../protocol/bytes.ts";
import { fromBase64, msOfTimestamp, timestampFromText, timestampOfMs, timestampText } from "../protocol/comet.ts";
import { type AppState, quotasDefault } from "../protocol/genesis.ts";
import { guardianDelayMsMax } from "../protocol/guardians.ts";
import { publicKeySchema } from "../protocol/keys.ts";
import { isSoundKey } from "../protocol/sound-key.ts";
import { accountIdOfKey } from "../protocol/transaction.ts";
import { createDurably, readIfPresent, textBytesMax } from "../storage/durable-file.ts";
import { StoreError } from "../storage/store-error.ts";

/** Header version.app of this state machine. */
export const appVersion = 1;
export const blockBytesMax = 1_048_576;
export const blockTransactionsMax = 2_000;
const validatorPower = 10;
/** Of a network. */
const validatorsMax = 64;
const yearMs = 365 * 86_400_000;
/** MaxChainIDLen. */
const chainBytesMax = 50;

const moneyText = z.string().regex(/^(0|[1-9][0-9]{0,29})$/);
const appStateSchema = z.looseObject({
  accounts: z
    .array(
      z.looseObject({
        key: publicKeySchema,
        name: nameSchema,
        roles: z.array(z.enum(roles)),
        money: moneyText.optional(),
      }),
    )
    .max(10_000),
  treasury: moneyText,
  welcomeGrant: moneyText,
  quotas: z
    .strictObject(
      Object.fromEntries(
        Object.keys(quotasDefault).map((name) => [name, z.number().int().min(1).max(1_000_000_000).exactOptional()]),
      ),
    )
    .exactOptional(),
  recovery: z
    .looseObject({
      guardianDelayMsMin: z.number().int().min(0).max(guardianDelayMsMax),
      proposalMs: z.number().int().min(1).max(guardianDelayMsMax),
    })
    .exactOptional(),
  energy: z.looseObject({ slotSeconds: z.number().int().min(1) }),
  validators: z
    .array(
      z.strictObject({
        key: publicKeySchema,
        power: z.number().int().min(1).max(1_000_000),
        name: nameSchema,
        account: accountIdSchema,
      }),
    )
    .min(1)
    .max(validatorsMax)
    .exactOptional(),
  validatorParams: z
    .strictObject({ jailMs: z.number().int().min(1).max(yearMs), proposalMs: z.number().int().min(1).max(yearMs) })
    .exactOptional(),
});

const genesisSchema = z.object({
  genesis_time: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/, "must have milliseconds at most"),
  chain_id: z
    .string()
    .min(1)
    .refine(
      (chain) => (utf8Of(chain)?.length ?? Number.POSITIVE_INFINITY) <= chainBytesMax,
      "must have at most 50 bytes of UTF-8",
    ),
  initial_height: z.literal("1"),
  consensus_params: z.object({
    block: z.object({ max_bytes: z.literal(String(blockBytesMax)), max_gas: z.literal("-1") }),
    evidence: z.object({ max_age_num_blocks: z.string(), max_age_duration: z.string(), max_bytes: z.string() }),
    validator: z.object({ pub_key_types: z.array(z.literal("ed25519")) }),
    version: z.object({ app: z.literal(String(appVersion)) }),
    abci: z.object({ vote_extensions_enable_height: z.literal("0") }),
  }),
  validators: z
    .array(
      z.object({
        address: z.string().regex(/^[0-9A-F]{40}$/),
        pub_key: z.object({ type: z.literal("tendermint/PubKeyEd25519"), value: z.base64() }),
        power: z.string().regex(/^[1-9][0-9]{0,17}$/),
        name: z.string(),
      }),
    )
    .min(1)
    .max(validatorsMax)
    .refine((all) => new Set(all.map(({ address }) => address)).size === all.length, "must not name a validator twice"),
  app_hash: z.literal(""),
  app_state: appStateSchema,
});
const genesisDocumentSchema = genesisSchema.check(({ value, issues }) => {
  const message = validatorsProblem(value);
  if (message !== null) issues.push({ code: "custom", input: value, message, path: ["app_state", "validators"] });
});

/** Why the validators of `app_state` cannot be the document's; null when they are, or when it names none. */
function validatorsProblem({ validators, app_state }: z.infer<typeof genesisSchema>): string | null {
  const own = app_state.validators;
  if (own === undefined) return null;
  const named = validators.map(({ pub_key, power }) => `${hex(fromBase64(pub_key.value))} ${power}`);
  if (
    named.sort().join() !==
    own
      .map(({ key, power }) => `${key} ${power}`)
      .sort()
      .join()
  )
    return "must be the document's validators, by key and power";
  const accounts = new Set(app_state.accounts.map(({ key }) => accountIdOfKey(key)));
  const known = own.every(({ account }) => accounts.has(account));
  if (!known || new Set(own.map(({ account }) => account)).size !== own.length)
    return "must have an account of genesis each, no two the same";
  return own.every(({ key }) => isSoundKey(key)) ? null : "must have sound keys";
}

export type GenesisDocument = z.infer<typeof genesisSchema>;

export interface GenesisValidator {
  /** Ed25519. */
  readonly publicKey: Uint8Array;
  /** Hex, upper case. */
  readonly address: string;
  readonly power: bigint;
}

/** What the engine needs of genesis. */
export interface Genesis {
  readonly document: GenesisDocument;
  readonly chain: string;
  readonly timeMs: number;
  /** In CometBFT's order: by power, highest first, then by address. */
  readonly validators: readonly GenesisValidator[];
  /** The first of them: the embedded engine's only one. */
  readonly validator: GenesisValidator;
  readonly appState: AppState;
}

/** A fresh document. */
export function makeGenesis(options: {
  readonly timeMs: number;
  readonly validator: { readonly address: string; readonly publicKeyBase64: string };
  readonly appState: AppState;
  readonly chain?: string;
}): GenesisDocument {
  return genesisSchema.parse({
    genesis_time: timestampText(timestampOfMs(options.timeMs)),
    chain_id: options.chain ?? `glasstown-${randomBytes(4).toString("hex")}`,
    initial_height: "1",
    consensus_params: {
      block: { max_bytes: String(blockBytesMax), max_gas: "-1" },
      evidence: { max_age_num_blocks: "100000", max_age_duration: "172800000000000", max_bytes: "1048576" },
      validator: { pub_key_types: ["ed25519"] },
      version: { app: String(appVersion) },
      abci: { vote_extensions_enable_height: "0" },
    },
    validators: [
      {
        address: options.validator.address,
        pub_key: { type: "tendermint/PubKeyEd25519", value: options.validator.publicKeyBase64 },
        power: String(validatorPower),
        name: "city",
      },
    ],
    app_hash: "",
    app_state: options.appState,
  });
}

/** Reads `genesis.json` of the folder; when there is none, writes what `make` gives. @throws {StoreError} when it is damaged. */
export async function loadGenesis(folder: string, make: () => GenesisDocument): Promise<Genesis> {
  const file = join(folder, "genesis.json");
  const text =
    (await readIfPresent(file, textBytesMax)) ??
    (await createDurably(file, `${JSON.stringify(make(), null, 2)}\n`, 0o644));
  return readGenesis(file, text);
}

function readGenesis(file: string, text: string): Genesis {
  try {
    return genesisOf(genesisDocumentSchema.parse(JSON.parse(text)));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const reason = issue === undefined ? "is damaged" : `${issue.path.join(".")}: ${issue.message}`;
    throw new StoreError(`${file}: ${reason}; restore it from a backup`, { cause });
  }
}

function genesisOf(document: GenesisDocument): Genesis {
  const validators = document.validators
    .map(({ pub_key, address, power }) => ({ publicKey: fromBase64(pub_key.value), address, power: BigInt(power) }))
    .sort((a, b) => (a.power === b.power ? (a.address < b.address ? -1 : 1) : a.power < b.power ? 1 : -1));
  return {
    document,
    chain: document.chain_id,
    timeMs: msOfTimestamp(timestampFromText(document.genesis_time)),
    validators,
    validator: validators[0]!,
    appState: document.app_state as AppState,
  };
}
