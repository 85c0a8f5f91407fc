package io.dropserver.tests.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The machine's Chromium, driven by Playwright. Confined to one thread. */
public final class Chromium implements AutoCloseable {
  public static final List<String> ARGUMENTS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          // A response that a test provides through routing has no address, so Chromium does not
          // consider it local.
          "--disable-features=LocalNetworkAccessChecks");

  /** Allows for a machine with other load. */
  private static final double TIMEOUT_MILLIS = 20_000;

  /** Browsers that have not been closed. */
  private static final Set<Chromium> OPEN = ConcurrentHashMap.newKeySet();

  private final Playwright playwright;
  private Browser browser;

  private Chromium() {
    PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT_MILLIS);
    playwright = playwright();
    browser = launch();
  }

  private Browser launch() {
    return playwright
        .chromium()
        .launch(new BrowserType.LaunchOptions().setExecutablePath(program()).setArgs(ARGUMENTS));
  }

  public static Chromium start() {
    Chromium chromium = new Chromium();
    OPEN.add(chromium);
    return chromium;
  }

  /** Replaces every crashed browser by a new one. Returns false if none has crashed. */
  static boolean replaceCrashed() {
    boolean replaced = false;
    for (Chromium chromium : OPEN) {
      if (!chromium.isResponding()) {
        chromium.browser = chromium.launch();
        replaced = true;
      }
    }
    return replaced;
  }

  private boolean isResponding() {
    try {
      browser.newContext().close();
      return true;
    } catch (PlaywrightException crashed) {
      return false;
    }
  }

  /** Creates a Playwright that uses installed browsers and downloads none. */
  public static Playwright playwright() {
    return Playwright.create(
        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
  }

  /** Returns the path of the browser on this machine. */
  public static Path program() {
    return PathPrograms.find("chromium", "chromium-browser", "google-chrome")
        .orElseThrow(
            () -> new IllegalStateException("no Chromium on the PATH; run bin/setup --test"));
  }

  public Browser browser() {
    return browser;
  }

  @Override
  public void close() {
    OPEN.remove(this);
    browser.close();
    playwright.close();
  }
}
