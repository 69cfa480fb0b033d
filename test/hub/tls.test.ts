import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createHttpServer, renewCertificate } from "../../src/main/hub/http-server.ts";
import { Certificate, TlsFilesError } from "../../src/main/hub/tls-files.ts";
import { silent } from "../stream/fixture.ts";
import { CA, certificate } from "../support/certificates.ts";

let files: { certFile: string; keyFile: string };
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "kite-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
});

async function put(name: Parameters<typeof certificate>[0], what: "both" | "cert" = "both"): Promise<void> {
  const { cert, key } = certificate(name);
  await writeFile(files.certFile, cert);
  if (what === "both") await writeFile(files.keyFile, key);
}

/** The names of the certificate that is shown on a port. */
function shown(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca: CA, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test("the hub serves TLS, and shows a renewed certificate without a restart", async () => {
  await put("good");
  const own = await Certificate.read(files);
  const app = createHttpServer(silent, own.pair);
  onTestFinished(() => app.close());
  app.get("/", async () => "over TLS");
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await shown(port)).toBe("DNS:localhost, IP Address:127.0.0.1");

  expect(await own.renewed()).toBeNull();
  // Only one of the two files is there yet: the old pair stays, and the next look takes the whole.
  await put("other-name", "cert");
  await expect(own.renewed()).rejects.toThrow(TlsFilesError);
  expect(own.pair.cert).toBe(certificate("good").cert);
  await put("other-name");
  const renewed = await own.renewed();
  if (renewed === null) throw new Error("the files have changed");
  renewCertificate(app, renewed);
  expect(await shown(port)).toBe("DNS:elsewhere.example");
});

test("files that are missing or do not fit are named", async () => {
  await expect(Certificate.read(files)).rejects.toThrow(/cannot be read: .*cert\.pem/);
  await put("good");
  await writeFile(files.keyFile, certificate("expired").key);
  await expect(Certificate.read(files)).rejects.toThrow(/cert\.pem cannot be used with the key .*key\.pem/);
});
