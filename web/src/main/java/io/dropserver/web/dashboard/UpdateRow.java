package io.dropserver.web.dashboard;

import io.dropserver.control.UpdateStatus;
import java.time.Instant;

/** A new version of an app, as pages show it. */
public record UpdateRow(
    String app, String version, String commit, String summary, String path, Instant offeredAt) {
  static UpdateRow of(UpdateStatus update) {
    return new UpdateRow(
        DisplayText.line(update.app()),
        DisplayText.line(update.version()),
        update.commit(),
        DisplayText.line(update.summary()),
        UpdatePage.PATH + update.app() + "/" + update.version(),
        update.offeredAt());
  }
}
