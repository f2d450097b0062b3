// The card of whatever was picked: a device, a building, a citizen or a simulated walker.

import type { ComponentChildren, JSX } from "preact";
import type { WorldObject } from "../../../worlds/format/world.ts";
import { lookAt, scene } from "../../core/city-scene.ts";
import { count, measured } from "../../core/format.ts";
import { t, words } from "../../core/language.ts";
import { neighbours } from "../../core/room.ts";
import { card, closeCard, openCard, type Subject } from "../../core/view.ts";
import { deviceName, deviceOf, objectOf } from "../../core/world.ts";
import { Hash } from "../controls/copy.tsx";
import { Glass } from "../controls/glass.tsx";
import { Icon, type IconName, kindIcon } from "../controls/icon.tsx";
import { HomeMeter } from "../energy/home-meter.tsx";
import { AccountFacts } from "./account-facts.tsx";
import { DeviceValues } from "./device-values.tsx";
import "./panel.css";

/** Devices whose values a building's card shows at once; the others are links. */
const inlineMax = 3;

function Frame(props: {
  subject: Subject;
  title: string;
  subtitle: ComponentChildren;
  icon: IconName;
  children: ComponentChildren;
}): JSX.Element {
  const canLook = scene.value !== null && props.subject.kind !== "walker";
  return (
    <Glass
      title={props.title}
      subtitle={props.subtitle}
      icon={props.icon}
      testid="card"
      about={JSON.stringify(props.subject)}
      onClose={closeCard}
      actions={
        canLook ? (
          <button
            type="button"
            class="plain square"
            onClick={() => lookAt(props.subject)}
            aria-label={t("card.look")}
            title={t("card.look")}
          >
            <Icon name="focus" />
          </button>
        ) : null
      }
    >
      {props.children}
    </Glass>
  );
}

export function Card(): JSX.Element | null {
  const subject = card.value;
  if (subject === null) return null;
  switch (subject.kind) {
    case "device":
      return <DeviceCard key={subject.device} subject={subject} />;
    case "object":
      return <ObjectCard key={subject.object} subject={subject} />;
    case "citizen":
      return <CitizenCard subject={subject} />;
    case "walker":
      return (
        <Frame
          subject={subject}
          title={t("walker.title", { number: subject.number })}
          subtitle={t("kind.walker")}
          icon="walk"
        >
          <p class="tag tag-simulated">{t("walker.simulated")}</p>
          <p>{t("walker.says")}</p>
        </Frame>
      );
  }
}

function DeviceCard({ subject }: { subject: Extract<Subject, { kind: "device" }> }): JSX.Element {
  const device = deviceOf(subject.device);
  const kind = device?.kind ?? subject.device.split("-")[0] ?? "";
  const title = deviceName(subject.device);
  const place = device?.cityObject === undefined ? undefined : objectOf(device.cityObject);
  return (
    <Frame
      subject={subject}
      title={title}
      subtitle={[words(`kind.${kind}`), device?.address]
        .filter((part) => part != null && !title.includes(part))
        .join(" · ")}
      icon={kindIcon(kind)}
    >
      <DeviceValues device={subject.device} />
      {kind === "meter" ? <HomeMeter meter={subject.device} solarW={device?.solarW ?? null} /> : null}
      <dl class="facts">
        {place === undefined ? null : (
          <Fact name={t("fact.place")}>
            <button type="button" class="link" onClick={() => openCard({ kind: "object", object: place.id })}>
              {place.name ?? place.address ?? place.id}
            </button>
          </Fact>
        )}
        <Fact name={t("fact.device")}>
          <code>{subject.device}</code>
        </Fact>
      </dl>
    </Frame>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ObjectFacts({ object }: { object: WorldObject }): JSX.Element {
  const solar = object.solarW === undefined ? null : measured(object.solarW, "W");
  return (
    <dl class="facts">
      {object.name !== undefined && object.address !== undefined ? (
        <Fact name={t("fact.address")}>{object.address}</Fact>
      ) : null}
      {object.height === undefined ? null : (
        <Fact name={t("fact.height")}>
          {measured(object.height, "m").number} m
          {object.storeys === undefined ? "" : ` · ${t("fact.storeys", { count: count(object.storeys) })}`}
        </Fact>
      )}
      {object.yearBuilt === undefined ? null : <Fact name={t("fact.built")}>{object.yearBuilt}</Fact>}
      {solar === null ? null : (
        <Fact name={t("fact.solar")}>
          {solar.number} {solar.unit}
        </Fact>
      )}
    </dl>
  );
}

function ObjectCard({ subject }: { subject: Extract<Subject, { kind: "object" }> }): JSX.Element {
  const object = objectOf(subject.object) ?? scene.value?.objects.find((one) => one.id === subject.object);
  if (object === undefined)
    return (
      <Frame subject={subject} title={subject.object} subtitle={t("use.other")} icon="building">
        <p class="empty">{t("card.unknown-object")}</p>
      </Frame>
    );
  const own = object.devices ?? [];
  const meter = own.find((device) => deviceOf(device)?.kind === "meter" || device.startsWith("meter-"));
  const use = words(`use.${object.use}`) ?? object.use;
  return (
    <Frame
      subject={subject}
      title={object.name ?? object.address ?? use}
      subtitle={use}
      icon={object.use === "house" ? "home" : "building"}
    >
      <ObjectFacts object={object} />
      {own.length === 0 ? <p class="empty">{t("card.no-devices")}</p> : null}
      {own.slice(0, inlineMax).map((device, number) => (
        <section key={device} class="card-device" aria-label={deviceName(device)}>
          <h3>
            <button type="button" class="link" onClick={() => openCard({ kind: "device", device })}>
              <Icon name={kindIcon(deviceOf(device)?.kind ?? "")} size={18} /> {deviceName(device)}
            </button>
          </h3>
          <DeviceValues device={device} plot={number === 0} />
        </section>
      ))}
      {own.length > inlineMax ? (
        <ul class="links">
          {own.slice(inlineMax).map((device) => (
            <li key={device}>
              <button type="button" class="link" onClick={() => openCard({ kind: "device", device })}>
                {deviceName(device)}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {meter === undefined ? null : (
        <HomeMeter meter={meter} solarW={object.solarW ?? deviceOf(meter)?.solarW ?? null} />
      )}
    </Frame>
  );
}

function CitizenCard({ subject }: { subject: Extract<Subject, { kind: "citizen" }> }): JSX.Element {
  const neighbour = neighbours.value.find((one) => one.session === subject.session);
  return (
    <Frame subject={subject} title={neighbour?.name ?? t("citizen.gone")} subtitle={t("kind.citizen")} icon="user">
      {neighbour === undefined ? (
        <p class="empty">{t("citizen.gone-says")}</p>
      ) : (
        <>
          <dl class="facts">
            <Fact name={t("fact.account")}>
              <Hash text={neighbour.account} />
            </Fact>
          </dl>
          <AccountFacts account={neighbour.account} name={neighbour.name} />
        </>
      )}
    </Frame>
  );
}
