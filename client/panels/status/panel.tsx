// The status strip: whose model this is, what is simulated, whether we are connected, and how high the chain stands according to
// this browser's own light client. The banner above it speaks up only when something is wrong.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { headHeight, streamState } from "../../core/blocks.ts";
import { now } from "../../core/clock.ts";
import { count } from "../../core/format.ts";
import { t, tn, words } from "../../core/language.ts";
import { trustedHead } from "../../core/light.ts";
import { light } from "../../core/preferences.ts";
import { connection, crowd, retryNow } from "../../core/room.ts";
import { manifest } from "../../core/world.ts";
import { Icon } from "../controls/icon.tsx";
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
      <span
        class={`status-item ${verified ? "is-verified" : ""} ${failed ? "status-warn" : ""}`}
        data-testid="status-height"
        data-height={announced}
        data-verified-height={head?.height ?? 0}
        data-state={head?.verdict.state ?? "checking"}
        title={says}
      >
        <Icon name={failed ? "alert" : verified ? "check" : "circleDashed"} size={18} />
        {announced === 0 ? t("status.no-blocks") : t("status.height", { height: count(announced) })}
        {verified || failed ? (
          <span class={failed ? "" : "wide-only"}>{t(failed ? "proof.failed" : "proof.verified")}</span>
        ) : null}
      </span>
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

/** Says what is wrong with the connection, and what happens next. */
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
  const current = connection.value;
  if (!online)
    return (
      <div class="glass banner" role="alert" data-testid="banner">
        <Icon name="plugOff" /> {t("connection.offline")}
      </div>
    );
  if (current.state === "refused")
    return (
      <div class="glass banner" role="alert" data-testid="banner">
        <Icon name="alert" />
        <span>{words(`refusal.${current.name}`) ?? t("connection.refused")}</span>
        <button type="button" class="secondary small" onClick={retryNow}>
          {t("connection.retry")}
        </button>
      </div>
    );
  if (current.state !== "lost") return null;
  void now.value;
  const seconds = Math.max(0, Math.ceil((current.retryAt - Date.now()) / 1000));
  return (
    <div class="glass banner" role="alert" data-testid="banner">
      <Icon name="plugOff" />
      <span>
        {t("connection.lost")}{" "}
        <span aria-hidden="true">
          {seconds > 0 ? t("connection.retry-in", { count: seconds }) : t("connection.retrying")}
        </span>
      </span>
      <button type="button" class="secondary small" onClick={retryNow}>
        {t("connection.retry")}
      </button>
    </div>
  );
}
