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

/** This machine's Chromium, driven by Playwright. Confined to one thread. */
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
          // A page that a test fulfils itself comes from no address: no local one, to Chromium.
          "--disable-features=LocalNetworkAccessChecks");

  /** Of a machine that does other things beside. */
  private static final double PATIENCE_MILLIS = 20_000;

  /** Those that were started and not closed. */
  private static final Set<Chromium> OPEN = ConcurrentHashMap.newKeySet();

  private final Playwright playwright;
  private Browser browser;

  private Chromium() {
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    playwright = playwright();
    browser = launch();
  }

  private Browser launch() {
    return playwright
        .chromium()
        .launch(new BrowserType.LaunchOptions().setExecutablePath(program()).setArgs(ARGUMENTS));
  }

  static Chromium start() {
    Chromium chromium = new Chromium();
    OPEN.add(chromium);
    return chromium;
  }

  /** Starts another one for each that has crashed; false if none has. */
  static boolean replaceCrashed() {
    boolean replaced = false;
    for (Chromium chromium : OPEN) {
      if (!chromium.answers()) {
        chromium.browser = chromium.launch();
        replaced = true;
      }
    }
    return replaced;
  }

  private boolean answers() {
    try {
      browser.newContext().close();
      return true;
    } catch (PlaywrightException crashed) {
      return false;
    }
  }

  /** Which drives browsers that are there, and fetches none. */
  public static Playwright playwright() {
    return Playwright.create(
        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
  }

  /** Where this machine has it. */
  public static Path program() {
    return Programs.find("chromium", "chromium-browser", "google-chrome")
        .orElseThrow(
            () -> new IllegalStateException("no Chromium on the PATH; run bin/setup --test"));
  }

  Browser browser() {
    return browser;
  }

  @Override
  public void close() {
    OPEN.remove(this);
    browser.close();
    playwright.close();
  }
}
