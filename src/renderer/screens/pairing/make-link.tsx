import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { PairingOffer } from "../../../shared/links/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useGo } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { PrivateAddress } from "../peers/environment-fields.tsx";
import { fieldOf } from "../peers/field-of.ts";
import { NumberField } from "../peers/number-field.tsx";
import { ScopesField, scopesProblem } from "../peers/scopes-field.tsx";
import { keepLink } from "./made-links.ts";
import { OwnUrlNote } from "./own-url.tsx";
import styles from "./pairing.module.css";

type Way = PairingOffer["maker_to_opener"];

const OUT: readonly { value: Way; label: string }[] = [
  { value: "pull", label: "The other side reads our stream (works behind NAT)" },
  { value: "push", label: "We push to it (we must reach it)" },
  { value: "none", label: "Nothing" },
];
const IN: readonly { value: Way; label: string }[] = [
  { value: "push", label: "It pushes to us" },
  { value: "pull", label: "We read its stream (we must reach it)" },
  { value: "none", label: "Nothing" },
];
const MINUTE = 60_000;
const EXPIRES = [
  { value: String(15 * MINUTE), label: "15 minutes" },
  { value: String(60 * MINUTE), label: "An hour" },
  { value: String(24 * 60 * MINUTE), label: "A day" },
];

/** Makes a link to be opened at the other hub. */
export function MakeLink() {
  const { query } = useHub();
  const go = useGo();
  const [out, setOut] = useState<Way>("pull");
  const [into, setInto] = useState<Way>("push");
  const [scopes, setScopes] = useState<string[]>(["*"]);
  const [maxHops, setMaxHops] = useState(3);
  const [expires, setExpires] = useState(String(15 * MINUTE));
  const [url, setUrl] = useState("");
  const [allowPrivate, setPrivate] = useState(false);
  const offer = useMutation(query.pairing.offer.mutationOptions());
  const wrong = offer.error === null ? "" : fieldOf(offer.error);
  const aboutUrl = wrong === "url" || (offer.error !== null && messageOf(offer.error).startsWith("url:"));
  const make = (): void =>
    offer.mutate(
      {
        makerToOpener: out,
        openerToMaker: into,
        scopes,
        maxHops,
        expiresIn: Number(expires),
        url: url.trim() === "" ? null : url.trim(),
        allowPrivate,
      },
      {
        onSuccess: ({ link, pairing }) => {
          keepLink(pairing.id, link);
          go(`pairing/${pairing.id}`);
        },
      },
    );
  return (
    <form
      className={styles.card}
      aria-label="Make a link"
      onSubmit={(event) => {
        event.preventDefault();
        make();
      }}
    >
      <h2>Make a link here</h2>
      <p>On the side that can be reached, such as staging. Open it on the other side.</p>
      {url.trim() === "" ? <OwnUrlNote>For another one, say below where it reaches this hub.</OwnUrlNote> : null}
      <Button type="submit" look="primary" disabled={offer.isPending || scopesProblem(scopes) !== null}>
        Make a pairing link
      </Button>
      {offer.error === null || aboutUrl ? null : <p role="alert">{messageOf(offer.error)}</p>}
      <details className={styles.more} open={aboutUrl ? true : undefined}>
        <summary>What is offered: both ways, all types, 3 hops, 15 minutes, unless you change it</summary>
        <div className={styles.fields}>
          <Field label="From here to the other side">
            <Select value={out} onValue={setOut} options={OUT} />
          </Field>
          <Field label="From the other side to here">
            <Select value={into} onValue={setInto} options={IN} />
          </Field>
          <ScopesField scopes={scopes} onScopes={setScopes} label="Types that travel" />
          <NumberField label="Hops at most" value={maxHops} onValue={setMaxHops} />
          <Field label="The link is good for">
            <Select value={expires} onValue={setExpires} options={EXPIRES} />
          </Field>
          <Field
            label="Where the other side reaches this hub"
            hint="Empty: this hub's own URL."
            error={aboutUrl ? messageOf(offer.error) : null}
          >
            <Input
              value={url}
              spellCheck={false}
              placeholder="https://…"
              onChange={({ target }) => setUrl(target.value)}
            />
          </Field>
          <PrivateAddress checked={allowPrivate} onChecked={setPrivate} />
        </div>
      </details>
    </form>
  );
}
