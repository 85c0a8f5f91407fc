package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.dropserver.tests.endtoend.LiveInstance;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks what an app's page can do with the clipboard: it may copy during a click or key press, and
 * nothing else.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class ClipboardTest {
  private LiveInstance instance;
  private Chromium chromium;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = FramedApp.create(folder);
    instance.startServing();
    chromium = Chromium.start();
  }

  @AfterAll
  void stop() {
    chromium.close();
    instance.close();
  }

  /**
   * Tries in order: the commands {@code copy}, {@code cut} and {@code paste}, then write and read.
   */
  @Test
  void anAppCopiesOnlyWhileAPersonPressesAndNeverReads() {
    try (BrowserContext context = chromium.browser().newContext()) {
      Page page = context.newPage();
      // Playwright evaluates scripts as a person's gesture, so it must not touch the frame before
      // the app has tried.
      page.waitForResponse(
          response -> response.url().endsWith("/checked"),
          () -> page.navigate(instance.shell("/a/pages/clipboard")));
      FrameLocator app = page.frameLocator("iframe");
      Locator field = app.locator("#field");
      String nothing = "false,false,false,NotAllowedError,NotAllowedError";
      assertThat(field).hasAttribute("data-at-load", nothing);
      app.getByText("Copy").click();
      String commands = "true,true,false,NotAllowedError,NotAllowedError";
      assertThat(field).hasAttribute("data-at-press", commands);
    }
  }
}
