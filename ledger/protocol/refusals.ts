// Refusal codes. Numbers are append-only: never reuse or renumber one. The part before the first underscore is the
// module, which is also the ABCI codespace. The same code appears in HTTP problems and in room messages.

export const refusalCodes = {
  // Transactions as such: 1 to 99.
  transaction_bytes_must_not_exceed_limit: 1,
  transaction_must_be_json: 2,
  transaction_must_match_schema: 3,
  transaction_must_be_canonical: 4,
  transaction_chain_must_match: 5,
  transaction_must_not_be_expired: 6,
  transaction_expiry_must_be_near: 7,
  transaction_must_not_be_repeated: 8,
  transaction_auth_must_cover_every_actor: 9,
  transaction_auth_must_not_be_superfluous: 10,
  transaction_key_must_belong_to_account: 11,
  transaction_signature_must_be_valid: 12,
  transaction_quota_must_not_be_exceeded: 13,
  transaction_mempool_must_have_room: 14,
  // Accounts: 100 to 199.
  accounts_id_must_match_key: 100,
  accounts_account_must_not_exist: 101,
  accounts_name_must_be_free: 102,
  accounts_account_must_exist: 103,
  // 104 to 106 were what is now 400 to 402.
  accounts_treasury_must_suffice: 107,
  accounts_name_must_not_be_too_long: 108,
  // Energy: 200 to 299.
  energy_meter_must_exist: 200,
  energy_meter_must_be_free: 201,
  energy_meter_must_be_linked_to_account: 202,
  energy_account_must_have_no_meter: 203,
  energy_meter_must_have_solar: 204,
  energy_slot_must_be_open: 205,
  energy_slot_must_have_room: 206,
  energy_orders_per_account_must_not_exceed_limit: 207,
  energy_order_must_exist: 208,
  energy_order_must_belong_to_account: 209,
  energy_balance_must_cover_bid: 210,
  energy_account_must_have_no_open_offers: 211,
  energy_order_must_not_cross_own: 212,
  // Telemetry: 300 to 399.
  telemetry_role_must_be_registrar: 300,
  telemetry_role_must_be_twin: 301,
  telemetry_device_must_not_exist: 302,
  telemetry_size_must_grow: 303,
  telemetry_time_must_not_go_back: 304,
  telemetry_key_must_be_unused: 305,
  // Money: 400 to 499.
  money_balance_must_suffice: 400,
  money_recipient_must_exist: 401,
  money_recipient_must_differ: 402,
} as const;

export type RefusalName = keyof typeof refusalCodes;

/** A refusal is a value, never an exception. `params` are for people and for messages in their language. */
export interface Refusal {
  readonly ok: false;
  readonly name: RefusalName;
  readonly code: number;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Makes a refusal. */
export function refuse(name: RefusalName, params: Readonly<Record<string, string | number>> = {}): Refusal {
  return { ok: false, name, code: refusalCodes[name], params };
}

/** The module of a refusal: the ABCI codespace. */
export function codespaceOf(name: RefusalName): string {
  return name.slice(0, name.indexOf("_"));
}
