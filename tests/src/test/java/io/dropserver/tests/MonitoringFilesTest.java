package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The alerts that packaging/prometheus contains. */
@Tag("slow")
class MonitoringFilesTest {
  private static final Path FOLDER = Checkout.root().resolve("packaging/prometheus");

  @Test
  void promtoolAcceptsTheRulesAndEachAlertHasItsSeries() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool"))),
        "promtool is not installed; bin/setup --test installs it where the system packages it");
    List<String> alerts = names("dropserver.rules.yaml", "- alert: (\\w+)");
    assertThat(promtool("check", "rules", "dropserver.rules.yaml"))
        .contains("SUCCESS: " + alerts.size() + " rules found");
    assertThat(promtool("test", "rules", "dropserver.test.yaml")).contains("SUCCESS");
    assertThat(names("dropserver.test.yaml", "alertname: (\\w+)\\n +exp_alerts:\\n"))
        .containsExactlyElementsOf(alerts);
    assertThat(names("dropserver.test.yaml", "alertname: (\\w+)\\n +exp_alerts: \\[\\]\\n"))
        .containsExactlyElementsOf(alerts);
  }

  private static List<String> names(String file, String pattern) throws IOException {
    return Pattern.compile(pattern)
        .matcher(Files.readString(FOLDER.resolve(file)))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static String promtool(String... arguments) throws Exception {
    Process process =
        new ProcessBuilder(Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toList())
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
