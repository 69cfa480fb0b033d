import { StateMark } from "./mark.tsx";

/** What is wrong with a form, and with none of its fields. */
export function FormError({ children }: { children: string | undefined }) {
  return children === undefined ? null : (
    <p role="alert">
      <StateMark tone="fail" shape="cross">
        {children}
      </StateMark>
    </p>
  );
}
