import type { ExplainedLink, Explanation } from "./explanation.ts";
import { nameOf, type TopologyMap } from "./map.ts";

/** An explanation to be sent to somebody: what the screen says, as Markdown. */
export function explanationAsMarkdown(map: TopologyMap, explanation: Explanation): string {
  const { event, at, instances, links, missed, readings } = explanation;
  const name = (key: string): string => plain(nameOf(map, key));
  const arrow = ({ from, to }: Pick<ExplainedLink, "from" | "to">): string => `${name(from)} → ${name(to)}`;
  const wayOf = (path: readonly string[]): string =>
    [name(at), ...path.map((id) => name(links.find((link) => link.id === id)?.to ?? "?"))].join(" → ");
  const { chain, hops } = event.provenance;
  const came = hops === 0 ? "first seen there" : `which it came to by ${chain.map(plain).join(" → ")}`;
  const parts = [
    `## Where \`${event.type}\` goes from ${name(at)}`,
    `${event.dataBytes} bytes of data, at ${name(at)}, ${came}.`,
    ...section(
      "Does not get it",
      missed.map((one) => `- **${plain(one.name)}**: ${plain(one.sentence)}`),
    ),
    ...section(
      "Gets it",
      instances.map((one) =>
        one.path.length === 0
          ? `- **${plain(one.name)}** has it`
          : `- **${plain(one.name)}**${one.waits ? ", once a paused link is resumed" : ""}: hop ${one.hops}, by ${wayOf(one.path)}`,
      ),
    ),
    ...section(
      "By reading its stream",
      readings.map(
        ({ name, rule, outcome, sentence }) => `- **${plain(name)}** (${rule ?? outcome}): ${plain(sentence)}`,
      ),
    ),
    ...(links.length === 0
      ? []
      : [
          "### Link by link",
          [
            "| hop | link | outcome | why |",
            "|---|---|---|---|",
            ...links.map(
              (link) => `| ${link.hop} | ${arrow(link)} | ${link.reason ?? link.outcome} | ${plain(link.sentence)} |`,
            ),
          ].join("\n"),
        ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}`, lines.join("\n")];
}

/** Names are the peers' own: they must not become markup of somebody's issue. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`).replaceAll(/\s+/g, " ");
}
