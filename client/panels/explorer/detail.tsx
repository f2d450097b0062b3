// One block or one transaction in full: its words, its figures, its proof, and the raw JSON on demand.

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { BundleQuestion } from "../../../ledger/light/verdict.ts";
import { count, dateTime } from "../../core/format.ts";
import { t, words } from "../../core/language.ts";
import { type Block, ledgerApi, type TransactionAnswer } from "../../core/ledger-api.ts";
import { eventLines, messageWords } from "../../core/message-words.ts";
import { type Proof, proofOnDemand } from "../../core/proofs.ts";
import { Hash } from "../controls/copy.tsx";
import { Icon } from "../controls/icon.tsx";
import { Reading } from "../controls/reading.tsx";
import { Shield } from "../controls/shield.tsx";
import { useLoaded } from "./loaded.ts";
import { wordContext } from "./word-context.ts";

/** Checked as soon as it is looked at; nobody should have to ask for proof. */
function ProofLine({ proof, of, question }: { proof: Proof; of: string; question?: BundleQuestion }): JSX.Element {
  useEffect(() => void proof.check(), [proof]);
  return (
    <div class="verify-line">
      <Shield
        view={proof.view.value}
        of={of}
        announce
        {...(question === undefined ? {} : { question })}
        onCheck={() => void proof.check()}
      />
      {proof.view.value.state === "unchecked" ? (
        <button type="button" class="secondary" data-testid="verify" onClick={() => void proof.check()}>
          {t("explorer.verify")}
        </button>
      ) : null}
    </div>
  );
}

function Raw({ value }: { value: unknown }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("explorer.raw")}</summary>
      {open ? <pre>{JSON.stringify(value, null, 2)}</pre> : null}
    </details>
  );
}

/** Transactions of a block spelled out; a block holds more only under attack or load. */
const shownMax = 200;

export function BlockDetail(props: { height: number; openTransaction: (id: string) => void }): JSX.Element {
  const { value, problem } = useLoaded<Block>(() => ledgerApi.block(props.height));
  const proof = useMemo(
    () => proofOnDemand((light) => light.verifyBlock(props.height, value ?? undefined)),
    [props.height, value],
  );
  if (value === null) return <Reading problem={problem} says={t("explorer.loading")} />;
  const context = wordContext();
  const events = eventLines(value.events, context);
  return (
    <article data-testid="block-detail">
      <h3>{t("explorer.block", { height: count(value.height) })}</h3>
      <ProofLine proof={proof} of={t("explorer.block", { height: count(value.height) })} />
      <dl class="facts">
        <div>
          <dt>{t("fact.time")}</dt>
          <dd>
            <time dateTime={value.time} title={value.time}>
              {dateTime(Date.parse(value.time))}
            </time>
          </dd>
        </div>
        <div>
          <dt>{t("fact.hash")}</dt>
          <dd>
            <Hash text={value.hash} />
          </dd>
        </div>
        <div>
          <dt>{t("fact.app-hash")}</dt>
          <dd>
            <Hash text={value.appHash} />
          </dd>
        </div>
      </dl>
      {value.transactions.length === 0 && events.length === 0 ? <p class="empty">{t("explorer.empty-block")}</p> : null}
      <ul class="block-lines">
        {value.transactions.slice(0, shownMax).map((transaction) => (
          <li key={transaction.id}>
            <button
              type="button"
              class={`tx ${transaction.code === 0 ? "" : "tx-refused"}`}
              data-testid="tx-row"
              onClick={() => props.openTransaction(transaction.id)}
            >
              {transaction.transaction.body.messages.map((message) => messageWords(message, context)).join(" · ")}
            </button>
          </li>
        ))}
      </ul>
      {events.length === 0 ? null : (
        <section>
          <h4>{t("explorer.block-events")}</h4>
          <p class="hint">{t("explorer.block-events-unproven")}</p>
          <ul class="block-lines">
            {events.slice(0, shownMax).map(({ key, text }) => (
              <li key={key} class="block-event">
                <Icon name="bolt" size={16} /> {text}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Raw value={value} />
    </article>
  );
}

/** What a transaction told when it was applied: all of it, proven by the results that the next header commits to. */
function Effects({ transaction }: { transaction: TransactionAnswer }): JSX.Element | null {
  const { id, height, events } = transaction;
  const proof = useMemo(() => proofOnDemand((light) => light.verifyEvents(id, height, events)), [id, height, events]);
  if (events.length === 0) return null;
  return (
    <section data-testid="transaction-events">
      <h4>{t("explorer.events")}</h4>
      <ProofLine
        proof={proof}
        of={t("explorer.events")}
        {...(events.length === 1 ? { question: { kind: "event", id, height, number: 0 } as const } : {})}
      />
      <ul class="block-lines">
        {events.slice(0, shownMax).map(({ type, attributes }, number) => (
          <li key={number} class="block-event">
            <Icon name="bolt" size={16} />
            <span>
              <code>{type}</code>{" "}
              <span class="quiet">
                {Object.entries(attributes)
                  .map(([name, one]) => `${name} ${one}`)
                  .join(" · ")}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function TransactionDetail(props: { id: string; openBlock: (height: number) => void }): JSX.Element {
  const { value, problem } = useLoaded<TransactionAnswer>(() => ledgerApi.transaction(props.id));
  const height = value?.height ?? 0;
  const proof = useMemo(
    () => proofOnDemand((light) => light.verifyTransaction(props.id, height, value ?? undefined)),
    [props.id, height, value],
  );
  if (value === null) return <Reading problem={problem} says={t("explorer.loading")} />;
  const context = wordContext();
  return (
    <article data-testid="transaction-detail">
      <h3>{t("explorer.transaction")}</h3>
      {value.transaction.body.messages.map((message, number) => (
        <p key={number} class="message-words">
          {messageWords(message, context)}
        </p>
      ))}
      {value.code === 0 ? null : (
        <p class="problem">
          {t("explorer.refused")}:{" "}
          {words(`refusal.${value.refusal ?? ""}`, value.params ?? {}) ?? value.refusal ?? value.code}
        </p>
      )}
      <ProofLine
        proof={proof}
        of={t("explorer.transaction")}
        question={{ kind: "result", id: value.id, height: value.height }}
      />
      <Effects transaction={value} />
      <dl class="facts">
        <div>
          <dt>{t("fact.block")}</dt>
          <dd>
            <button type="button" class="link" onClick={() => props.openBlock(value.height)}>
              {count(value.height)}
            </button>
          </dd>
        </div>
        <div>
          <dt>{t("fact.id")}</dt>
          <dd>
            <Hash text={value.id} />
          </dd>
        </div>
      </dl>
      <Raw value={value} />
    </article>
  );
}
