package io.dropserver.tests.exfiltration;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The machine's Firefox, driven by WebDriver BiDi. Each tab has its own window. */
final class DrivenFirefox implements DrivenBrowser {
  private static final Duration START = Duration.ofSeconds(60);
  private static final String ENTER = "\uE007";

  private final Process process;
  private final BidiClient bidiClient;
  private final String version;
  private final String idle;
  private final Queue<FirefoxResponse> answers = new ConcurrentLinkedQueue<>();
  private final Set<FirefoxTab> windows = new HashSet<>();

  private record FirefoxResponse(String url, int status) {}

  private DrivenFirefox(Process process, URI address) {
    this.process = process;
    this.bidiClient = BidiClient.connect(address, this::onEvent);
    JsonNode session =
        bidiClient.execute(
            "session.new",
            Map.of(
                "capabilities",
                Map.of(
                    "alwaysMatch",
                    Map.of("unhandledPromptBehavior", Map.of("default", "dismiss")))));
    this.version = session.path("capabilities").path("browserVersion").asString("?");
    bidiClient.execute("session.subscribe", Map.of("events", List.of("network.responseStarted")));
    this.idle = tree().getFirst().path("context").asString("");
  }

  /**
   * @param folder receives the profile
   */
  static DrivenFirefox start(Path program, Path folder) throws IOException {
    Path profile = Files.createDirectories(folder.resolve("firefox"));
    FirefoxProfile.write(profile);
    ProcessBuilder builder =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-remote",
                "--new-instance",
                "--profile",
                profile.toString(),
                "--remote-debugging-port=0",
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("firefox.log").toFile());
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("MOZ_CRASHREPORTER_DISABLE", "1");
    Process process = builder.start();
    await().atMost(START).until(() -> !process.isAlive() || address(profile).isPresent());
    URI address =
        address(profile)
            .orElseThrow(
                () -> {
                  process.destroyForcibly();
                  return new IllegalStateException(
                      "Firefox did not start; see " + folder.resolve("firefox.log"));
                });
    return new DrivenFirefox(process, address);
  }

  /** Returns the address of the WebDriver server, once Firefox has printed it. */
  private static Optional<URI> address(Path profile) {
    try {
      JsonNode said =
          JsonMapper.shared()
              .readTree(Files.readString(profile.resolve("WebDriverBiDiServer.json")));
      return said.has("ws_port")
          ? Optional.of(URI.create("ws://127.0.0.1:" + said.path("ws_port").asInt(0) + "/session"))
          : Optional.empty();
    } catch (IOException | tools.jackson.core.JacksonException notYet) {
      return Optional.empty();
    }
  }

  private void onEvent(String event, JsonNode parameters) {
    if (event.equals("network.responseStarted")) {
      answers.add(
          new FirefoxResponse(
              parameters.path("request").path("url").asString(""),
              parameters.path("response").path("status").asInt(0)));
    }
  }

  @Override
  public String version() {
    return "Firefox " + version;
  }

  @Override
  public Tab open() {
    String context =
        bidiClient
            .execute("browsingContext.create", Map.of("type", "window"))
            .path("context")
            .asString("");
    FirefoxTab firefoxTab = new FirefoxTab(context);
    windows.add(firefoxTab);
    return firefoxTab;
  }

  @Override
  public List<Integer> statuses(String prefix) {
    return answers.stream()
        .filter(firefoxResponse -> firefoxResponse.url().startsWith(prefix))
        .map(FirefoxResponse::status)
        .toList();
  }

  @Override
  public void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns every window with its frames. */
  private List<JsonNode> tree() {
    List<JsonNode> contexts = new ArrayList<>();
    bidiClient.execute("browsingContext.getTree", Map.of()).path("contexts").forEach(contexts::add);
    return contexts;
  }

  private static List<String> withFrames(JsonNode context) {
    List<String> all = new ArrayList<>();
    all.add(context.path("context").asString(""));
    context.path("children").forEach(child -> all.addAll(withFrames(child)));
    return all;
  }

  private void closeWindow(String context) {
    ignoringFailures(() -> bidiClient.execute("browsingContext.close", Map.of("context", context)));
  }

  /** Ignores failures, because a hostile page may leave, close or crash at any time. */
  private static void ignoringFailures(Runnable action) {
    try {
      action.run();
    } catch (BidiClient.CommandRejected gone) {
      return;
    }
  }

  @Override
  public void close() {
    bidiClient.close();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private final class FirefoxTab implements Tab {
    private final String context;

    FirefoxTab(String context) {
      this.context = context;
    }

    @Override
    public void go(String url) {
      ignoringFailures(
          () ->
              bidiClient.execute(
                  "browsingContext.navigate",
                  Map.of("context", context, "url", url, "wait", "none")));
    }

    @Override
    public boolean triggerBait() {
      boolean found = false;
      for (String each : allContexts()) {
        Optional<FoundElement> bait = find(each, "#bait");
        found |= bait.isPresent();
        bait.ifPresent(foundElement -> take(each, foundElement));
      }
      return found;
    }

    /** No window has to be brought to the front, because each tab has its own. */
    private void take(String where, FoundElement bait) {
      Gesture gesture = Gesture.of(bait.gesture());
      String modifier = key(gesture.modifier());
      switch (gesture.action()) {
        case CLICK -> click(where, bait, modifier, 0);
        case MIDDLE_CLICK -> click(where, bait, modifier, 1);
        case ENTER -> {
          focus(where, bait);
          type(where, List.of(down(modifier), down(ENTER), up(ENTER), up(modifier)));
        }
        case TAPS -> {
          List<Map<String, ?>> taps = new ArrayList<>(List.of(moveTo(bait), rest(100)));
          for (int i = 0; i < Gesture.TAPS; i++) {
            taps.addAll(
                List.of(press(), rest(30), release(), rest((int) Gesture.BETWEEN_TAPS.toMillis())));
          }
          mouse(where, taps);
        }
      }
    }

    private void click(String where, FoundElement bait, String modifier, int button) {
      if (!modifier.isEmpty()) {
        type(where, List.of(down(modifier)));
      }
      List<Map<String, ?>> press =
          List.of(moveTo(bait), rest(100), button("Down", button), rest(30), button("Up", button));
      mouse(where, press);
      if (!modifier.isEmpty()) {
        type(where, List.of(up(modifier)));
      }
    }

    private void focus(String where, FoundElement foundElement) {
      ignoringFailures(
          () ->
              bidiClient.execute(
                  "script.callFunction",
                  Map.of(
                      "functionDeclaration",
                      "(element) => element.focus()",
                      "arguments",
                      List.of(Map.of("sharedId", foundElement.id())),
                      "awaitPromise",
                      false,
                      "target",
                      Map.of("context", where))));
    }

    @Override
    public void show() {}

    @Override
    public void drag() {
      for (String each : allContexts()) {
        find(each, "#drag")
            .ifPresent(
                drag ->
                    find(each, "#drop")
                        .ifPresent(
                            drop ->
                                mouse(
                                    each,
                                    List.of(
                                        moveTo(drag),
                                        press(),
                                        rest(100),
                                        moveTo(drop),
                                        rest(100),
                                        moveTo(drop),
                                        release()))));
      }
    }

    @Override
    public void back() {
      ignoringFailures(
          () ->
              bidiClient.execute(
                  "browsingContext.traverseHistory", Map.of("context", context, "delta", -1)));
    }

    @Override
    public boolean containsText(String text) {
      return allContexts().stream().anyMatch(each -> content(each).contains(text));
    }

    private String content(String where) {
      try {
        return bidiClient
            .execute(
                "script.evaluate",
                Map.of(
                    "expression",
                    "document.documentElement.outerHTML",
                    "target",
                    Map.of("context", where),
                    "awaitPromise",
                    false))
            .path("result")
            .path("value")
            .asString("");
      } catch (BidiClient.CommandRejected gone) {
        return "";
      }
    }

    /** Returns the tab's own page, the pages that it opened, and all their frames. */
    private List<String> allContexts() {
      List<String> found = new ArrayList<>();
      ignoringFailures(() -> forEachWindow(window -> found.addAll(withFrames(window))));
      return found;
    }

    private void forEachWindow(Consumer<JsonNode> each) {
      Set<String> known = new HashSet<>(Set.of(context));
      List<JsonNode> rest = new ArrayList<>(tree());
      boolean more = true;
      while (more) {
        more = false;
        for (JsonNode window : List.copyOf(rest)) {
          if (known.contains(window.path("context").asString(""))
              || known.contains(window.path("originalOpener").asString(""))) {
            known.addAll(withFrames(window));
            rest.remove(window);
            each.accept(window);
            more = true;
          }
        }
      }
    }

    private record FoundElement(String id, String gesture) {}

    private Optional<FoundElement> find(String where, String selector) {
      try {
        JsonNode nodes =
            bidiClient
                .execute(
                    "browsingContext.locateNodes",
                    Map.of(
                        "context",
                        where,
                        "locator",
                        Map.of("type", "css", "value", selector),
                        "maxNodeCount",
                        1))
                .path("nodes");
        return nodes.isEmpty() ? Optional.empty() : Optional.of(node(nodes.get(0)));
      } catch (BidiClient.CommandRejected gone) {
        return Optional.empty();
      }
    }

    private static FoundElement node(JsonNode found) {
      String gesture = found.path("value").path("attributes").path(Gesture.ATTRIBUTE).asString("");
      return new FoundElement(found.path("sharedId").asString(""), gesture);
    }

    private void mouse(String where, List<Map<String, ?>> actions) {
      perform(where, Map.of("type", "pointer", "id", "mouse", "actions", actions));
    }

    private void type(String where, List<Map<String, ?>> actions) {
      perform(where, Map.of("type", "key", "id", "keyboard", "actions", actions));
    }

    private void perform(String where, Map<String, ?> source) {
      ignoringFailures(
          () ->
              bidiClient.execute(
                  "input.performActions", Map.of("context", where, "actions", List.of(source))));
    }

    /** Returns WebDriver's code for a key that has no character. */
    private static String key(String name) {
      return switch (name) {
        case "" -> "";
        case "Alt" -> "\uE00A";
        case "Control" -> "\uE009";
        case "Shift" -> "\uE008";
        default -> throw new IllegalArgumentException("unknown key: " + name);
      };
    }

    private static Map<String, ?> down(String key) {
      return Map.of("type", "keyDown", "value", key);
    }

    private static Map<String, ?> up(String key) {
      return Map.of("type", "keyUp", "value", key);
    }

    private static Map<String, ?> moveTo(FoundElement foundElement) {
      return Map.of(
          "type",
          "pointerMove",
          "x",
          0,
          "y",
          0,
          "duration",
          50,
          "origin",
          Map.of("type", "element", "element", Map.of("sharedId", foundElement.id())));
    }

    private static Map<String, ?> press() {
      return button("Down", 0);
    }

    private static Map<String, ?> release() {
      return button("Up", 0);
    }

    private static Map<String, ?> button(String direction, int button) {
      return Map.of("type", "pointer" + direction, "button", button);
    }

    private static Map<String, ?> rest(int millis) {
      return Map.of("type", "pause", "duration", millis);
    }

    @Override
    public void close() {
      List<String> opened = new ArrayList<>();
      ignoringFailures(
          () -> forEachWindow(window -> opened.add(window.path("context").asString(""))));
      if (opened.isEmpty()) {
        // The page keeps the browser too busy to list its windows.
        opened.add(context);
      }
      opened.forEach(DrivenFirefox.this::closeWindow);
      windows.remove(this);
      if (windows.isEmpty()) {
        ignoringFailures(DrivenFirefox.this::closeOrphans);
      }
    }
  }

  /** Closes windows whose opener is unknown. */
  private void closeOrphans() {
    tree().stream()
        .map(window -> window.path("context").asString(""))
        .filter(left -> !left.equals(idle))
        .forEach(this::closeWindow);
  }
}
