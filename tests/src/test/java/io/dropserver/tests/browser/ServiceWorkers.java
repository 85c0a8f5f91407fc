package io.dropserver.tests.browser;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The service workers of a Chromium, through its debugger, because Playwright for Java does not
 * offer them. Confined to the browser's thread.
 */
final class ServiceWorkers implements AutoCloseable {
  private static final int ATTEMPTS = 400;
  private static final double PAUSE_MILLIS = 50;

  private final Page page;
  private final CDPSession session;
  private final List<JsonObject> answers = new ArrayList<>();
  private int last;

  /**
   * @param page waits meanwhile, so that events arrive
   */
  ServiceWorkers(Browser browser, Page page) {
    this.page = page;
    session = browser.newBrowserCDPSession();
    session.on(
        "Target.receivedMessageFromTarget",
        event ->
            answers.add(
                JsonParser.parseString(event.get("message").getAsString()).getAsJsonObject()));
  }

  /** Returns the addresses of the scripts of all workers that run. */
  List<String> urls() {
    return targets().stream().map(target -> target.get("url").getAsString()).toList();
  }

  private List<JsonObject> targets() {
    List<JsonObject> targets = new ArrayList<>();
    for (JsonElement each : session.send("Target.getTargets").getAsJsonArray("targetInfos")) {
      if (each.getAsJsonObject().get("type").getAsString().equals("service_worker")) {
        targets.add(each.getAsJsonObject());
      }
    }
    return targets;
  }

  /** Evaluates an expression in the only worker, and returns its value when it is settled. */
  JsonElement evaluate(String expression) {
    await(() -> targets().size() == 1);
    JsonObject attach = new JsonObject();
    attach.add("targetId", targets().getFirst().get("targetId"));
    attach.addProperty("flatten", false);
    JsonElement id = session.send("Target.attachToTarget", attach).get("sessionId");
    last++;
    JsonObject parameters = new JsonObject();
    parameters.addProperty("expression", expression);
    parameters.addProperty("awaitPromise", true);
    parameters.addProperty("returnByValue", true);
    JsonObject message = new JsonObject();
    message.addProperty("id", last);
    message.addProperty("method", "Runtime.evaluate");
    message.add("params", parameters);
    JsonObject send = new JsonObject();
    send.add("sessionId", id);
    send.addProperty("message", message.toString());
    session.send("Target.sendMessageToTarget", send);
    await(() -> answers.stream().anyMatch(this::isLast));
    JsonObject answer = answers.stream().filter(this::isLast).findFirst().orElseThrow();
    JsonObject result = answer.getAsJsonObject("result");
    if (result == null || result.has("exceptionDetails")) {
      throw new IllegalStateException(answer.toString());
    }
    return result.getAsJsonObject("result").get("value");
  }

  private boolean isLast(JsonObject answer) {
    return answer.has("id") && answer.get("id").getAsInt() == last;
  }

  private void await(BooleanSupplier done) {
    for (int i = 0; i < ATTEMPTS; i++) {
      if (done.getAsBoolean()) {
        return;
      }
      page.waitForTimeout(PAUSE_MILLIS);
    }
    throw new IllegalStateException("no answer of a service worker");
  }

  @Override
  public void close() {
    session.detach();
  }
}
