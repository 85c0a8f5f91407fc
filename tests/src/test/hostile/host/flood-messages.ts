// Floods a member with messages, and the host with lists of members.
import type { Target } from "../attack.ts";
import { call } from "../host-api.ts";

export const layer = "gateway";
export const control = false; // only a server has this API

export default async function (_target: Target): Promise<string | null> {
  const { users } = JSON.parse((await call("GET", "/users")).text) as {
    users: { id: string }[];
  };
  const statuses: number[] = [];
  for (let i = 0; i < 20; i++) {
    const many = Array.from({ length: 25 }, async (_, n) => {
      const body = JSON.stringify({ user: users[0].id, title: `${i} ${n}` });
      statuses.push((await call("POST", "/notifications", body)).status);
      statuses.push((await call("GET", "/users")).status);
    });
    await Promise.all(many);
  }
  const messages = statuses.filter((status) => status === 201).length;
  const lists = statuses.filter((status) => status === 200).length;
  return messages > 20 || lists > 200
    ? `${messages} messages, ${lists} lists`
    : null;
}
