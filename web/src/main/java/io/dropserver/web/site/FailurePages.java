package io.dropserver.web.site;

import io.dropserver.base.text.Sizes;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.state.site.Site;
import io.dropserver.web.access.AccessEndedException;
import io.dropserver.web.page.Page;
import io.dropserver.web.upstream.UpstreamException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The error pages of an appspace for visitors. They omit the reason, which owners find on the
 * appspace's page of the dashboard. Thread-safe.
 */
final class FailurePages {
  private static final Logger LOG = LoggerFactory.getLogger(FailurePages.class);
  private static final String NOT_AVAILABLE = "Not available";
  private static final String CANNOT_BE_SERVED = "This app cannot be served.";

  /** The path of an appspace's page of the dashboard, on the shell's host, without its name. */
  private static final String DASHBOARD = "/dashboard/a/";

  /** The page for a request that was ended with the right by which it was admitted. */
  static final Page ENDED =
      Page.of(
          403,
          "Access has changed",
          "Your access to this app has changed, so this request was stopped. Load the page again.");

  private static final Page PAUSED =
      Page.of(503, "Paused", "This app is paused until its owner or an admin resumes it.");

  private FailurePages() {}

  /** Sends the page for a failure of the app, or aborts the exchange after one of the client. */
  static void send(ProxyExchange proxyExchange, Exception failure) {
    switch (failure) {
      case SandboxException e when proxyExchange.open().hasLeft() -> proxyExchange.abort(e);
      case SandboxException e when e.reason() == SandboxReason.AT_CAPACITY ->
          proxyExchange.fail(noPlace(proxyExchange.leaseCaller().kind().longestWait()), e);
      case SandboxException e -> proxyExchange.fail(notStarted(e, proxyExchange.dashboard()), e);
      case UpstreamException e -> {
        LOG.debug("{}: {}", proxyExchange.route().site().appspace(), e.getMessage());
        proxyExchange.fail(upstream(e), e);
      }
      case RequestProxy.RefusedResponse e -> proxyExchange.fail(refused(), e);
      case ProxyRequestBody.TooLarge e -> proxyExchange.fail(of(e), e);
      case ProxyRequestBody.IncompleteBody e -> proxyExchange.fail(of(e), e);
      case AccessEndedException e -> proxyExchange.fail(ENDED, e);
      case IllegalArgumentException e ->
          proxyExchange.fail(
              Page.of(431, "Request headers too long", "The request's headers are too long."), e);
      default -> proxyExchange.abort(failure); // the client disconnected, or reads too slowly
    }
  }

  /** Returns the path of the page that shows on the shell's host why an appspace failed. */
  static String dashboardPath(String appspace) {
    return DASHBOARD + appspace;
  }

  /**
   * @param dashboard the address of the page that shows the reason; empty for visitors who may not
   *     see it
   */
  static Page notStarted(SandboxException e, Optional<String> dashboard) {
    return e.reason() == SandboxReason.BACKOFF
        ? Page.later(
            503,
            "Not now",
            "This app stopped unexpectedly and will restart shortly."
                + dashboard.map(page -> " " + page + " shows the reason.").orElse(""),
            5)
        : Page.later(503, "Not now", "This app could not be started. " + reason(dashboard), 30);
  }

  /** Other apps use all places, or too many requests wait. */
  static Page noPlace(Duration longestWait) {
    return Page.later(
        503,
        "Busy",
        "This server runs as many apps as it can. A request for another app waits up to %d seconds for one of them to rest. Try again."
            .formatted(longestWait.toSeconds()),
        10);
  }

  private static String reason(Optional<String> dashboard) {
    return dashboard
        .map(page -> page + " shows the reason.")
        .orElse("Its owner can see the reason.");
  }

  /** Returns the notice of the shell for the owner of a failed appspace, or for an admin. */
  static Page failedForOwner(String appspace) {
    return Page.later(503, NOT_AVAILABLE, CANNOT_BE_SERVED, 30)
        .withLink(new Page.Link(dashboardPath(appspace), "Show the reason"));
  }

  /**
   * Returns the notice of the shell for a paused appspace.
   *
   * @param manages whether the visitor sees the appspace on the dashboard
   */
  static Page paused(String appspace, boolean manages) {
    return manages
        ? Page.of(
                503,
                "Paused",
                appspace
                    + " is stopped; its data is kept. To resume it, remove \"state: paused\" in Git"
                    + " or, if an operator paused it, run \"dropserver unpause "
                    + appspace
                    + "\". The dashboard shows which.")
            .withLink(new Page.Link(dashboardPath(appspace), "To the dashboard"))
        : PAUSED;
  }

  private static Page upstream(UpstreamException e) {
    return switch (e.kind()) {
      case UNREACHABLE, CLOSED ->
          Page.later(
              502,
              "The app stopped responding",
              "The app ended before it sent a complete response.",
              1);
      case TIMEOUT -> Page.of(504, "No response", "The app took too long to respond.");
      case MALFORMED -> Page.of(502, "Invalid response", "The app's response was not valid.");
    };
  }

  private static Page of(ProxyRequestBody.TooLarge tooLarge) {
    return Page.of(
        413,
        "Too large",
        "This app accepts at most " + Sizes.text(tooLarge.limit()) + " at a time.");
  }

  private static Page of(ProxyRequestBody.IncompleteBody incompleteBody) {
    return incompleteBody.status() == 408
        ? Page.of(
            408,
            "Too slow",
            "Your request was stopped, because %s.".formatted(incompleteBody.getMessage()))
        : Page.of(
            400, "Incomplete request", "Your request did not arrive completely. Send it again.");
  }

  static Page of(Admission.Refusal refusal) {
    return switch (refusal) {
      case APPSPACE ->
          Page.later(503, "Busy", "This app is at its limit of requests. Try again.", 1);
      case CLIENT ->
          Page.later(429, "Too many requests", "Wait until your other requests have ended.", 1);
      case SERVER ->
          Page.later(503, "Busy", "This server is at its limit of requests. Try again.", 2);
    };
  }

  private static Page refused() {
    return Page.of(
        502,
        "Redirect refused",
        "The app tried to send you to another site, which its owner has not allowed.");
  }

  /**
   * @param dashboard see {@link #notStarted}
   */
  static Page of(Site.State state, Optional<String> dashboard) {
    return switch (state) {
      case Site.Serving _ -> Page.of(200, "Ready", "");
      case Site.Preparing _ ->
          Page.later(503, "Almost there", "This app is being installed. Try again in a moment.", 2);
      case Site.Paused _ -> PAUSED;
      case Site.Failed _ ->
          Page.later(503, NOT_AVAILABLE, CANNOT_BE_SERVED + " " + reason(dashboard), 30);
    };
  }
}
