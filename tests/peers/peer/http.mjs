// Carries Node's HTTP requests to handlers that speak the fetch API, and back.
import { createServer } from "node:http";

/** Listens on loopback; `handle(request, body)` answers with a `Response`. Returns the port in use. */
export async function listen(port, handle) {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await readBody(incoming);
      const response = await handle(toRequest(incoming, body), body);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    } catch (error) {
      console.error(error);
      outgoing.writeHead(500).end();
    }
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { server, port: server.address().port };
}

export function json(value, status = 200) {
  return new Response(JSON.stringify(value, null, 1), {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
}

async function readBody(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function toRequest(incoming, body) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  }
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers,
    body: hasBody ? body : undefined,
  });
}
