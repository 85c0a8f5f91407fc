package io.dropserver.web.home;

import io.dropserver.schema.text.VisibleText;
import io.dropserver.web.home.Appearances.Appearance;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The shell's home page: a card for each appspace that the visitor may open. */
public final class HomePage {
  private HomePage() {}

  /**
   * An appspace that the visitor may open.
   *
   * @param href path at the shell
   */
  public record Place(String appspace, String href, Standing standing, Appearance look) {}

  /**
   * A card, as {@code home.jte} renders it.
   *
   * @param text the app's own description, made safe to display, or why the appspace cannot be
   *     opened
   */
  public record Card(String name, String href, String icon, String text, Standing standing) {}

  /** Sends the page. */
  public static void send(ShellRequest asked, Optional<Visitor> visitor, List<Place> places) {
    Chrome chrome = Chrome.of(asked.shell().host(), visitor.map(Visitor::viewer), Section.HOME);
    asked.page(
        200,
        "home",
        Map.of("chrome", chrome, "cards", places.stream().map(HomePage::card).toList()));
  }

  private static Card card(Place place) {
    return new Card(
        place.appspace(),
        place.href(),
        Icons.path(place.appspace(), place.look()),
        text(place),
        place.standing());
  }

  private static String text(Place place) {
    return switch (place.standing()) {
      case READY, ASLEEP, STARTING -> {
        String description = place.look().description();
        yield VisibleText.line(description.isEmpty() ? place.look().app() : description);
      }
      case PREPARING, PAUSED, FAILED -> place.standing().sentence();
    };
  }
}
