package io.dropserver.web.identity;

import io.dropserver.web.openid.Provider;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends the log-in page. The page does not depend on the state of providers. Thread-safe.
 *
 * @param providers in the order of their buttons
 */
record LoginForm(Collection<Provider> providers) {

  /**
   * What the page shows.
   *
   * @param name the user name that is filled in
   * @param to a valid redirect target
   * @param again whether the person must prove their identity now
   * @param problem why the last attempt failed; empty for none
   */
  record View(String name, String to, boolean again, String problem) {}

  void send(ShellRequest shellRequest, int status, View view) {
    PageLayout pageLayout =
        PageLayout.of("Log in", Optional.empty(), Section.OTHER)
            .withScripts("login.js", "passkey.js");
    shellRequest.sendPage(
        status,
        "login",
        Map.of(
            "chrome",
            pageLayout,
            "name",
            view.name(),
            "to",
            view.to(),
            "problem",
            view.problem(),
            "buttons",
            buttons(view)));
  }

  private List<LoginButton> buttons(View view) {
    String query =
        "?to="
            + URLEncoder.encode(view.to(), StandardCharsets.UTF_8)
            + (view.again() ? "&again=1" : "");
    return providers.stream()
        .map(
            provider ->
                new LoginButton(
                    provider.displayName(), OpenIdPages.PREFIX + provider.name() + query))
        .toList();
  }
}
