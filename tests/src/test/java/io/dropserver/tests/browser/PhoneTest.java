package io.dropserver.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.MembersApp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The front door's own pages on a phone: no page scrolls sideways, and controls are large enough.
 */
@Tag("slow")
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(RetryOnBrowserCrash.class)
class PhoneTest {
  private static final List<String> PAGES =
      List.of(
          "/",
          "/account",
          "/login?again=1",
          "/nowhere",
          "/dashboard",
          "/dashboard/a/notes",
          "/dashboard/a/notes/restore",
          "/dashboard/people");

  private LiveInstance instance;
  private Chromium chromium;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    instance = MembersApp.create(folder);
    instance
        .repository()
        .replace(
            "instance.yaml",
            "reconcile: {interval: 1h}",
            "reconcile: {interval: 1h}\n  approvals: {decide: dashboard}")
        .replace(
            "apps/notes/dropapp.json",
            "\"runtime\": \"fetch\",",
            """
            "runtime": "fetch",
              "egress": [{"url": "https://a-very-long-name-of-a-host.which-is-not-short.example.org/", "methods": ["GET"], "reason": "the weather"}],\
            """)
        .push("An app that suggests");
    instance.startServing();
    chromium = Chromium.start();
  }

  @AfterAll
  void stop() {
    chromium.close();
    instance.close();
  }

  private Page phone() {
    Page page =
        chromium
            .browser()
            .newContext(
                new NewContextOptions()
                    .setViewportSize(390, 844)
                    .setIsMobile(true)
                    .setHasTouch(true))
            .newPage();
    page.navigate(instance.enroll("alice"));
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Continue")).tap();
    page.waitForURL(instance.shell("/account"));
    return page;
  }

  /** Returns the controls that are lower or narrower than 44 pixels. Links in sentences may be. */
  @SuppressWarnings("unchecked") // the script returns a list of strings
  private static List<String> smallTargets(Page page) {
    return (List<String>)
        page.evaluate(
            """
            () => [...document.querySelectorAll(
                "a.button, button, input:not([type=hidden]), select, summary, nav a, .brand, h3 a, tbody th a")]
              .map((each) => [each, (each.matches("[type=checkbox]") ? each.closest("label") : each)
                .getBoundingClientRect()])
              .filter(([, box]) => box.width > 0 && (box.height < 43.9 || box.width < 43.9))
              .map(([each, box]) => `${each.outerHTML.slice(0, 120)}: ${box.width} x ${box.height}`)
            """);
  }

  private static int overflow(Page page) {
    return (int)
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
  }

  @Test
  void noPageScrollsSidewaysAndTargetsAreLargeEnough() {
    Page page = phone();
    for (String path : PAGES) {
      page.navigate(instance.shell(path));
      assertThat(overflow(page)).as(path).isZero();
      assertThat(smallTargets(page)).as(path).isEmpty();
    }
    page.context().close();
  }

  private void tap(Page page, AriaRole role, String name) {
    page.getByRole(role, new Page.GetByRoleOptions().setName(name)).first().tap();
  }

  @Test
  void anInvitationAndAnApprovalAreMadeByThreeTapsEach() {
    Page page = phone();
    page.navigate(instance.shell("/"));
    tap(page, AriaRole.LINK, "Dashboard");
    tap(page, AriaRole.LINK, "People");
    tap(page, AriaRole.BUTTON, "Create a link for Bob");
    assertThat(page.getByLabel("The link").inputValue()).contains("/enrol?token=");

    page.navigate(instance.shell("/"));
    tap(page, AriaRole.LINK, "Dashboard");
    tap(page, AriaRole.LINK, "Approve or deny the request of notes");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Approve"))
        .first()
        .waitFor();
    assertThat(overflow(page)).isZero();
    assertThat(smallTargets(page)).isEmpty();
    tap(page, AriaRole.BUTTON, "Approve");
    page.getByText("Allowed: ").waitFor();
    page.context().close();
  }
}
