/** An event that a lab has published: where, and as much of it as routing looks at. */
export interface PublishedEvent {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly dataBytes: number;
}
