// A default export that is a handler.
export default (request: Request, env: Record<string, string>) =>
  new Response(`${request.method} ${env.units}`);
