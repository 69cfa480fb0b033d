import type { PairingOffer } from "../../../shared/links/index.ts";

type Way = PairingOffer["maker_to_opener"];

const sentence = (from: string, to: string, way: Way): string =>
  way === "none"
    ? `Nothing travels from ${from} to ${to}.`
    : way === "push"
      ? `${from} pushes events to ${to}.`
      : `${to} reads events from ${from}'s stream, by a key for that alone.`;

const capital = (text: string): string => text.replace(/^(this|the) /, (word) => `T${word.slice(1)}`);

/** What an offer means, direction by direction. */
export const offerSentences = (offer: PairingOffer, maker: string, opener: string): string[] => [
  capital(sentence(maker, opener, offer.maker_to_opener)),
  capital(sentence(opener, maker, offer.opener_to_maker)),
  `Types: ${offer.scopes.join(", ")}. At most ${offer.max_hops} ${offer.max_hops === 1 ? "hop" : "hops"}.`,
];
