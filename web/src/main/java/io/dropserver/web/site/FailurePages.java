package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.site.Site;
import io.dropserver.schema.status.SandboxReason;
import io.dropserver.web.page.Page;
import io.dropserver.web.upstream.UpstreamException;

/** Pages that tell a visitor what went wrong. The owner finds the reason in the conditions. */
final class FailurePages {
  private FailurePages() {}

  static Page notStarted(SandboxException e) {
    return e.reason() == SandboxReason.BACKOFF
        ? Page.later(
            503, "Not now", "This app stopped unexpectedly and is about to be restarted.", 5)
        : Page.later(503, "Not now", "This app could not be started. Its owner can see why.", 30);
  }

  static Page upstream(UpstreamException e) {
    return switch (e.kind()) {
      case UNREACHABLE, CLOSED ->
          Page.later(502, "The app broke off", "The app ended before it answered.", 1);
      case TIMEOUT -> Page.of(504, "No answer", "The app took too long to answer.");
      case MALFORMED -> Page.of(502, "No proper answer", "The app's answer was not valid.");
    };
  }

  static Page of(ProxyRequestBody.IncompleteBody incompleteBody) {
    return incompleteBody.status() == 408
        ? Page.of(408, "Too slow", "What you sent came too slowly, and was given up.")
        : Page.of(400, "Cut short", "What you sent did not arrive whole. Send it again.");
  }

  static Page of(Admission.Refusal refusal) {
    return switch (refusal) {
      case APPSPACE ->
          Page.later(503, "Busy", "This app has as many requests as it can take. Try again.", 1);
      case CLIENT -> Page.later(429, "Too many requests", "Wait for your other requests first.", 1);
      case SERVER ->
          Page.later(503, "Busy", "This server has as many requests as it can take. Try again.", 2);
    };
  }

  static Page refused() {
    return Page.of(
        502,
        "Redirect refused",
        "The app tried to send you to another site, which its owner has not allowed.");
  }

  static Page of(Site.State state) {
    return switch (state) {
      case Site.Serving _ -> Page.of(200, "Ready", "");
      case Site.Preparing _ ->
          Page.later(503, "Almost there", "This app is being installed. Try again in a moment.", 2);
      case Site.Paused _ -> Page.later(503, "Paused", "This app has been paused by its owner.", 60);
      case Site.Failed _ ->
          Page.later(503, "Out of order", "This app cannot be served. Its owner can see why.", 30);
    };
  }
}
