export default { handle: () => new Response("never asked") };
