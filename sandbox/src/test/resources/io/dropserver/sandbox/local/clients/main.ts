// Unmodified clients from npm. Each path uses one of them to fetch the URL in the query.
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import axios from "axios";
import { request } from "undici";
import WebSocketOfNode from "ws";

const clients: Record<string, (url: string) => Promise<unknown>> = {
  "/axios": async (url) => (await axios.post(url, "a=1")).data,
  "/undici": async (url) => await (await request(url)).body.text(),
  "/ws": (url) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocketOfNode(url);
      socket.on("open", () => socket.send("hi"));
      socket.on("message", (data: unknown) => {
        resolve(String(data));
        socket.close();
      });
      socket.on("error", reject);
    }),
  "/aws": async (url) => {
    const client = new S3Client({
      region: "eu-west-1",
      endpoint: url,
      forcePathStyle: true,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    return Buckets?.map((bucket) => bucket.Name).join();
  },
};

export default {
  async fetch(incoming: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(incoming.url);
    try {
      return new Response(String(await clients[pathname]!(searchParams.get("url")!)));
    } catch (error) {
      return new Response(String(error));
    }
  },
};
