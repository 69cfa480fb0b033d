import type { LabView } from "../../../shared/contract/index.ts";
import { LabFile, type LabTopology, sayFileProblems } from "../../../shared/lab/index.ts";
import { messageOf } from "../../data/error-message.ts";

const LAST = "kite.lab.last";

/** Keeps the lab that was started last, so that it can be started again. */
export const rememberLab = (file: LabFile): void => localStorage.setItem(LAST, JSON.stringify(file));

export function lastLab(): LabFile | null {
  try {
    return LabFile.safeParse(JSON.parse(localStorage.getItem(LAST) ?? "")).data ?? null;
  } catch {
    return null;
  }
}

/** Reads a lab file. @throws Error with a line for each problem, each with its place */
export function readLab(text: string, name: string): LabFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON: ${messageOf(error)}`);
  }
  const read = LabFile.safeParse(value);
  if (!read.success) throw new Error(`${name} is not a lab:\n${sayFileProblems(read.error)}`);
  return read.data;
}

/** A lab that begins with hubs alone: one publication to see it work, and what must hold in any topology. */
export function newLab(name: string, topology: LabTopology, at: string): LabFile {
  return LabFile.parse({
    name,
    lesson: "",
    topology,
    steps: [{ do: "publish", at, count: 10 }],
    expect: [{ that: "predicted" }],
  });
}

/** The lab as it is now: what was done by hand follows the file's own steps. */
export const savedLab = ({ file, taken }: Pick<LabView, "file" | "taken">): LabFile => ({
  ...file,
  steps: [...file.steps, ...taken],
});

export const fileName = ({ name }: Pick<LabFile, "name">): string => {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["my"];
  return `${words.join("-")}.lab.json`;
};

export const headlessCommand = (file: LabFile): string => `npm run lab -- ${fileName(file)}`;

export function saveLab(lab: Pick<LabView, "file" | "taken">): void {
  const url = URL.createObjectURL(
    new Blob([`${JSON.stringify(savedLab(lab), null, 2)}\n`], { type: "application/json" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName(lab.file);
  link.click();
  URL.revokeObjectURL(url);
}
