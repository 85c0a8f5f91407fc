package io.dropserver.tests.exfiltration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.document.SchemaExport;
import io.dropserver.tests.endtoend.LiveInstance;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The app as appspaces of an instance, one for each way to open it. */
final class ProtectedApp implements AutoCloseable {
  private static final Map<OpeningMode, String> HOSTS =
      Map.of(
          OpeningMode.HEADERS_ONLY,
          "bare",
          OpeningMode.OLDER_BROWSER,
          "older",
          OpeningMode.SHELL,
          "hostile",
          OpeningMode.CUSTOM_HOST,
          "custom",
          OpeningMode.OLDER_BROWSER_GRANTED,
          "older-granted",
          OpeningMode.SHELL_GRANTED,
          "granted");

  /** The host of the mode {@link OpeningMode#CUSTOM_HOST}, outside the instance's domain. */
  private static final String CUSTOM_HOST = "custom.elsewhere.localhost";

  /** Modes in which the app may use every browser feature, and has its scripts inline. */
  private static final Set<OpeningMode> GRANTED =
      Set.of(OpeningMode.OLDER_BROWSER_GRANTED, OpeningMode.SHELL_GRANTED);

  /** Addresses of relays for ways of opening that do not use the front door directly. */
  private static final Map<OpeningMode, String> RELAYED =
      Map.of(
          OpeningMode.HEADERS_ONLY,
          "127.0.0.2",
          OpeningMode.OLDER_BROWSER,
          "127.0.0.3",
          OpeningMode.OLDER_BROWSER_GRANTED,
          "127.0.0.5");

  private final LiveInstance instance;
  private final List<FetchDestRelay> relays;

  private ProtectedApp(LiveInstance instance, List<FetchDestRelay> relays) {
    this.instance = instance;
    this.relays = relays;
  }

  /** Starts the instance and waits until it serves. */
  static ProtectedApp start(Path folder) throws IOException {
    LiveInstance instance = LiveInstance.create(folder);
    instance
        .repository()
        .write(
            "instance.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: Instance
            metadata: {name: exfiltration}
            spec:
              domain: %s
            ---
            apiVersion: dropserver.io/v1
            kind: User
            metadata: {name: alice}
            spec: {displayName: Alice, role: admin}
            ---
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: exfiltration}
            spec:
              versions:
                - {version: 1.0.0, source: {path: apps/exfiltration}}
            """
                .formatted(LiveInstance.DOMAIN));
    for (Map.Entry<OpeningMode, String> each : HOSTS.entrySet()) {
      String host = each.getValue();
      boolean granted = GRANTED.contains(each.getKey());
      String custom =
          each.getKey() == OpeningMode.CUSTOM_HOST ? "  hosts: [" + CUSTOM_HOST + "]\n" : "";
      String documents =
          appspace(host)
              + custom
              + (granted ? "  config: {INLINE: \"yes\"}\n---\n" + grant(host) : "");
      instance.repository().write("appspaces/" + host + ".yaml", documents);
    }
    instance.repository().copyFrom(Technique.app(), "apps/exfiltration");
    instance.repository().push("Serve an app that carries secrets out");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> instance.statedUrl("custom").equals(instance.urlAt(CUSTOM_HOST, "")));
    int port = URI.create(instance.shell("/")).getPort();
    return new ProtectedApp(
        instance,
        List.of(
            FetchDestRelay.start(relayed(OpeningMode.HEADERS_ONLY), port, Optional.of("empty")),
            FetchDestRelay.start(relayed(OpeningMode.OLDER_BROWSER), port, Optional.empty()),
            FetchDestRelay.start(
                relayed(OpeningMode.OLDER_BROWSER_GRANTED), port, Optional.empty())));
  }

  private static String relayed(OpeningMode openingMode) {
    return Objects.requireNonNull(RELAYED.get(openingMode));
  }

  private static String appspace(String name) {
    return """
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: %s}
    spec:
      app: {name: exfiltration, version: 1.0.0}
      owner: alice
      access: public
    """
        .formatted(name);
  }

  /** Returns a whitelist with all browser features that a manifest can ask for. */
  private static String grant(String appspace) throws IOException {
    StringBuilder whitelist =
        new StringBuilder(
            """
            apiVersion: dropserver.io/v1
            kind: EgressWhitelist
            metadata: {name: %s}
            spec:
              appspace: %s
              allow:
            """
                .formatted(appspace, appspace));
    JsonNode features =
        JsonMapper.shared()
            .readTree(SchemaExport.text("common.schema.json"))
            .at("/definitions/browserFeature/enum");
    assertThat(features.size()).isGreaterThan(20);
    features.forEach(
        each -> whitelist.append("    - {browser: ").append(each.asString()).append("}\n"));
    return whitelist.toString();
  }

  /**
   * Returns addresses by host name, for hosts that resolve differently from the other names of this
   * machine.
   */
  static Map<String, String> addresses() {
    return RELAYED.entrySet().stream()
        .collect(
            Collectors.toMap(
                each -> HOSTS.get(each.getKey()) + "." + LiveInstance.DOMAIN, Map.Entry::getValue));
  }

  TechniqueRunner.AppLocation opened(OpeningMode how) {
    String url =
        how == OpeningMode.CUSTOM_HOST
            ? instance.urlAt(CUSTOM_HOST, "")
            : instance.url(Objects.requireNonNull(HOSTS.get(how)), "");
    return new TechniqueRunner.AppLocation(url, url);
  }

  @Override
  public void close() throws IOException {
    for (FetchDestRelay fetchDestRelay : relays) {
      fetchDestRelay.close();
    }
    instance.close();
  }
}
