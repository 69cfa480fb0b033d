import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useGo } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Checkbox, Field, Input, RadioGroup } from "../../ui/field.tsx";
import { EnvironmentField, PrivateAddress } from "../peers/environment-fields.tsx";
import { fieldOf } from "../peers/field-of.ts";
import { NumberField } from "../peers/number-field.tsx";
import { ScopesField, scopesProblem } from "../peers/scopes-field.tsx";
import { DirectionStates, FirstEvent } from "./first-event.tsx";
import { OwnUrlNote } from "./own-url.tsx";
import styles from "./pairing.module.css";

const NO_SMALLER = "A Kite server has no smaller one: it can read all of the team there.";
const EMPTY = { url: "", team: "", name: "", adminKey: "", readKey: "", instanceId: "" };

/** Pairs with a Kite server, which knows nothing of pairing links: from here with a key, or by commands to run there. */
export function KiteServer() {
  const { query } = useHub();
  const [text, setText] = useState(EMPTY);
  const [how, setHow] = useState<"key" | "commands">("key");
  const [environment, setEnvironment] = useState<"production" | "staging" | "other">("staging");
  const [reachesUs, setReaches] = useState(false);
  const [push, setPush] = useState(true);
  const [allowPrivate, setPrivate] = useState(false);
  const [scopes, setScopes] = useState<string[]>(["*"]);
  const [maxHops, setMaxHops] = useState(3);
  const pair = useMutation(query.pairing.kite.mutationOptions());
  const wrong = pair.error === null ? "" : fieldOf(pair.error) || (/^(\w+): /.exec(messageOf(pair.error))?.[1] ?? "");
  const errorOf = (field: string): string | null => (wrong === field ? messageOf(pair.error) : null);
  const input = (field: keyof typeof EMPTY, secret = false) => (
    <Input
      type={secret ? "password" : "text"}
      autoComplete="off"
      spellCheck={false}
      value={text[field]}
      onChange={({ target }) => setText({ ...text, [field]: target.value })}
    />
  );
  const filled =
    text.url !== "" && text.team !== "" && text.name !== "" && (how === "commands" || text.adminKey !== "");
  if (pair.data !== undefined) return <Registered {...pair.data} />;
  return (
    <form
      className={styles.form}
      aria-label="Pair with a Kite server"
      onSubmit={(event) => {
        event.preventDefault();
        pair.mutate(
          {
            url: text.url.trim(),
            team: text.team.trim(),
            name: text.name.trim(),
            reachesUs,
            push,
            scopes,
            maxHops,
            environment,
            allowPrivate,
            instanceId: text.instanceId.trim() || null,
            readKey: text.readKey || null,
            adminKey: how === "key" ? text.adminKey : null,
          },
          // What was typed as a key does not stay on the page either.
          { onSuccess: () => setText({ ...text, adminKey: "", readKey: "" }) },
        );
      }}
    >
      <Field label="Server's URL" hint="Its base, such as https://api.getkite.sh" error={errorOf("url")}>
        {input("url")}
      </Field>
      <div className={styles.two}>
        <Field label="Team there" error={errorOf("team")}>
          {input("team")}
        </Field>
        <Field label="Name of the peer here" error={errorOf("name")}>
          {input("name")}
        </Field>
      </div>
      <RadioGroup
        label="How it is set up there"
        value={how}
        onValue={setHow}
        options={[
          { value: "key", label: "From here, with an admin key of the team. It is used for this and not kept" },
          { value: "commands", label: "By me: show the exact commands to run there" },
        ]}
      />
      {how === "key" ? (
        <Field label="Admin key" error={errorOf("adminKey")}>
          {input("adminKey", true)}
        </Field>
      ) : null}
      <EnvironmentField value={environment} onValue={setEnvironment} error={errorOf("environment")} />
      <Checkbox label="Send events to it" checked={push} onChecked={setPush} />
      {push && environment === "production" ? (
        <p className={styles.note}>
          A production peer begins as receive only. Sending is switched on in its settings, by its name.
        </p>
      ) : null}
      <Checkbox
        label="It can reach this hub, and pushes here. Otherwise its stream is read"
        checked={reachesUs}
        onChecked={setReaches}
      />
      {reachesUs ? <OwnUrlNote>Start it with KITE_PUBLIC_URL set to where the server reaches it.</OwnUrlNote> : null}
      {reachesUs ? null : how === "key" ? (
        <p className={styles.note}>A key with the permission read is made there and kept here. {NO_SMALLER}</p>
      ) : (
        <Field
          label="Key to read its stream"
          hint={`Of the team, with the permission read. ${NO_SMALLER}`}
          error={errorOf("readKey")}
        >
          {input("readKey", true)}
        </Field>
      )}
      <ScopesField scopes={scopes} onScopes={setScopes} label="Types that travel" error={errorOf("scopes")} />
      <NumberField label="Hops at most" value={maxHops} onValue={setMaxHops} error={errorOf("maxHops")} />
      <Field label="Its instance id" hint="If you know it; the server does not tell." error={errorOf("instanceId")}>
        {input("instanceId")}
      </Field>
      <PrivateAddress checked={allowPrivate} onChecked={setPrivate} />
      {pair.error === null || ["url", "team", "name", "scopes", "maxHops", "adminKey"].includes(wrong) ? null : (
        <p role="alert">{messageOf(pair.error)}</p>
      )}
      <div>
        <Button type="submit" look="primary" disabled={!filled || pair.isPending || scopesProblem(scopes) !== null}>
          {how === "key" ? "Set it up there and here" : "Add the peer and show the commands"}
        </Button>
      </div>
    </form>
  );
}

function Registered({
  peer,
  todo,
  problem,
}: {
  peer: { no: number; id: string; name: string };
  todo: { about: string; commands: string[] } | null;
  problem: string | null;
}) {
  const { query } = useHub();
  const go = useGo();
  const links = useQuery(query.links.list.queryOptions());
  const link = links.data?.find((each) => each.peer.id === peer.id);
  return (
    <section className={styles.form} aria-label={`${peer.name} was added`}>
      <h2>{todo === null ? `${peer.name} is set up` : `${peer.name} is added here; now the other side`}</h2>
      {problem === null ? null : <p role="alert">{problem}</p>}
      {todo === null ? null : (
        <>
          <p>{todo.about} The tokens in it are shown this once.</p>
          {todo.commands.map((command) => (
            <CodeBlock key={command} text={command} what="the command" />
          ))}
        </>
      )}
      <FirstEvent peerNo={peer.no} />
      {link === undefined ? null : <DirectionStates link={link} />}
      <div>
        <Button look="primary" onClick={() => go(`peers/${peer.id}`)}>
          Go to {peer.name}
        </Button>
      </div>
    </section>
  );
}
