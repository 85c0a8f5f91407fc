package io.dropserver.web.home;

import io.dropserver.base.text.VisibleText;
import io.dropserver.web.home.AppMetadataSource.AppMetadata;
import io.dropserver.web.identity.ShellPages.Notice;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends the shell's home page, with a card for each appspace that the visitor may open.
 * Thread-safe.
 */
public final class HomePage {
  /** The number of messages on the page. The page shows the number of all. */
  private static final int MAX_NOTICES = 20;

  private HomePage() {}

  /**
   * The card of an appspace that the visitor may open, as {@code home.jte} renders it.
   *
   * @param href the path of the appspace's page on the shell's host
   * @param unread the number of messages that the visitor has not read
   * @param text the app's description, made safe to display, or why the appspace cannot be opened
   */
  public record HomeCard(
      String name, String href, String icon, String text, AppspaceState state, long unread) {}

  /**
   * Sends the page.
   *
   * @param notices the visitor's unread messages, newest first
   */
  public static void send(
      ShellRequest shellRequest,
      Optional<Visitor> visitor,
      List<HomeCard> cards,
      List<Notice> notices) {
    PageLayout pageLayout =
        PageLayout.of(shellRequest.shell().host(), visitor.map(Visitor::viewer), Section.HOME);
    shellRequest.sendPage(
        200,
        "home",
        Map.of(
            "chrome",
            pageLayout,
            "cards",
            cards,
            "notices",
            notices.stream().limit(MAX_NOTICES).toList(),
            "unread",
            notices.size()));
  }

  /**
   * Creates the card of an appspace.
   *
   * @param href the path of the appspace's page on the shell's host
   */
  public static HomeCard card(
      String appspace, String href, AppspaceState state, AppMetadata metadata, long unread) {
    String icon = Icons.path(appspace, metadata);
    return new HomeCard(appspace, href, icon, text(state, metadata), state, unread);
  }

  private static String text(AppspaceState state, AppMetadata metadata) {
    return switch (state) {
      case READY, ASLEEP, NEW, STOPPED, STARTING -> {
        String description = metadata.description();
        yield VisibleText.line(description.isEmpty() ? metadata.app() : description);
      }
      case PREPARING, PAUSED, FAILED -> state.sentence();
    };
  }
}
