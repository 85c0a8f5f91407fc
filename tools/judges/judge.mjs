// What others think of us, as JSON: judge.mjs observatory HOST:PORT (MDN HTTP Observatory), or judge.mjs csp POLICY (Google's
// CSP Evaluator). Every host is this machine: nobody else is asked.
import dns from "node:dns";

dns.lookup = (_host, options, done) => {
  const answer = typeof options === "function" ? options : done;
  if (options?.all) {
    answer(null, [{ address: "127.0.0.1", family: 4 }]);
  } else {
    answer(null, "127.0.0.1", 4);
  }
};

async function observatory(host) {
  const { scan } = await import(
    "@mdn/mdn-http-observatory/src/scanner/index.js"
  );
  const { scan: judged, tests } = await scan(host);
  const against = Object.entries(tests)
    .filter(([, test]) => !test.pass)
    .map(([name, test]) => `${name}: ${test.result}`);
  return { grade: judged.grade, score: judged.score, against };
}

async function csp(policy) {
  const { CspEvaluator } =
    (await import("csp_evaluator/dist/evaluator.js")).default;
  const { CspParser } = (await import("csp_evaluator/dist/parser.js")).default;
  const findings = new CspEvaluator(new CspParser(policy).csp).evaluate();
  return findings.map(({ severity, directive, value, description }) => ({
    severity,
    directive,
    value: value ?? "",
    description,
  }));
}

const [judge, what] = process.argv.slice(2);
console.log(JSON.stringify(await { observatory, csp }[judge](what)));
