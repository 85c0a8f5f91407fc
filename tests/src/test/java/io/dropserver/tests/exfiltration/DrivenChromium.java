package io.dropserver.tests.exfiltration;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchPersistentContextOptions;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.KeyboardModifier;
import com.microsoft.playwright.options.MouseButton;
import com.microsoft.playwright.options.WaitUntilState;
import io.dropserver.tests.browser.Chromium;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Chromium with an ordinary profile, because a private window neither prefetches names nor
 * preconnects. All permissions that can be granted in advance are granted.
 */
final class DrivenChromium implements DrivenBrowser {
  private static final double TIMEOUT_MILLIS = 5000;

  private final Playwright playwright;
  private final BrowserContext context;
  private final Page idle;
  private final List<ChromiumResponse> answers = new ArrayList<>();

  private record ChromiumResponse(String url, int status) {}

  private DrivenChromium(Path program, Path profile, Map<String, String> addresses) {
    List<String> arguments = new ArrayList<>(Chromium.ARGUMENTS);
    arguments.add(
        addresses.entrySet().stream()
            .map(each -> "MAP " + each.getKey() + " " + each.getValue())
            .collect(Collectors.joining(",", "--host-resolver-rules=", "")));
    playwright = Chromium.playwright();
    context =
        playwright
            .chromium()
            .launchPersistentContext(
                profile,
                new LaunchPersistentContextOptions()
                    .setExecutablePath(program)
                    .setArgs(arguments)
                    .setPermissions(List.of("notifications")));
    context.onResponse(
        response -> answers.add(new ChromiumResponse(response.url(), response.status())));
    idle = context.pages().getFirst();
  }

  /**
   * @param profile an empty folder
   * @param addresses by name, for names that resolve differently
   */
  static DrivenChromium start(Path program, Path profile, Map<String, String> addresses) {
    return new DrivenChromium(program, profile, addresses);
  }

  @Override
  public String version() {
    return "Chromium " + Objects.requireNonNull(context.browser()).version();
  }

  @Override
  public Tab open() {
    return new ChromiumTab(context.newPage());
  }

  @Override
  public List<Integer> statuses(String prefix) {
    return answers.stream()
        .filter(chromiumResponse -> chromiumResponse.url().startsWith(prefix))
        .map(ChromiumResponse::status)
        .toList();
  }

  @Override
  public void pause(Duration time) {
    idle.waitForTimeout((double) time.toMillis());
  }

  @Override
  public void close() {
    context.close();
    playwright.close();
  }

  private static final class ChromiumTab implements Tab {
    private final Page page;
    private final List<Page> pages = new ArrayList<>();

    ChromiumTab(Page page) {
      this.page = page;
      follow(page);
    }

    private void follow(Page opened) {
      pages.add(opened);
      opened.onPopup(this::follow);
    }

    @Override
    public void go(String url) {
      ignoringFailures(
          () ->
              page.navigate(
                  url,
                  new Page.NavigateOptions()
                      .setWaitUntil(WaitUntilState.COMMIT)
                      .setTimeout(TIMEOUT_MILLIS)));
    }

    @Override
    public boolean triggerBait() {
      AtomicBoolean found = new AtomicBoolean();
      everyFrame(
          frame -> {
            Locator bait = frame.locator("#bait");
            if (bait.count() > 0) {
              found.set(true);
              bait.hover(new Locator.HoverOptions().setForce(true).setTimeout(TIMEOUT_MILLIS));
              take(bait);
            }
          });
      return found.get();
    }

    private static void take(Locator bait) {
      String text = bait.getAttribute(Gesture.ATTRIBUTE);
      Gesture gesture = Gesture.of(text == null ? "" : text);
      Locator.ClickOptions options =
          new Locator.ClickOptions().setForce(true).setTimeout(TIMEOUT_MILLIS);
      if (!gesture.modifier().isEmpty()) {
        String modifier = gesture.modifier().toUpperCase(Locale.ROOT);
        options.setModifiers(List.of(KeyboardModifier.valueOf(modifier)));
      }
      switch (gesture.action()) {
        case CLICK -> bait.click(options);
        case MIDDLE_CLICK -> bait.click(options.setButton(MouseButton.MIDDLE));
        case ENTER -> bait.press(gesture.modifier() + "+Enter");
        case TAPS -> tap(bait.page(), Objects.requireNonNull(bait.boundingBox()));
      }
    }

    private static void tap(Page page, BoundingBox box) {
      for (int i = 0; i < Gesture.TAPS; i++) {
        page.mouse().click(box.x + box.width / 2, box.y + box.height / 2);
        page.waitForTimeout((double) Gesture.BETWEEN_TAPS.toMillis());
      }
    }

    @Override
    public void show() {
      ignoringFailures(page::bringToFront);
    }

    @Override
    public void drag() {
      everyFrame(
          frame -> {
            if (frame.locator("#drag").count() > 0) {
              frame.dragAndDrop(
                  "#drag", "#drop", new Frame.DragAndDropOptions().setTimeout(TIMEOUT_MILLIS));
            }
          });
    }

    @Override
    public void back() {
      ignoringFailures(
          () ->
              page.goBack(
                  new Page.GoBackOptions()
                      .setWaitUntil(WaitUntilState.COMMIT)
                      .setTimeout(TIMEOUT_MILLIS)));
    }

    @Override
    public boolean containsText(String text) {
      AtomicBoolean found = new AtomicBoolean();
      everyFrame(
          frame -> {
            if (frame.content().contains(text)) {
              found.set(true);
            }
          });
      return found.get();
    }

    private void everyFrame(Consumer<Frame> action) {
      for (Page each : List.copyOf(pages)) {
        for (Frame frame : List.copyOf(each.frames())) {
          ignoringFailures(() -> action.accept(frame));
        }
      }
    }

    /** Ignores failures, because a hostile page may leave, close or crash at any time. */
    private static void ignoringFailures(Runnable action) {
      try {
        action.run();
      } catch (PlaywrightException gone) {
        return;
      }
    }

    @Override
    public void close() {
      List.copyOf(pages).forEach(each -> ignoringFailures(each::close));
    }
  }
}
