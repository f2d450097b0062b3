// Choosing guardians: people found by name, how many must agree, how long the owner can object. It says beforehand when the change takes
// effect: at once where nobody guards yet, else after the waiting time of those in force.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type GuardianSet, guardianDelayMsMax, guardiansMax } from "../../../ledger/protocol/guardians.ts";
import { act } from "../../core/citizen.ts";
import { serverNow } from "../../core/clock.ts";
import { learnName, nameOf } from "../../core/directory.ts";
import { dateTime, duration } from "../../core/format.ts";
import { refreshGuardians } from "../../core/guardians.ts";
import { t, tn } from "../../core/language.ts";
import { ownerOf, provenNameOf } from "../../core/name-owner.ts";
import { CitizenNameField, runWithName } from "../controls/citizen-name.tsx";
import { Icon } from "../controls/icon.tsx";
import { NumberSelect } from "../controls/number-select.tsx";
import { Outcome, SubmitButton, SureButtons, useTask } from "../controls/progress-button.tsx";

const day = 86_400_000;
/** Waiting times to choose from, beside the city's shortest and the one in force. */
const usualDelays = [1, 2, 3, 7, 14, 30, 90].map((days) => days * day);

/** More than half. */
const majority = (people: number): number => Math.floor(people / 2) + 1;

const same = (a: GuardianSet | undefined, b: GuardianSet): boolean =>
  a !== undefined &&
  a.threshold === b.threshold &&
  a.delayMs === b.delayMs &&
  a.members.length === b.members.length &&
  a.members.every((member) => b.members.includes(member));

export function SetGuardians(props: {
  own: string;
  /** Those in force. */
  set: GuardianSet | undefined;
  /** Those in force or waiting: what the form starts with. */
  wanted: GuardianSet | undefined;
  shortestMs: number;
}): JSX.Element {
  const { own, set, wanted, shortestMs } = props;
  const [members, setMembers] = useState<readonly string[]>(wanted?.members ?? []);
  const [threshold, setThreshold] = useState(wanted?.threshold ?? 0);
  const delays = [...new Set([shortestMs, ...usualDelays, wanted?.delayMs || shortestMs])]
    .filter((ms) => ms >= shortestMs && ms <= guardianDelayMsMax)
    .sort((a, b) => a - b);
  const [delayMs, setDelayMs] = useState(wanted?.delayMs || Math.max(2 * day, shortestMs));
  const [sure, setSure] = useState(false);
  const task = useTask();
  const needed = Math.min(threshold || majority(members.length), members.length);
  const asked: GuardianSet = { members: [...members], threshold: needed, delayMs };
  const changed = members.length > 0 && !same(wanted, asked);

  const change = (next: readonly string[]): void => {
    setMembers(next);
    setThreshold(majority(next.length));
  };
  const save = async (message: GuardianSet): Promise<string> => {
    await act([{ type: "accounts/set-guardians", by: own, ...message }]);
    setSure(false);
    await refreshGuardians();
    return t("guardians.saved");
  };
  return (
    <form
      class="order-form guardians-form"
      noValidate
      aria-label={t("guardians.choose-first")}
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) void task.run(() => save(asked));
      }}
    >
      {members.length === 0 ? null : (
        <ul class="people" aria-label={t("guardians.chosen")}>
          {members.map((member) => (
            <li key={member} class="line" data-testid="chosen-guardian">
              <Icon name="user" size={18} />
              <span>{nameOf(member)}</span>
              <button
                type="button"
                class="plain square small"
                aria-label={t("guardians.take-out", { name: nameOf(member) })}
                title={t("guardians.take-out", { name: nameOf(member) })}
                onClick={() => change(members.filter((one) => one !== member))}
              >
                <Icon name="close" size={18} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {members.length < guardiansMax ? (
        <AddPerson own={own} members={members} add={(member) => change([...members, member])} />
      ) : (
        <p class="quiet">{t("guardians.full", { count: guardiansMax })}</p>
      )}
      {members.length === 0 ? null : (
        <>
          <NumberSelect
            label={t("guardians.threshold")}
            testid="guardian-threshold"
            value={needed}
            options={members.map((_, number) => ({
              value: number + 1,
              words: t("guardians.of", { count: number + 1, all: members.length }),
            }))}
            choose={setThreshold}
          />
          {needed === 1 ? <p class="quiet">{t("guardians.one-suffices")}</p> : null}
          {needed > 1 && needed === members.length ? <p class="quiet">{t("guardians.all-needed")}</p> : null}
          <NumberSelect
            label={t("guardians.delay")}
            testid="guardian-delay"
            value={delayMs}
            options={delays.map((ms) => ({ value: ms, words: duration(ms) }))}
            choose={setDelayMs}
          />
          <p class="quiet">{t("guardians.delay-says")}</p>
        </>
      )}
      {changed ? (
        <p class="notice" role="status" data-testid="guardians-effect">
          {effectOf(set)}
        </p>
      ) : null}
      <SubmitButton busy={task.busy} testid="guardians-submit" disabled={!changed}>
        {members.length === 0 ? t("guardians.submit-none") : tn("guardians.submit", members.length)}
      </SubmitButton>
      {set === undefined ? null : sure ? (
        <div class="notice">
          <p>
            {t("guardians.remove-says")} {effectOf(set)}
          </p>
          <SureButtons
            task={task}
            testid="remove-guardians-sure"
            run={() => save({ members: [], threshold: 0, delayMs: 0 })}
            cancel={() => setSure(false)}
          >
            {t("guardians.remove-sure")}
          </SureButtons>
        </div>
      ) : (
        <button type="button" class="link" data-testid="remove-guardians" onClick={() => setSure(true)}>
          {t("guardians.remove")}
        </button>
      )}
      <Outcome task={task} />
    </form>
  );
}

const effectOf = (set: GuardianSet | undefined): string =>
  set === undefined
    ? t("limits.effect-now")
    : t("guardians.effect-later", { time: dateTime(serverNow() + set.delayMs) });

function AddPerson(props: { own: string; members: readonly string[]; add: (member: string) => void }): JSX.Element {
  const [name, setName] = useState("");
  const task = useTask();
  const look = (): void =>
    runWithName(task, name, async (wanted) => {
      const member = await ownerOf(wanted);
      if (member === props.own) return void task.fail(t("guardians.not-self"));
      if (props.members.includes(member)) return void task.fail(t("guardians.twice"));
      learnName(member, (await provenNameOf(member)) ?? wanted);
      props.add(member);
      setName("");
      return undefined;
    });
  return (
    <>
      <div class="field field-below">
        <CitizenNameField
          label={t("guardians.add-label")}
          testid="guardian-name"
          value={name}
          change={setName}
          task={task}
          enter={look}
        />
        <button
          type="button"
          class="secondary"
          data-testid="guardian-add"
          aria-busy={task.busy}
          disabled={name.trim() === ""}
          onClick={look}
        >
          {task.busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="plus" />}
          {t("guardians.add")}
        </button>
      </div>
      <Outcome task={task} />
    </>
  );
}
