package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.isolation.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow") // starts a JVM
class UidLayerTest {
  @TempDir private Path folder;

  @Test
  void rootThatCannotChangeItsUserHasNoLayerUid() throws Exception {
    assumeThat(Files.getAttribute(folder, "unix:uid")).isEqualTo(0);
    assertThat(layers("-setuid,-setgid"))
        .anyMatch(line -> line.startsWith("uid false") && line.contains("CAP_SETUID"))
        .anyMatch(line -> line.startsWith("namespaces false") && line.contains("CAP_SETUID"));
    // Without a capability that no start needs, the layer is present.
    assertThat(layers("-sys_time")).anyMatch(line -> line.startsWith("uid true"));
  }

  /** Returns the layers of a server whose bounding set lacks capabilities. */
  private List<String> layers(String bounds) throws IOException, InterruptedException {
    Path setpriv = Programs.find().setpriv().orElseThrow();
    List<String> command = new ArrayList<>(List.of(setpriv.toString(), "--bounding-set", bounds));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(UidLayerTest.class.getName());
    command.add(Files.createTempDirectory(folder, "host").toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  public static void main(String[] arguments) {
    try (TestHost test = new TestHost(Path.of(arguments[0]), DenoLayer.ON)) {
      for (Layer layer : test.host.layers()) {
        System.out.printf(
            "%s %s %s; %s%n", layer.name(), layer.present(), layer.detail(), layer.remedy());
      }
    }
  }
}
