package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DoctorTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  @Test
  void doctorReportsTheMachineWithoutAServer() throws Exception {
    CommandLineProgram run = CommandLineProgram.run("doctor", "-o", "json");
    JsonNode report = JSON.readTree(run.out());
    assertThat(run.exitCode()).isEqualTo(report.get("ready").booleanValue() ? 0 : 1);
    Map<String, JsonNode> checks = checks(report);
    assertThat(checks)
        .containsKeys(
            "deno",
            "bwrap",
            "setpriv",
            "runsc",
            "libseccomp",
            "user namespaces",
            "waiting sandboxes");
    assertThat(checks)
        .hasEntrySatisfying(
            "deno", deno -> assertThat(deno.get("present").booleanValue()).isTrue());
    assertThat(checks.keySet()).anyMatch(name -> name.startsWith("layer "));
    assertThat(checks.values())
        .allSatisfy(
            check ->
                assertThat(check.get("remedy").stringValue().isEmpty())
                    .as("a remedy where it is missing: " + check)
                    .isEqualTo(check.get("present").booleanValue()))
        .allSatisfy(check -> assertThat(check.get("why").stringValue()).isNotBlank());
  }

  @Test
  void doctorListsOpenedAddressesAndAcceptedWeaknesses() throws Exception {
    Path config = folder.resolve("dropserver.yaml");
    Files.writeString(
        config,
        """
        listen: [{address: "0.0.0.0:8080", publicUrl: "https://home.example.org", trustedProxies: [192.0.2.0/24]}]
        sandbox: {allowWeaker: [uid, namespaces, seccomp, cgroup, storage]}
        egress: {open: [192.168.1.10/32], hosts: {nas.home: 192.168.1.10}}
        admin: {}
        """);
    CommandLineProgram run = CommandLineProgram.run("doctor", "--config", config.toString());
    assertThat(run.out())
        .contains(
            "other machines can reach 0.0.0.0:8080",
            "192.0.2.0/24",
            "192.168.1.10/32",
            "nas.home",
            "without the layer cgroup",
            "127.0.0.1:9090");
    assertThat(run.exitCode()).as(run.out()).isZero();
  }

  @Test
  void aConfigurationThatIsNotValidIsNamedByLine() throws Exception {
    Path config = folder.resolve("dropserver.yaml");
    Files.writeString(config, "sandbox: {allowWeeker: [uid]}\n");
    CommandLineProgram run = CommandLineProgram.run("doctor", "--config", config.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("dropserver.yaml:1:11: error:", "allowWeaker");
  }

  private static Map<String, JsonNode> checks(JsonNode report) throws IOException {
    return StreamSupport.stream(report.get("checks").spliterator(), false)
        .collect(Collectors.toMap(check -> check.get("name").stringValue(), check -> check));
  }
}
