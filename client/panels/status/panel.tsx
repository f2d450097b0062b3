// The status strip: whose model this is, what is simulated, whether we are connected, and how high the chain stands according to
// this browser's own light client. The banner above it speaks up only when something is wrong.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { headHeight, streamState } from "../../core/blocks.ts";
import { now } from "../../core/clock.ts";
import { count } from "../../core/format.ts";
import { t, tn, words } from "../../core/language.ts";
import { light } from "../../core/preferences.ts";
import { connection, crowd, retryNow } from "../../core/room.ts";
import { trustedHead } from "../../core/trust.ts";
import { openPanel, panel, togglePanel } from "../../core/view.ts";
import { manifest } from "../../core/world.ts";
import { Icon, type IconName } from "../controls/icon.tsx";
import "./panel.css";

/** A head this far behind the newest announced block is not called verified. */
const headLagMax = 3;

export function Status(): JSX.Element {
  const announced = headHeight.value;
  const head = trustedHead.value;
  const failed = head?.verdict.state === "failed";
  const verified = head !== null && !failed && announced > 0 && announced - head.height <= headLagMax;
  const ready = streamState.value === "open";
  const says =
    head === null || head.height === 0 ? t("status.head-waiting") : t("status.head", { height: count(head.height) });
  return (
    <section class="status" aria-label={t("status.label")}>
      <button
        type="button"
        class={`status-item status-open ${verified ? "is-verified" : ""} ${failed ? "status-warn" : ""}`}
        data-testid="status-height"
        data-height={announced}
        data-verified-height={head?.height ?? 0}
        data-state={head?.verdict.state ?? "checking"}
        title={says}
        aria-pressed={panel.value === "trusted"}
        onClick={() => togglePanel("trusted")}
      >
        <Icon name={failed ? "alert" : verified ? "check" : "circleDashed"} size={18} />
        {announced === 0 ? t("status.no-blocks") : t("status.height", { height: count(announced) })}
        {verified || failed ? (
          <span class={failed ? "" : "wide-only"}>{t(failed ? "proof.failed" : "proof.verified")}</span>
        ) : null}
      </button>
      {ready ? null : <span class="status-item status-warn">{t("status.stream-lost")}</span>}
      {crowd.value.count > 0 ? (
        <span class="status-item wide-only" data-testid="crowd-note">
          {tn("status.crowd", crowd.value.count)}
        </span>
      ) : null}
      {light.value === "live" ? null : <span class="status-item status-warn">{t("light.not-live-short")}</span>}
      <span class="status-item status-attribution" data-testid="attribution">
        {manifest.value?.attribution ?? ""}
      </span>
    </section>
  );
}

/** A stream that is back within this time was never worth a word. */
const graceMs = 2500;

/** True once something has been away for longer than a blink. */
function useAway(away: boolean): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    if (!away) {
      setLong(false);
      return;
    }
    const timer = setTimeout(() => setLong(true), graceMs);
    return () => clearTimeout(timer);
  }, [away]);
  return away && long;
}

/** Says what is wrong with the connection, and what happens next. Only one thing at a time: the first that explains the others. */
export function Banner(): JSX.Element | null {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const changed = (): void => setOnline(navigator.onLine);
    addEventListener("online", changed);
    addEventListener("offline", changed);
    return () => {
      removeEventListener("online", changed);
      removeEventListener("offline", changed);
    };
  }, []);
  const ledgerAway = useAway(streamState.value === "lost");
  const current = connection.value;
  if (!online) return <Notice icon="plugOff" text={t("connection.offline")} />;
  if (current.state === "refused") {
    // A device's key ends after some weeks, or is removed elsewhere: trying again would not help, a passkey does.
    if (current.name === "world_key_must_belong_to_account")
      return (
        <Notice
          icon="key"
          text={words(`refusal.${current.name}`) ?? t("connection.refused")}
          action={t("keys.title")}
          testid="banner-keys"
          act={() => openPanel("keys")}
        />
      );
    const replaced = current.name === "world_session_must_be_the_newest";
    return (
      <Notice
        icon={replaced ? "users" : "alert"}
        text={words(`refusal.${current.name}`) ?? t("connection.refused")}
        action={t(replaced ? "connection.take-over" : "connection.retry")}
        testid={replaced ? "take-over" : "retry"}
      />
    );
  }
  if (current.state === "lost") {
    void now.value;
    const seconds = Math.max(0, Math.ceil((current.retryAt - Date.now()) / 1000));
    return (
      <Notice
        icon="plugOff"
        text={t("connection.lost")}
        more={seconds > 0 ? t("connection.retry-in", { count: seconds }) : t("connection.retrying")}
        action={t("connection.retry")}
        testid="retry"
      />
    );
  }
  return ledgerAway ? <Notice icon="plugOff" text={t("connection.ledger-away")} /> : null;
}

function Notice(props: {
  icon: IconName;
  text: string;
  more?: string;
  action?: string;
  testid?: string;
  /** What the action does; left out: tries again. */
  act?: () => void;
}): JSX.Element {
  return (
    <div class="glass banner" role="alert" data-testid="banner">
      <Icon name={props.icon} />
      <span>
        {props.text} {/* It changes every second, which nobody wants to hear. */}
        {props.more === undefined ? null : <span aria-hidden="true">{props.more}</span>}
      </span>
      {props.action === undefined ? null : (
        <button type="button" class="secondary small" data-testid={props.testid} onClick={props.act ?? retryNow}>
          {props.action}
        </button>
      )}
    </div>
  );
}
