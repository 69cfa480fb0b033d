import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useHub } from "../../data/hub.tsx";
import { StateMark } from "../../ui/mark.tsx";
import styles from "./pairing.module.css";

/** Does a URL lead to the very machine that opens it? */
export const isOwnMachine = (url: string): boolean => /^https?:\/\/(localhost|127\.|\[::1\])/i.test(url);

/** Says so where this hub is about to tell others a URL that leads nowhere from any other machine. */
export function OwnUrlNote({ children }: { children: ReactNode }) {
  const { query } = useHub();
  const { data } = useQuery(query.hub.about.queryOptions());
  if (data === undefined || !isOwnMachine(data.url)) return null;
  return (
    <p className={styles.note}>
      <StateMark tone="wait" shape="warning">
        Only for this machine
      </StateMark>{" "}
      This hub is reached at <code>{data.url}</code>, which leads nowhere from another one. {children}
    </p>
  );
}
