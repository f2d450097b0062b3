// The "me" card: who I am here, what I hold (proven), what I traded, sending money, and the key on this device.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type EnergyBalanceRecord, energyState } from "../../../ledger/protocol/energy.ts";
import { availableIn, type BalanceRecord, moneyState } from "../../../ledger/protocol/money.ts";
import { account, citizenship, forgetMe, refreshAccount } from "../../core/citizen.ts";
import { energy, energyExact, moneyExact, moneyRoundedDown } from "../../core/format.ts";
import type { Identity } from "../../core/identity.ts";
import { t } from "../../core/language.ts";
import { ledgerApi } from "../../core/ledger-api.ts";
import { followMarket } from "../../core/market.ts";
import { followMoney, ownMoney, ownMoneyProblem } from "../../core/own-money.ts";
import { leaveCity } from "../../core/room.ts";
import { closePanel, openCard, openPanel } from "../../core/view.ts";
import { deviceName, deviceOf } from "../../core/world.ts";
import { Hash } from "../controls/copy.tsx";
import { Glass } from "../controls/glass.tsx";
import { Reading } from "../controls/reading.tsx";
import { NameForm } from "../welcome/name-form.tsx";
import { Balance } from "./balance.tsx";
import { Figures } from "./figures.tsx";
import { SpendingLimits } from "./limits.tsx";
import { Reserves } from "./reserves.tsx";
import { Statement } from "./statement.tsx";
import { Trades } from "./trades.tsx";
import { Transfer } from "./transfer.tsx";
import "./panel.css";

export function WalletPanel(): JSX.Element {
  const current = citizenship.value;
  return (
    <Glass
      title={current.state === "citizen" ? current.name : t("wallet.guest")}
      subtitle={current.state === "citizen" ? t("wallet.citizen") : t("wallet.guest-says")}
      icon="user"
      testid="wallet-panel"
      onClose={closePanel}
    >
      {current.state === "citizen" ? <Me identity={current.identity} /> : <NameForm />}
    </Glass>
  );
}

function Me({ identity }: { identity: Identity }): JSX.Element {
  useEffect(() => {
    refreshAccount().catch(() => undefined);
    const stops = [followMarket(), followMoney()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  const money = ownMoney.value?.account === identity.account ? ownMoney.value : null;
  const own = account.value;
  const meter = own?.meter ?? null;
  return (
    <>
      {own === null ? (
        <Reading problem={null} says={t("wallet.loading")} />
      ) : (
        <>
          <Balance
            label={t("wallet.available")}
            entry={moneyState.balance(identity.account)}
            version={JSON.stringify(money?.balance)}
            read={async () => (await ledgerApi.money(identity.account)).record}
            unitsIn={(record: BalanceRecord) => availableIn(record).toString()}
            show={moneyRoundedDown}
            exact={moneyExact}
            testid="balance"
            shieldTestid="balance-shield"
            more={(balance) => (money === null ? null : <Figures balance={balance} own={money} />)}
          />
          {own.energyWh === "0" ? null : (
            <Balance
              label={t(own.energyWh.startsWith("-") ? "wallet.energy-sold" : "wallet.energy-bought")}
              entry={energyState.balance(identity.account)}
              version={own.energyWh}
              read={async () => ({ energyWh: (await ledgerApi.account(identity.account)).energyWh })}
              unitsIn={(record: EnergyBalanceRecord) => record.energyWh}
              show={(units) => energy(units.replace("-", ""))}
              exact={(units) => energyExact(units.replace("-", ""))}
              testid="energy-balance"
              shieldTestid="energy-shield"
            />
          )}
        </>
      )}
      {money === null ? null : <Reserves own={money} />}
      {ownMoneyProblem.value === null ? null : <p class="problem">{ownMoneyProblem.value}</p>}
      <dl class="facts">
        <div>
          <dt>{t("fact.account")}</dt>
          <dd>
            <Hash text={identity.account} />
          </dd>
        </div>
        <div>
          <dt>{t("fact.home")}</dt>
          <dd>
            {meter === null ? (
              t("wallet.no-home")
            ) : (
              <button type="button" class="link" onClick={() => openCard({ kind: "device", device: meter })}>
                {deviceOf(meter)?.address ?? deviceName(meter)}
              </button>
            )}
          </dd>
        </div>
        <div>
          <dt>{t("fact.key")}</dt>
          <dd>
            {t(identity.kind === "webcrypto" ? "wallet.key-strong" : "wallet.key-weak")}{" "}
            <button type="button" class="link" data-testid="open-keys" onClick={() => openPanel("keys")}>
              {t("keys.title")}
            </button>
          </dd>
        </div>
      </dl>
      <h3>{t("wallet.trades")}</h3>
      <Trades />
      <details class="fold" data-testid="send">
        <summary>{t("wallet.send")}</summary>
        <Transfer by={identity.account} />
      </details>
      <Statement account={identity.account} version={JSON.stringify(money?.balance)} />
      <details class="fold" data-testid="limits">
        <summary>{t("limits.title")}</summary>
        {money === null ? null : <SpendingLimits own={money} />}
      </details>
      <Forget passkey={identity.scope !== undefined} />
    </>
  );
}

function Forget({ passkey }: { passkey: boolean }): JSX.Element {
  const [sure, setSure] = useState(false);
  return (
    <details class="fold">
      <summary>{t("wallet.leave")}</summary>
      <p>{t(passkey ? "wallet.leave-warning-passkey" : "wallet.leave-warning")}</p>
      <label class="check">
        <input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />
        <span>{t(passkey ? "wallet.leave-understood-passkey" : "wallet.leave-understood")}</span>
      </label>
      <button
        type="button"
        class="danger"
        disabled={!sure}
        onClick={() => {
          leaveCity();
          void forgetMe();
        }}
      >
        {t("wallet.forget")}
      </button>
    </details>
  );
}
