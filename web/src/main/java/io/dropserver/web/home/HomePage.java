package io.dropserver.web.home;

import io.dropserver.schema.text.VisibleText;
import io.dropserver.web.home.AppMetadataSource.AppMetadata;
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
  private HomePage() {}

  /**
   * An appspace that the visitor may open.
   *
   * @param href the path of the appspace's page on the shell's host
   */
  public record HomeEntry(
      String appspace, String href, AppspaceState standing, AppMetadata metadata) {}

  /**
   * A card, as {@code home.jte} renders it.
   *
   * @param text the app's description, made safe to display, or why the appspace cannot be opened
   */
  public record HomeCard(String name, String href, String icon, String text, AppspaceState state) {}

  /** Sends the page. */
  public static void send(
      ShellRequest shellRequest, Optional<Visitor> visitor, List<HomeEntry> places) {
    PageLayout pageLayout =
        PageLayout.of(shellRequest.shell().host(), visitor.map(Visitor::viewer), Section.HOME);
    shellRequest.sendPage(
        200,
        "home",
        Map.of("chrome", pageLayout, "cards", places.stream().map(HomePage::card).toList()));
  }

  private static HomeCard card(HomeEntry homeEntry) {
    return new HomeCard(
        homeEntry.appspace(),
        homeEntry.href(),
        Icons.path(homeEntry.appspace(), homeEntry.metadata()),
        text(homeEntry),
        homeEntry.standing());
  }

  private static String text(HomeEntry homeEntry) {
    return switch (homeEntry.standing()) {
      case READY, ASLEEP, STARTING -> {
        String description = homeEntry.metadata().description();
        yield VisibleText.line(description.isEmpty() ? homeEntry.metadata().app() : description);
      }
      case PREPARING, PAUSED, FAILED -> homeEntry.standing().sentence();
    };
  }
}
