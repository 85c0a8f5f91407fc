package io.dropserver.tests.release;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** Requests to one host of a machine, sent all the time until they are counted. */
final class RequestLoad implements AutoCloseable {
  private static final String LANES = "4";

  private final Process process;

  private RequestLoad(Process process) {
    this.process = process;
  }

  /**
   * @param answered with status 200
   * @param refused connections
   * @param errors other outcomes
   */
  record Outcome(
      int sent, int answered, int refused, Map<String, Integer> errors, int longestMillis) {
    int lost() {
      return sent - answered;
    }
  }

  static RequestLoad start(DebianMachine machine, String url, String host) throws IOException {
    Path npm = Checkout.root().resolve("tools/node_modules/@deno");
    Path deno;
    try (Stream<Path> platforms = Files.list(npm)) {
      deno = platforms.findFirst().orElseThrow().resolve("deno");
    }
    List<String> command = new ArrayList<>(List.of(deno.toString(), "run", "--no-config"));
    command.add("--allow-net");
    if (url.startsWith("https:")) {
      command.add("--unsafely-ignore-certificate-errors"); // the test made the certificate
    }
    command.add(Checkout.root().resolve("tests/src/test/machines/load.ts").toString());
    command.addAll(List.of(url, host, LANES));
    Process process =
        machine
            .onNetwork(command.toArray(String[]::new))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new RequestLoad(process);
  }

  /** Ends the load and returns what became of its requests. */
  Outcome stop() throws IOException {
    process.getOutputStream().close();
    String json = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return JsonMapper.shared().readValue(json, Outcome.class);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
