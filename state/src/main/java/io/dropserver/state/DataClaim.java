package io.dropserver.state;

import io.dropserver.state.DataFolder.Writer;
import java.util.Optional;

/**
 * The request of an appspace for a data folder.
 *
 * @param renamedFrom the appspace whose data is taken over
 * @param startEmpty whether a person decided that the appspace gets none of the data that is
 *     withheld
 * @param writer the app version for which a new folder is created
 */
public record DataClaim(
    String appspace,
    String app,
    String owner,
    Optional<String> renamedFrom,
    boolean startEmpty,
    Optional<Writer> writer) {

  /** Returns whether data belongs to the same app and owner. */
  public boolean matches(DataFolder data) {
    return data.app().equals(app) && data.owner().equals(owner);
  }
}
