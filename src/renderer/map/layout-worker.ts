/** ELK's worker: it takes graphs as messages by itself, and answers with them laid out. */
import "elkjs/lib/elk-worker.min.js";
