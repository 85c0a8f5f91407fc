package io.dropserver.tests.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import io.dropserver.tests.browser.Chromium;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A page of the shell that shows a program, and everything that the browser complains about. When
 * the page is closed, each console line must be one of those that the test lists.
 */
final class CataloguePage implements AutoCloseable {
  /** A first load of a large program on a machine with other load. */
  private static final double TIMEOUT_MILLIS = 120_000;

  /**
   * Lines of every page of the shell: the headers name features that this browser may not know, and
   * a first visit clears the data of the host.
   */
  private static final List<Pattern> OF_THE_SHELL =
      List.of(
          Pattern.compile("Error with Permissions-Policy header: .*"),
          Pattern.compile("Clear-Site-Data header on .*"),
          Pattern.compile("Unrecognized Content-Security-Policy directive 'webrtc'\\."));

  private final CatalogueInstance instance;
  private final BrowserContext context;
  private final Page page;
  private final List<Pattern> expected = new ArrayList<>(OF_THE_SHELL);
  private final List<String> messages = new ArrayList<>();

  CataloguePage(CatalogueInstance instance, Chromium chromium) {
    this.instance = instance;
    this.context = chromium.browser().newContext();
    this.page = context.newPage();
    page.setDefaultTimeout(TIMEOUT_MILLIS);
    page.onConsoleMessage(
        message -> {
          if (List.of("error", "warning").contains(message.type())) {
            messages.add(message.text());
          }
        });
    page.onPageError(error -> messages.add("uncaught: " + error));
  }

  /**
   * Declares a console line of the program that is no fault.
   *
   * @param pattern a regular expression for the whole line
   * @param cause why the program writes it
   */
  CataloguePage expect(String pattern, String cause) {
    assertThat(cause).isNotBlank();
    assertThat(pattern).doesNotContain("uncaught", "Security Policy");
    expected.add(Pattern.compile(pattern, Pattern.DOTALL));
    return this;
  }

  /** Opens a path of the program in the shell, and returns its frame. */
  Frame open(String path) {
    page.navigate(instance.shell(path));
    return page.waitForSelector("iframe.app").contentFrame();
  }

  Page page() {
    return page;
  }

  @Override
  public void close() {
    context.close();
    assertThat(messages)
        .as("what the browser complained about")
        .filteredOn(line -> expected.stream().noneMatch(it -> it.matcher(line).matches()))
        .isEmpty();
  }
}
