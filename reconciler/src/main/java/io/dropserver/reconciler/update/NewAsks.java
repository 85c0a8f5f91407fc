package io.dropserver.reconciler.update;

import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.BrowserRequest;
import io.dropserver.schema.instance.DropappManifest.Permission;
import io.dropserver.schema.instance.DropappManifest.SuggestedEgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a version asks for and an earlier version did not. A new kind of request of the manifest
 * belongs here, so that updates name it and are not merged automatically.
 *
 * @param lines one for each request; from the app, and not yet safe to show
 */
record NewAsks(List<String> lines) {
  NewAsks {
    lines = List.copyOf(lines);
  }

  /**
   * @param before empty if the manifest of the earlier version is not known; then everything is new
   */
  static NewAsks between(Optional<DropappManifest> before, DropappManifest after) {
    List<String> lines = new ArrayList<>();
    Set<String> destinations =
        before.stream()
            .flatMap(manifest -> manifest.egress().stream())
            .map(NewAsks::destination)
            .collect(Collectors.toSet());
    for (SuggestedEgress egress : after.egress()) {
      if (!destinations.contains(destination(egress))) {
        lines.add("egress: " + destination(egress) + reason(egress.reason()));
      }
    }
    Set<String> permissions = before.map(DropappManifest::permissionNames).orElse(Set.of());
    for (Permission permission : after.permissions()) {
      if (!permissions.contains(permission.name())) {
        lines.add("permission: " + permission.name() + reason(permission.description()));
      }
    }
    Set<String> features =
        before.stream()
            .flatMap(manifest -> manifest.browser().stream())
            .map(BrowserRequest::feature)
            .collect(Collectors.toSet());
    for (BrowserRequest browser : after.browser()) {
      if (!features.contains(browser.feature())) {
        lines.add("browser: " + browser.feature() + reason(browser.reason()));
      }
    }
    List<AppJob> jobs = before.map(DropappManifest::jobs).orElse(List.of());
    for (AppJob job : after.jobs()) {
      if (!jobs.contains(job)) {
        lines.add("job: " + job.name() + ", " + job.schedule() + ", " + job.path());
      }
    }
    return new NewAsks(lines);
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  private static String destination(SuggestedEgress egress) {
    return egress.url() + " (" + String.join(", ", egress.methods()) + ")";
  }

  private static String reason(String text) {
    return text.isEmpty() ? "" : " \u2013 " + text;
  }
}
