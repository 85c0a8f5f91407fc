package io.dropserver.sandbox.deno;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DenoCommandTest {
  @Test
  void argumentsFollowTheModuleSoThatDenoDoesNotReadThem() {
    List<String> args = List.of("--allow-all", "--preload", "/data/evil.ts", "--");
    assertThat(DenoCommand.run(app(args, Map.of(), Optional.empty()), true, DenoLayer.ON))
        .endsWith("/app/main.ts", "--allow-all", "--preload", "/data/evil.ts", "--");
  }

  @Test
  void theWaitIsAPreloadBeforeTheModuleWhateverTheArgumentsAre() {
    List<String> args = List.of("--preload", "/app/main.ts", "--preload", "x");
    for (boolean usesNode : new boolean[] {false, true}) {
      List<String> command =
          DenoCommand.run(app(args, Map.of(), Optional.empty()), usesNode, DenoLayer.ON);
      assertThat(DenoCommand.waiting(command))
          .containsSubsequence("/dropserver/runtime/preload.ts", "/dropserver/runtime/wait.ts")
          .endsWith(
              "--preload",
              "/dropserver/runtime/wait.ts",
              "/app/main.ts",
              "--preload",
              "/app/main.ts",
              "--preload",
              "x");
      assertThat(DenoCommand.inspected(command, 1, true))
          .containsSubsequence("/dropserver/runtime/inspector_break.ts", "/app/main.ts", "x");
    }
  }

  @Test
  void theProgramOfAPackageIsTheModule() {
    String program = "/dropserver/cache/npm/registry.example/tool/1.0.0/bin.js";
    assertThat(
            DenoCommand.run(app(List.of("x"), Map.of(), Optional.of(program)), true, DenoLayer.ON))
        .endsWith(program, "x");
  }

  @Test
  void appspaceVariablesOverrideTheManifestButNotTheSandbox() {
    Map<String, String> declared =
        Map.of(
            "GREETING", "hi",
            "COLOR", "red",
            "NODE_ENV", "production",
            "NODE_OPTIONS", "--require=/data/x.js",
            "LD_PRELOAD", "/data/x.so",
            "DENO_DIR", "/data",
            "HTTP_PROXY", "unix:/data/x.sock",
            "HOME", "/app");
    SortedMap<String, String> environment =
        DenoCommand.environment(
            "garden",
            "https://garden.example.org",
            new TreeMap<>(Map.of("COLOR", "blue")),
            app(List.of(), declared, Optional.empty()).manifest());
    assertThat(environment)
        .containsEntry("GREETING", "hi")
        .containsEntry("COLOR", "blue")
        .containsEntry("NODE_ENV", "production")
        .containsEntry("PORT", "8080")
        .containsEntry("DENO_DIR", SandboxPaths.CACHE)
        .containsEntry("HTTP_PROXY", "unix:" + SandboxPaths.EGRESS_SOCKET)
        .containsEntry("HOME", SandboxPaths.DATA)
        .doesNotContainKeys("NODE_OPTIONS", "LD_PRELOAD");
  }

  private static InstalledApp app(
      List<String> args, Map<String, String> env, Optional<String> packageProgram) {
    LaunchOptions launchOptions =
        new LaunchOptions(args, new TreeMap<>(env), WorkingFolder.DATA, new TreeMap<>());
    DropappManifest manifest =
        new DropappManifest(
            "Test",
            "",
            "1.0.0",
            "main.ts",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            DataSchema.UNNAMED,
            launchOptions);
    Path any = Path.of("/x");
    return new InstalledApp(
        "test", "1.0.0", "c", any, any, any, manifest, AppRuntime.SERVE, packageProgram);
  }
}
