package io.dropserver.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.InstanceStatus;
import io.dropserver.tests.Checkout;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.SandboxProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A running server that follows the example's repository. Each test gets new appspaces without
 * data, which are pushed like any other change. Not thread-safe.
 */
final class ExampleApps implements AutoCloseable {
  private static final List<String> APPSPACES = List.of("diary", "cookbook", "shopping");

  private final LiveInstance instance;
  private int round;

  private ExampleApps(LiveInstance instance) {
    this.instance = instance;
  }

  static ExampleApps start(Path folder) throws IOException {
    LiveInstance instance = LiveInstance.create(folder);
    instance
        .repository()
        .copyFrom(Checkout.root().resolve("example-instance-repo"))
        .replace("appspaces/diary.yaml", "version: 1.0.0", "version: 1.1.0")
        .replace("appspaces/diary.yaml", "access: members", "access: public")
        .replace("appspaces/diary.yaml", "# GUESTS: write", "GUESTS: write #")
        // The host of each appspace is its name.
        .replace("appspaces/cookbook.yaml", "  host: recipes", "  # host: recipes")
        .replace("egress/diary.yaml", "appspace: diary", "appspace: diary0");
    for (String appspace : APPSPACES) {
      instance.repository().replace(file(appspace), name(appspace), name(appspace + 0));
    }
    instance.repository().push("Begin with the example");
    instance.start();
    return new ExampleApps(instance);
  }

  /** Replaces every appspace by one without data. */
  void renew() throws IOException {
    round++;
    for (String appspace : APPSPACES) {
      instance
          .repository()
          .replace(file(appspace), name(appspace + (round - 1)), name(appspace + round));
    }
    instance
        .repository()
        .replace("egress/diary.yaml", "appspace: diary" + (round - 1), "appspace: diary" + round);
    instance.repository().push("Begin anew");
    assertThat(instance.sync().served()).isTrue();
    // Data of the last round is retained, so each new appspace asks.
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(
            () -> {
              InstanceStatus status = instance.status();
              status.objects().stream()
                  .filter(object -> object.reason().equals("DataRetained"))
                  .forEach(object -> instance.control().startEmpty(object.name()));
              assertThat(status.ready()).isTrue();
            });
  }

  /**
   * @param appspace {@code diary}, {@code cookbook} or {@code shopping}
   */
  String url(String appspace, String path) {
    return instance.url(appspace + round, path);
  }

  /** Returns the address of the same page in the shell. */
  String shell(String appspace, String path) {
    return instance.shell("/a/" + appspace + round + path);
  }

  /**
   * Kills the Deno process of an app, like the kernel when memory runs out.
   *
   * @param app the name in its manifest
   */
  void kill(String app) throws IOException {
    assertThat(SandboxProcesses.deno(instance.state(), app).destroyForcibly()).isTrue();
  }

  private static String file(String appspace) {
    return "appspaces/" + appspace + ".yaml";
  }

  private static String name(String appspace) {
    return "metadata: {name: " + appspace + "}";
  }

  @Override
  public void close() {
    instance.close();
  }
}
